import { closeSync, readFileSync } from "node:fs";
import { openNamespace, withNamespace } from "@ambit/io/netns.ts";

/** What a namespace had seen by the time of a look. */
export interface EarlyTraffic {
  /** TCP connections its processes opened or accepted, over loopback too. */
  readonly connections: number;
  /**
   * Bytes of IP packets that went out to single peers by other interfaces than loopback, after whatever rules drop. ARP is
   * no IP, and what IPv4 and IPv6 send to groups and everybody (router solicitations, neighbour discovery) is not counted.
   */
  readonly bytes: number;
}

/** The kernel's tables of a namespace, as /proc/net shows them; empty where there is none. */
export interface TrafficTables {
  readonly snmp: string;
  readonly netstat: string;
  readonly snmp6: string;
  readonly dev: string;
}

/** Counts what a namespace has sent since it was made. Throws what opening it throws. */
export function readEarlyTraffic(netnsPath: string): EarlyTraffic {
  const fd = openNamespace(netnsPath);
  try {
    return countTraffic(
      withNamespace(fd, () => ({
        snmp: readTable("snmp"),
        netstat: readTable("netstat"),
        snmp6: readTable("snmp6"),
        dev: readTable("dev"),
      })),
    );
  } finally {
    closeSync(fd);
  }
}

/**
 * Counts from the kernel's tables. No interface tells ARP from IP, so what left is what the IP layers sent less what
 * loopback carried, which is counted there in the same bytes.
 */
export function countTraffic({ snmp, netstat, snmp6, dev }: TrafficTables): EarlyTraffic {
  const tcp = twoLines(snmp, "Tcp");
  const ip = twoLines(netstat, "IpExt");
  const ip6 = new Map(snmp6.split("\n").map((line) => pair(line.trim().split(/\s+/))));
  const count = (table: ReadonlyMap<string, number>, name: string): number => table.get(name) ?? 0;
  const sent4 = count(ip, "OutOctets") - count(ip, "OutMcastOctets") - count(ip, "OutBcastOctets");
  // Reports of group membership count twice among the groups' bytes: never less than nothing.
  const sent6 = Math.max(0, count(ip6, "Ip6OutOctets") - count(ip6, "Ip6OutMcastOctets"));
  return {
    connections: count(tcp, "ActiveOpens") + count(tcp, "PassiveOpens"),
    bytes: Math.max(0, sent4 + sent6 - loopbackBytes(dev)),
  };
}

/** A table of pairs of lines: names, then values, both after `NAME:`. */
function twoLines(text: string, name: string): ReadonlyMap<string, number> {
  const [names = [], values = []] = text
    .split("\n")
    .filter((line) => line.startsWith(`${name}: `))
    .map((line) => line.trim().split(" ").slice(1));
  return new Map(names.map((key, index) => pair([key, values[index]])));
}

function pair([key = "", value = ""]: readonly (string | undefined)[]): [string, number] {
  const number = Number(value);
  return [key, Number.isSafeInteger(number) ? number : 0];
}

/** Bytes that loopback has sent: the ninth number of its line. */
function loopbackBytes(dev: string): number {
  const [, numbers = ""] = /^\s*lo:(.*)$/m.exec(dev) ?? [];
  return pair(["", numbers.trim().split(/\s+/)[8]])[1];
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
