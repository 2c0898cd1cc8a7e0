import type { TlsSocket } from "@ambit/io/driver.ts";
import { parseSpiffeId } from "@ambit/model/spiffe-id.ts";
import type { TunnelPeer } from "../relay.ts";

/**
 * The verified peer of a TLS socket: its only URI name, which must be an identity of a mesh; undefined otherwise. A second
 * URI makes it nobody (X509-SVID, section 2): which of two names counts would be the peer's choice.
 */
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
  if (certificate === undefined) return undefined;
  const [identity, ...more] = certificate.uriSans;
  if (identity === undefined || more.length > 0 || parseSpiffeId(identity) === undefined) return undefined;
  return {
    identity,
    serial: certificate.serial,
    address: socket.remote,
    certificate: Uint8Array.from(certificate.der),
  };
}
