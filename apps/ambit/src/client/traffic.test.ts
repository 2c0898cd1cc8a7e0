import { expect, test } from "vitest";
import type { PodRow } from "@ambit/contract/admin-api.ts";
import { readTraffic } from "./traffic.ts";

const NOW = Date.parse("2026-01-01T00:00:10.000Z");

function pod(name: string, owner: string, node: string): PodRow {
  const rest = {
    ip: "",
    serviceAccount: "",
    phase: "Running",
    ready: true,
    restarts: 0,
    redirection: "enabled",
  };
  return { namespace: "default", name, owner, node, ...rest, netnsPath: "", holderPid: 0 };
}

const PODS = [pod("client-1", "client", "node-a"), pod("myapp-1", "myapp", "node-b")];

function line(time: string, extra: string): string {
  return `${time}\tinfo\taccess\tconnection complete\tsrc.workload="client-1" src.namespace="default" dst.service="myapp.default.svc.cluster.local" dst.workload="myapp-1" dst.namespace="default" ${extra}`;
}

const IDENTITIES =
  'src.identity="spiffe://a/ns/default/sa/client" dst.identity="spiffe://a/ns/default/sa/myapp"';

test("readTraffic() counts connections, identities, failures and replicas per edge", () => {
  const log = [
    line("2026-01-01T00:00:09.000Z", `${IDENTITIES} direction="outbound"`),
    line("2026-01-01T00:00:08.000Z", `${IDENTITIES} direction="outbound" error="connection refused"`),
    line("2026-01-01T00:00:08.000Z", `${IDENTITIES} direction="inbound"`),
    "rubbish\taccess\t",
  ].join("\n");
  const traffic = readTraffic([log], PODS, NOW);
  expect(traffic).toMatchObject({ perSecond: 0.2, mutualTlsShare: 1, successShare: 0.5 });
  expect(traffic.edges).toEqual([
    {
      source: "client",
      destination: "myapp",
      destinationOwner: "myapp",
      connections: 2,
      mutualTls: 2,
      failed: 1,
      replicas: ["myapp-1"],
      nodes: [["node-a", "node-b"]],
    },
  ]);
});

test("readTraffic() tells plaintext from mutual TLS", () => {
  const traffic = readTraffic([line("2026-01-01T00:00:09.000Z", 'direction="outbound"')], PODS, NOW);
  expect(traffic.mutualTlsShare).toBe(0);
});

test("readTraffic() leaves lines older than its window out", () => {
  const traffic = readTraffic([line("2025-12-31T23:59:59.000Z", 'direction="outbound"')], PODS, NOW);
  expect(traffic.edges).toEqual([]);
});
