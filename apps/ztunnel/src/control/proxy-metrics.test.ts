import { expect, test } from "vitest";
import { TRAFFIC_LABELS } from "../data/traffic-labels.ts";
import type { MetricSample } from "../messages.ts";
import { ProxyMetrics } from "./proxy-metrics.ts";

function metrics(samples: readonly MetricSample[]): ProxyMetrics {
  return new ProxyMetrics("0.1.0", {
    scrape: async () => samples,
    counts: () => ({ active: 3, pending: 1, started: 5, stopped: 2 }),
  });
}

test("text() joins the main thread's metrics with those of the data threads, summed up", async () => {
  const labels = TRAFFIC_LABELS.map((name) => (name === "reporter" ? 'so"urce\n' : name));
  const sample = { name: "istio_tcp_connections_opened_total", labels, value: 2 };
  const text = await metrics([sample, { ...sample, value: 3 }]).text();
  expect(text).toContain("# TYPE istio_tcp_connections_opened_total counter\n");
  expect(text).toMatch(
    /istio_tcp_connections_opened_total\{reporter="so\\"urce\\n",source_workload="source_workload",.*,destination_zone="destination_zone"\} 5\n/,
  );
  expect(text).toContain("workload_manager_active_proxy_count 3\n");
  expect(text).toContain("workload_manager_proxies_started_total 5\n");
  expect(text).toContain('istio_build{component="ztunnel",tag="0.1.0"} 1\n');
});

test("text() keeps totals from growing by being read", async () => {
  const proxy = metrics([]);
  await proxy.text();
  expect(await proxy.text()).toContain("workload_manager_proxies_stopped_total 2\n");
});

test("text() writes the histogram with its bounds", async () => {
  const labels = ["A", "udp", "web", "v1"];
  const name = "istio_dns_upstream_request_duration_seconds";
  const text = await metrics([
    { name: `${name}_bucket`, labels: [...labels, "0.01"], value: 1 },
    { name: `${name}_bucket`, labels: [...labels, "+Inf"], value: 2 },
    { name: `${name}_sum`, labels, value: 0.5 },
    { name: `${name}_count`, labels, value: 2 },
  ]).text();
  const common =
    'request_query_type="A",request_protocol="udp",source_canonical_service="web",source_canonical_revision="v1"';
  expect(text).toContain(`# TYPE ${name} histogram\n${name}_bucket{${common},le="0.01"} 1\n`);
  expect(text).toContain(
    `${name}_bucket{${common},le="+Inf"} 2\n${name}_sum{${common}} 0.5\n${name}_count{${common}} 2\n`,
  );
});

test("text() has no line twice, so that every scraper takes it", async () => {
  const text = await metrics([{ name: "istio_tcp_sockets_open", labels: ["source"], value: 1 }]).text();
  const types = text.match(/# TYPE \S+/g) ?? [];
  expect(new Set(types).size).toBe(types.length);
});
