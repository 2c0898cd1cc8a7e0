import type { TlsSocket } from "@ambit/io/driver.ts";
import { parseSpiffeId } from "@ambit/model/spiffe-id.ts";
import type { TunnelPeer } from "../relay.ts";

/** The verified peer of a TLS socket: its first URI name that is an identity of a mesh; undefined without one. */
export function peerOf(socket: TlsSocket): TunnelPeer | undefined {
  let peer = known.get(socket);
  if (peer === undefined) {
    peer = readPeer(socket);
    if (peer !== undefined) known.set(socket, peer);
  }
  return peer;
}

// One tunnel asks for every one of its streams.
const known = new WeakMap<TlsSocket, TunnelPeer>();

function readPeer(socket: TlsSocket): TunnelPeer | undefined {
  const certificate = socket.peer;
  const identity = certificate?.uriSans.find((uri) => parseSpiffeId(uri) !== undefined);
  if (certificate === undefined || identity === undefined) return undefined;
  return {
    identity,
    serial: certificate.serial,
    address: socket.remote,
    certificate: Uint8Array.from(certificate.der),
  };
}
