import type { PodRow } from "@ambit/contract/admin-api.ts";
import type { Metrics } from "@ambit/runtime/metrics.ts";
import type { Counter } from "prom-client";
import type { ZdsServer } from "./zds-server.ts";

/** What the metrics are read from when they are asked for. */
export interface MetricSources {
  readonly pods: () => readonly PodRow[];
  readonly zds: ReadonlyMap<string, Pick<ZdsServer, "connected">>;
}

/** Registers the node agent's own metrics. All are read at the time of the scrape. */
export function agentMetrics(metrics: Metrics, sources: MetricSources): void {
  metrics.gauge(
    "ambit_node_agent_pods",
    "Pods by node and by how far their capture is",
    ["node", "redirection"],
    (gauge) => {
      gauge.reset();
      for (const pod of sources.pods()) {
        gauge.labels(pod.node, pod.redirection || "none").inc();
      }
    },
  );
  metrics.gauge(
    "ambit_node_agent_container_restarts",
    "Restarts of the containers that are there",
    [],
    (gauge) => {
      gauge.set(sources.pods().reduce((sum, pod) => sum + pod.restarts, 0));
    },
  );
  metrics.gauge(
    "ambit_node_agent_proxy_connected",
    "Whether the proxy of a node is connected (1) or not (0)",
    ["node"],
    (gauge) => {
      for (const [node, server] of sources.zds) gauge.labels(node).set(server.connected ? 1 : 0);
    },
  );
}

/** Registers the count of containers that sent packets before they were captured, which begins at 0 for each reason. */
export function earlySendMetric(metrics: Metrics, reasons: readonly string[]): Counter {
  const counter = metrics.counter(
    "ambit_node_agent_early_sends_total",
    "Containers that sent packets before they were captured, by why nothing held them",
    ["reason"],
  );
  for (const reason of reasons) counter.labels(reason).inc(0);
  return counter;
}
