import type { Counter, Histogram } from "prom-client";
import type { Clock } from "@ambit/base/clock.ts";
import { TYPE_URLS } from "@ambit/contract/type-urls.ts";
import type { Metrics } from "@ambit/runtime/metrics.ts";

const SHORT_NAMES: ReadonlyMap<string, string> = new Map([
  [TYPE_URLS.address, "Address"],
  [TYPE_URLS.authorization, "Authorization"],
  [TYPE_URLS.workload, "Workload"],
]);

const SECONDS = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 5, 10];

/** The last part of a type URL, as tables and labels show it. */
export function shortTypeName(typeUrl: string): string {
  return SHORT_NAMES.get(typeUrl) ?? "other";
}

/** What discovery measures about itself; Istio's names where Istio measures the same. */
export class DiscoveryMetrics {
  readonly #clock: Clock;
  readonly #pushes: ReadonlyMap<string, Counter.Internal>;
  readonly #rejects: ReadonlyMap<string, Counter.Internal>;
  readonly #resources: Counter;
  readonly #bytes: Counter;
  readonly #convergence: Histogram;
  /** Monotonic time of the oldest event of the changes that are going out now. */
  #sinceMs: number | undefined;

  constructor(
    metrics: Metrics,
    read: {
      readonly connections: () => number;
      readonly services: () => number;
      readonly resources: () => number;
    },
    deps: { readonly clock: Clock },
  ) {
    this.#clock = deps.clock;
    const pushes = metrics.counter("pilot_xds_pushes", "Responses sent to proxies", ["type"]);
    const rejects = metrics.counter("pilot_total_xds_rejects", "Responses a proxy rejected", ["type"]);
    this.#pushes = new Map([...SHORT_NAMES].map(([url, name]) => [url, pushes.labels(name)]));
    this.#rejects = new Map([...SHORT_NAMES].map(([url, name]) => [url, rejects.labels(name)]));
    this.#resources = metrics.counter("ambit_xds_resources_sent", "Resources sent to proxies");
    this.#bytes = metrics.counter("ambit_xds_bytes_sent", "Bytes of responses sent to proxies");
    this.#convergence = metrics.histogram(
      "pilot_proxy_convergence_time",
      "Seconds from a change in the source to the bytes on a proxy's stream",
      [],
      SECONDS,
    );
    metrics.gauge("pilot_xds", "Proxies connected", [], (gauge) => gauge.set(read.connections()));
    metrics.gauge("pilot_services", "Services known", [], (gauge) => gauge.set(read.services()));
    metrics.gauge("ambit_xds_resources", "Resources in the snapshots", [], (gauge) =>
      gauge.set(read.resources()),
    );
  }

  /** Changes of the source go out now, the oldest seen at `sinceMs`; undefined when they are through. */
  publishing(sinceMs: number | undefined): void {
    this.#sinceMs = sinceMs;
  }

  pushed(typeUrl: string, resources: number, bytes: number): void {
    this.#pushes.get(typeUrl)?.inc();
    this.#resources.inc(resources);
    this.#bytes.inc(bytes);
    if (this.#sinceMs !== undefined) {
      this.#convergence.observe((this.#clock.monotonic() - this.#sinceMs) / 1000);
    }
  }

  rejected(typeUrl: string): void {
    this.#rejects.get(typeUrl)?.inc();
  }
}
