import { closeSync, readFileSync } from "node:fs";
import { openNamespace, withNamespace } from "@ambit/io/netns.ts";
import { PORTS } from "@ambit/contract/ports.ts";

/** Ports of the proxy's own listeners in every captured namespace. */
const PROXY_PORTS: ReadonlySet<number> = new Set([
  PORTS.ztunnelOutbound,
  PORTS.ztunnelInboundPlaintext,
  PORTS.hbone,
  PORTS.ztunnelDns,
]);
/** More ports than this are no services but somebody's playing field. */
const MAX_PORTS = 64;
/** State of a listening socket in /proc/net/tcp (the kernel's TCP_LISTEN). */
const LISTEN = "0A";

/** TCP ports somebody listens on in a namespace and can be reached at from outside. Throws what opening it throws. */
export function listeningPorts(netnsPath: string): readonly number[] {
  const fd = openNamespace(netnsPath);
  try {
    const texts = withNamespace(fd, () => ["tcp", "tcp6"].map((name) => readTable(name)));
    return parseListeners(texts.join("\n"));
  } finally {
    closeSync(fd);
  }
}

/** The ports in the text of /proc/net/tcp and tcp6, in ascending order. */
export function parseListeners(text: string): readonly number[] {
  const ports = new Set<number>();
  for (const line of text.split("\n")) {
    const [, local = "", , state] = line.trim().split(/\s+/);
    const [address = "", hex = ""] = local.split(":");
    const port = Number.parseInt(hex, 16);
    if (state !== LISTEN || isLoopback(address) || PROXY_PORTS.has(port) || !(port > 0)) continue;
    ports.add(port);
  }
  return [...ports].toSorted((left, right) => left - right).slice(0, MAX_PORTS);
}

// Words of four bytes in the machine's order, which is little-endian everywhere we run.
function isLoopback(address: string): boolean {
  if (address.length === 8) return address.endsWith("7F");
  return address === "00000000000000000000000001000000" || /^0{16}FFFF0000.{6}7F$/.test(address);
}

function readTable(name: string): string {
  try {
    // Of the thread that is in the namespace, not of the process.
    return readFileSync(`/proc/thread-self/net/${name}`, "utf8");
  } catch {
    // No IPv6.
    return "";
  }
}
