import { describe, expect, test } from "vitest";
import { countTraffic, readEarlyTraffic, type TrafficTables } from "./early-traffic.ts";

interface Figures {
  readonly opened?: number;
  readonly accepted?: number;
  readonly ip?: number;
  readonly toGroups?: number;
  readonly toAll?: number;
  readonly ip6?: number;
  readonly toGroups6?: number;
  readonly loopback?: number;
}

/** The kernel's tables, as far as they are read, with the neighbours that must not be taken for them. */
function tables(figures: Figures): TrafficTables {
  const { opened = 0, accepted = 0, ip = 0, toGroups = 0, toAll = 0, loopback = 0 } = figures;
  return {
    snmp: [
      "Ip: Forwarding DefaultTTL",
      "Ip: 2 64",
      "Tcp: RtoAlgorithm MaxConn ActiveOpens PassiveOpens OutSegs",
      `Tcp: 1 -1 ${opened} ${accepted} 99`,
    ].join("\n"),
    netstat: [
      "TcpExt: OutOctets",
      "TcpExt: 77",
      "IpExt: InOctets OutOctets OutMcastOctets OutBcastOctets",
      `IpExt: 5 ${ip} ${toGroups} ${toAll}`,
    ].join("\n"),
    snmp6:
      figures.ip6 === undefined
        ? ""
        : `Ip6OutOctets                    \t${figures.ip6}\nIp6OutMcastOctets               \t${figures.toGroups6}\n`,
    dev: [
      "Inter-|   Receive                                                |  Transmit",
      " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets",
      `    lo: 1 2 0 0 0 0 0 0 ${loopback} 17 0 0 0 0 0 0`,
      "  eth0: 0 0 0 0 0 0 0 0 632 8 0 0 0 0 0 0",
    ].join("\n"),
  };
}

describe("countTraffic()", () => {
  test("is nothing for a namespace that has only told its neighbours of itself", () => {
    const quiet = tables({ ip6: 432, toGroups6: 432, ip: 80, toGroups: 60, toAll: 20 });
    expect(countTraffic(quiet)).toEqual({ connections: 0, bytes: 0 });
  });

  test("counts both families without what loopback carried", () => {
    // Seen in a namespace: 102,036 bytes over loopback in both families, and one SYN of 60 bytes that was refused.
    const seen = { opened: 3, accepted: 2, ip: 100_648, ip6: 1_880, toGroups6: 432, loopback: 102_036 };
    expect(countTraffic(tables(seen))).toEqual({ connections: 5, bytes: 60 });
  });

  test("does without IPv6, and takes what is no such table for nothing", () => {
    expect(countTraffic(tables({ opened: 1, ip: 60 }))).toEqual({ connections: 1, bytes: 60 });
    expect(countTraffic({ snmp: "", netstat: "", snmp6: "", dev: "" })).toEqual({ connections: 0, bytes: 0 });
    const odd = { snmp: "Tcp: ActiveOpens\nTcp: x", netstat: "IpExt: OutOctets", snmp6: "a\n", dev: "lo:" };
    expect(countTraffic(odd)).toEqual({ connections: 0, bytes: 0 });
  });

  test("is never less than nothing when groups' bytes count twice", () => {
    expect(countTraffic(tables({ ip: 60, ip6: 100, toGroups6: 180 })).bytes).toBe(60);
    expect(countTraffic(tables({ ip: 60, loopback: 61 })).bytes).toBe(0);
  });
});

test("readEarlyTraffic() says that a namespace cannot be opened", () => {
  expect(() => readEarlyTraffic("/nonexistent")).toThrow();
});
