import { performance } from "node:perf_hooks";
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from "prom-client";

/**
 * The monitor of delays wakes its thread at every step: fifty times a second it costs an idle machine more than the rest
 * of the mesh, and a busy one the places of its work in the caches. So its step is the longest there is, and what
 * would be made of its samples is left out; utilization says the same without a timer.
 */
const NEVER_MS = 2 ** 31 - 1;
const DELAY_STATISTICS = ["min", "max", "mean", "stddev", "p50", "p90", "p99"] as const;

/** The metrics of one process. Bind children once with `labels(...)`; never look labels up per request. */
export class Metrics {
  readonly registry = new Registry();

  constructor(options: { component: string; version: string }) {
    collectDefaultMetrics({ register: this.registry, eventLoopMonitoringPrecision: NEVER_MS });
    for (const name of DELAY_STATISTICS)
      this.registry.removeSingleMetric(`nodejs_eventloop_lag_${name}_seconds`);
    let before = performance.eventLoopUtilization();
    this.gauge(
      "nodejs_eventloop_utilization",
      "Share of the time since the last scrape that was work",
      [],
      (gauge) => {
        const now = performance.eventLoopUtilization();
        gauge.set(performance.eventLoopUtilization(now, before).utilization);
        before = now;
      },
    );
    const build = this.gauge("istio_build", "Version of this component", ["component", "tag"]);
    build.labels(options.component, options.version).set(1);
  }

  counter(name: string, help: string, labelNames: readonly string[] = []): Counter {
    return new Counter({ name, help, labelNames: [...labelNames], registers: [this.registry] });
  }

  gauge(
    name: string,
    help: string,
    labelNames: readonly string[] = [],
    collect?: (gauge: Gauge) => void,
  ): Gauge {
    return new Gauge({
      name,
      help,
      labelNames: [...labelNames],
      registers: [this.registry],
      ...(collect === undefined
        ? {}
        : {
            collect(this: Gauge) {
              collect(this);
            },
          }),
    });
  }

  histogram(
    name: string,
    help: string,
    labelNames: readonly string[],
    buckets: readonly number[],
  ): Histogram {
    return new Histogram({
      name,
      help,
      labelNames: [...labelNames],
      buckets: [...buckets],
      registers: [this.registry],
    });
  }

  get contentType(): string {
    return this.registry.contentType;
  }

  /** The exposition text, piece by piece. */
  async *pieces(): AsyncGenerator<string> {
    yield await this.registry.metrics();
  }

  /** The exposition text as a whole. */
  async text(): Promise<string> {
    let text = "";
    for await (const piece of this.pieces()) text += piece;
    return text;
  }
}
