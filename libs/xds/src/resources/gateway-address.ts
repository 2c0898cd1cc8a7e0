import { formatIp, isMapped, parseIp } from "@ambit/base/ip.ts";
import type { istio } from "@ambit/contract/gen/ambit.js";
import type { GatewayAddress } from "@ambit/model/workload.ts";
import { decodePortNumber, Rejection } from "./decoded.ts";

type Wire = istio.workload.GatewayAddress.$Properties;

/**
 * Canonical text of an address field; rejects anything but 4 or 16 bytes. A mapped IPv4 address becomes IPv4: connections
 * never come from or go to the other form, so it would never be found.
 */
export function decodeIp(bytes: Uint8Array | null | undefined, field: string): string {
  if (bytes === null || bytes === undefined || (bytes.length !== 4 && bytes.length !== 16)) {
    throw new Rejection(`${field}: an address of ${bytes?.length ?? 0} bytes`);
  }
  return formatIp(isMapped(bytes) ? bytes.subarray(12) : bytes);
}

/** The bytes of a canonical address. Throws a RangeError when the model holds none. */
export function encodeIp(ip: string): Uint8Array {
  const bytes = parseIp(ip);
  if (bytes === undefined) throw new RangeError(`Cannot encode "${ip}": no IP address`);
  return bytes;
}

export function decodeGateway(wire: Wire | null | undefined, field: string): GatewayAddress | undefined {
  if (wire === null || wire === undefined) return undefined;
  const hbonePort = decodePortNumber(wire.hboneMtlsPort, `${field}.hbone_mtls_port`);
  if (wire.hostname !== null && wire.hostname !== undefined) {
    const { namespace, hostname } = wire.hostname;
    return { kind: "hostname", namespace: namespace ?? "", hostname: hostname ?? "", hbonePort };
  }
  if (wire.address !== null && wire.address !== undefined) {
    const address = { network: wire.address.network ?? "", ip: decodeIp(wire.address.address, field) };
    return { kind: "address", address, hbonePort };
  }
  throw new Rejection(`${field}: no destination`);
}

export function encodeGateway(gateway: GatewayAddress | undefined): Wire | undefined {
  if (gateway === undefined) return undefined;
  if (gateway.kind === "hostname") {
    const { namespace, hostname } = gateway;
    return { hostname: { namespace, hostname }, hboneMtlsPort: gateway.hbonePort };
  }
  const { network, ip } = gateway.address;
  return { address: { network, address: encodeIp(ip) }, hboneMtlsPort: gateway.hbonePort };
}
