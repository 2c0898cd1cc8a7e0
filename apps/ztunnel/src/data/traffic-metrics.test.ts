import { expect, test } from "vitest";
import { facts, workload } from "../testing/build.ts";
import type { DerivedSource } from "./connection-facts.ts";
import { TRAFFIC_LABELS, trafficLabels } from "./traffic-labels.ts";
import { TrafficMetrics } from "./traffic-metrics.ts";

function derived(workloadName: string): DerivedSource {
  const rest = { canonicalName: "", canonicalRevision: "", clusterId: "", region: "", zone: "" };
  return { workloadName, namespace: "shop", ...rest };
}

function labelled(labels: readonly string[]): Record<string, string> {
  return Object.fromEntries(TRAFFIC_LABELS.map((name, index) => [name, labels[index] ?? "missing"]));
}

test("trafficLabels() fills every label of a tunnel", () => {
  const source = workload("web", { locality: { region: "r1", zone: "z1", subzone: "" } });
  expect(labelled(trafficLabels(facts({ source }), "-"))).toEqual({
    reporter: "destination",
    source_workload: "web-deployment",
    source_canonical_service: "web",
    source_canonical_revision: "v1",
    source_workload_namespace: "shop",
    source_principal: "spiffe://cluster.local/ns/shop/sa/web",
    source_app: "web",
    source_version: "v1",
    source_cluster: "Kubernetes",
    destination_service: "cart.shop.svc.cluster.local",
    destination_service_namespace: "shop",
    destination_service_name: "cart",
    destination_workload: "cart-deployment",
    destination_canonical_service: "cart",
    destination_canonical_revision: "v1",
    destination_workload_namespace: "shop",
    destination_principal: "spiffe://cluster.local/ns/shop/sa/cart",
    destination_app: "cart",
    destination_version: "v1",
    destination_cluster: "Kubernetes",
    request_protocol: "tcp",
    response_flags: "-",
    connection_security_policy: "mutual_tls",
    source_region: "r1",
    source_zone: "z1",
    destination_region: "unknown",
    destination_zone: "unknown",
  });
});

test("trafficLabels() says unknown where nothing is known, and no principal without mutual TLS", () => {
  const plain = facts({
    source: undefined,
    sourceIdentity: undefined,
    destinationIdentity: undefined,
    service: undefined,
    direction: "outbound",
  });
  expect(labelled(trafficLabels(plain, "CONNECT"))).toMatchObject({
    reporter: "source",
    source_workload: "unknown",
    source_canonical_revision: "unknown",
    source_principal: "unknown",
    destination_service: "unknown",
    destination_principal: "unknown",
    connection_security_policy: "unknown",
    response_flags: "CONNECT",
  });
});

test("series() is the same for the same tuple and another per flag", () => {
  const metrics = new TrafficMetrics();
  const series = metrics.series(facts(), "-");
  expect(metrics.series(facts(), "-")).toBe(series);
  expect(metrics.series(facts(), "DENY")).not.toBe(series);
});

test("series() beyond the bound are counted together, and no count is lost", () => {
  const metrics = new TrafficMetrics(2);
  for (let index = 0; index < 50; index++)
    metrics.series(facts({ source: workload(`web-${index}`) }), "-").opened++;
  const opened = metrics.samples().filter((sample) => sample.name === "istio_tcp_connections_opened_total");
  expect(opened).toHaveLength(3);
  expect(opened.reduce((sum, sample) => sum + sample.value, 0)).toBe(50);
  expect(labelled(opened[2]?.labels ?? [])).toMatchObject({
    reporter: "destination",
    source_workload: "unknown",
    request_protocol: "tcp",
    response_flags: "-",
  });
});

test("series() of what peers say about themselves are bounded apart; then their certificates alone count", () => {
  const metrics = new TrafficMetrics(10, 2);
  const said = (name: string) => ({ ...facts({ source: undefined }), derivedSource: derived(name) });
  for (let index = 0; index < 50; index++) metrics.series(said(`web-${index}`), "-").opened++;
  const opened = metrics.samples().filter((sample) => sample.name === "istio_tcp_connections_opened_total");
  expect(opened.map(({ value }) => value)).toEqual([1, 1, 48]);
  expect(labelled(opened[2]?.labels ?? [])).toMatchObject({
    source_workload: "unknown",
    source_principal: "spiffe://cluster.local/ns/shop/sa/web",
    destination_workload: "cart-deployment",
  });
  expect(metrics.series(facts(), "-").labels[1]).toBe("web-deployment");
});

test("samples() count open sockets by side", () => {
  const metrics = new TrafficMetrics();
  metrics.countSocket("inbound", 1);
  metrics.countSocket("outbound", 1);
  metrics.countSocket("outbound", 1);
  metrics.countSocket("inbound", -1);
  expect(metrics.samples().slice(0, 2)).toEqual([
    { name: "istio_tcp_sockets_open", labels: ["source"], value: 2 },
    { name: "istio_tcp_sockets_open", labels: ["destination"], value: 0 },
  ]);
});
