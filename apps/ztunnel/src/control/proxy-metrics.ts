import type { Counter, Gauge } from "prom-client";
import { Metrics } from "@ambit/runtime/metrics.ts";
import { DNS_LABELS } from "../data/dns-metrics.ts";
import { TRAFFIC_LABELS } from "../data/traffic-labels.ts";
import type { MetricSample } from "../messages.ts";

/** A family whose series live in the data threads. */
interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: "counter" | "gauge" | "histogram";
  readonly labelNames: readonly string[];
}

const TRAFFIC: readonly Family[] = [
  traffic("istio_tcp_connections_opened_total", "TCP connections opened"),
  traffic("istio_tcp_connections_closed_total", "TCP connections closed"),
  traffic("istio_tcp_connections_failed_total", "TCP connections that failed"),
  traffic("istio_tcp_received_bytes_total", "Bytes received from the downstream side"),
  traffic("istio_tcp_sent_bytes_total", "Bytes sent to the downstream side"),
  { name: "istio_tcp_sockets_open", help: "Connections open now", type: "gauge", labelNames: ["reporter"] },
];

/** Thousands of series are megabytes of text, which nobody should hold in one piece for every scrape. */
const PIECE_CHARACTERS = 32_768;

const DURATION = "istio_dns_upstream_request_duration_seconds";

const DNS: readonly Family[] = [
  dns("istio_dns_requests_total", "DNS questions of workloads"),
  dns("istio_dns_upstream_requests_total", "DNS questions that were forwarded"),
  dns("istio_dns_upstream_failures_total", "Forwarded DNS questions without a good answer"),
  { name: DURATION, help: "Time to an upstream's answer", type: "histogram", labelNames: DNS_LABELS },
];

function traffic(name: string, help: string): Family {
  return { name, help, type: "counter", labelNames: TRAFFIC_LABELS };
}

function dns(name: string, help: string): Family {
  return { name, help, type: "counter", labelNames: DNS_LABELS };
}

/** The process's metrics: those of the main thread, and those collected from the data threads at each scrape. */
export class ProxyMetrics extends Metrics {
  readonly xdsTerminations: Counter;
  readonly xdsMessages: Counter;
  readonly xdsMessageBytes: Counter;
  readonly onDemandLookups: Counter;
  /** Connections that were still open at the drain deadline. */
  readonly drainCut: Counter;
  readonly #scrape: () => Promise<readonly MetricSample[]>;

  constructor(
    version: string,
    deps: {
      readonly scrape: () => Promise<readonly MetricSample[]>;
      readonly counts: () => { active: number; pending: number; started: number; stopped: number };
    },
  ) {
    super({ component: "ztunnel", version });
    this.#scrape = deps.scrape;
    this.xdsTerminations = this.counter(
      "istio_xds_connection_terminations_total",
      "Discovery streams that ended",
      ["reason"],
    );
    this.xdsMessages = this.counter("istio_xds_message_total", "Discovery responses received", ["url"]);
    this.xdsMessageBytes = this.counter("istio_xds_message_bytes_total", "Bytes of discovery responses", [
      "url",
    ]);
    this.onDemandLookups = this.counter("ambit_on_demand_lookups_total", "Keys asked of discovery on demand");
    this.drainCut = this.counter(
      "ambit_drain_connections_cut_total",
      "Connections still open at the drain deadline, closed by us",
    );
    const gauge = (name: string, help: string, read: () => number): Gauge =>
      this.gauge(name, help, [], (self) => self.set(read()));
    gauge("workload_manager_active_proxy_count", "Pods that are served", () => deps.counts().active);
    gauge(
      "workload_manager_pending_proxy_count",
      "Pods that cannot be served yet",
      () => deps.counts().pending,
    );
    const total = (name: string, help: string, read: () => number): void => {
      const counter = this.counter(name, help);
      this.#totals.push(() => {
        counter.reset();
        counter.inc(read());
      });
    };
    total("workload_manager_proxies_started_total", "Pods whose serving began", () => deps.counts().started);
    total("workload_manager_proxies_stopped_total", "Pods whose serving ended", () => deps.counts().stopped);
  }

  readonly #totals: (() => void)[] = [];

  /** Asks the data threads first. */
  override async *pieces(): AsyncGenerator<string> {
    for (const update of this.#totals) update();
    const samples = await this.#scrape();
    yield* super.pieces();
    yield* exposition([...TRAFFIC, ...DNS], samples);
  }
}

/** Text exposition of the data threads' series, threads summed up. */
function* exposition(families: readonly Family[], samples: readonly MetricSample[]): Generator<string> {
  const labelNames = new Map(families.flatMap(namesByCounter));
  // The counters of one series share one array of labels, which is written out once.
  const written = new Map<readonly string[], string>();
  const sums = new Map<string, Map<string, number>>();
  for (const { name, labels, value } of samples) {
    let text = written.get(labels);
    if (text === undefined) written.set(labels, (text = labelText(labelNames.get(name) ?? [], labels)));
    let ofName = sums.get(name);
    if (ofName === undefined) sums.set(name, (ofName = new Map()));
    ofName.set(text, (ofName.get(text) ?? 0) + value);
  }
  let piece = "";
  for (const family of families) {
    piece += `\n# HELP ${family.name} ${family.help}\n# TYPE ${family.name} ${family.type}\n`;
    for (const [counter] of namesByCounter(family)) {
      for (const [text, value] of sums.get(counter) ?? []) {
        piece += `${counter}{${text}} ${value}\n`;
        if (piece.length < PIECE_CHARACTERS) continue;
        yield piece;
        piece = "";
      }
    }
  }
  yield piece;
}

/** The counters a family is made of, with their label names. */
function namesByCounter({ name, type, labelNames }: Family): readonly [string, readonly string[]][] {
  if (type !== "histogram") return [[name, labelNames]];
  return [
    [`${name}_bucket`, [...labelNames, "le"]],
    [`${name}_sum`, labelNames],
    [`${name}_count`, labelNames],
  ];
}

function labelText(names: readonly string[], labels: readonly string[]): string {
  return labels.map((label, index) => `${names[index] ?? "label"}="${escapeLabel(label)}"`).join(",");
}

function escapeLabel(text: string): string {
  if (!/["\\\n]/.test(text)) return text;
  return text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
