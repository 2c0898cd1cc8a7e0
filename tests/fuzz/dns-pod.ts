import type { Random } from "@ambit/base/random.ts";
import { MeshStore } from "@ambit/store/mesh-store.ts";
import { FakeClock } from "@ambit/testkit/fake-clock.ts";
import { DnsForwarder } from "../../apps/ztunnel/src/data/dns-forward.ts";
import { DnsMetrics } from "../../apps/ztunnel/src/data/dns-metrics.ts";
import { DnsServer } from "../../apps/ztunnel/src/data/dns-server.ts";
import { LocalWorkloads } from "../../apps/ztunnel/src/data/local-workloads.ts";
import { pod, service, workload } from "../../apps/ztunnel/src/testing/build.ts";

/** A pod's DNS server with a mesh behind it; nobody answers what it would forward. */
export function dnsServer(random: Random): DnsServer {
  const clock = new FakeClock();
  const store = new MeshStore();
  const address = (ip: string) => ({ network: "", ip, length: undefined });
  store.upsertService(service("cart", { addresses: [address("10.96.0.7"), address("fd00::7")] }));
  const many = Array.from({ length: 60 }, (_, index) => address(`10.97.0.${index}`));
  store.upsertService(service("many", { addresses: many }));
  const forwarder = new DnsForwarder([], {
    clock,
    random,
    open: () => Promise.reject(new Error("nobody is asked")),
  });
  const local = new LocalWorkloads({ clock, store, clusterId: "Kubernetes" });
  return new DnsServer(
    { ...pod("web"), workload: workload("web") },
    { clusterDomain: "cluster.local", preferredNamespace: undefined, ipv6: true },
    { clock, random, store, metrics: new DnsMetrics(), forwarder, local },
  );
}
