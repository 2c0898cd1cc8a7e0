import type { Workload } from "@ambit/model/workload.ts";
import type { MetricSample } from "../messages.ts";

/** Label names of the DNS metrics (ambient.md 9.1). */
export const DNS_LABELS = [
  "request_query_type",
  "request_protocol",
  "source_canonical_service",
  "source_canonical_revision",
] as const;

/** Upper bounds of the duration histogram, in seconds. */
const DNS_BUCKETS = [0.0005, 0.001, 0.01, 0.1, 1, 5] as const;

/** Query types with a series of their own; a client may ask for any of 65536. */
const KNOWN_TYPES = new Set(["A", "AAAA", "CNAME", "HTTPS", "MX", "NS", "PTR", "SOA", "SRV", "SVCB", "TXT"]);

interface Series {
  readonly labels: readonly string[];
  requests: number;
  upstreamRequests: number;
  upstreamFailures: number;
  readonly buckets: number[];
  durationSum: number;
  durationCount: number;
}

/** Counters of the DNS proxy of one data thread. */
export class DnsMetrics {
  readonly #series = new Map<string, Series>();

  request(client: Workload | undefined, type: string, protocol: string): void {
    this.#of(client, type, protocol).requests++;
  }

  upstreamRequest(client: Workload | undefined, type: string, protocol: string): void {
    this.#of(client, type, protocol).upstreamRequests++;
  }

  upstreamFailure(client: Workload | undefined, type: string, protocol: string): void {
    this.#of(client, type, protocol).upstreamFailures++;
  }

  upstreamDuration(client: Workload | undefined, type: string, protocol: string, seconds: number): void {
    const series = this.#of(client, type, protocol);
    for (const [index, bound] of DNS_BUCKETS.entries())
      if (seconds <= bound) series.buckets[index] = (series.buckets[index] ?? 0) + 1;
    series.durationSum += seconds;
    series.durationCount++;
  }

  samples(): MetricSample[] {
    const samples: MetricSample[] = [];
    const histogram = "istio_dns_upstream_request_duration_seconds";
    for (const series of this.#series.values()) {
      const { labels, durationCount } = series;
      samples.push({ name: "istio_dns_requests_total", labels, value: series.requests });
      samples.push({ name: "istio_dns_upstream_requests_total", labels, value: series.upstreamRequests });
      samples.push({ name: "istio_dns_upstream_failures_total", labels, value: series.upstreamFailures });
      if (durationCount === 0) continue;
      for (const [index, bound] of DNS_BUCKETS.entries()) {
        const value = series.buckets[index] ?? 0;
        samples.push({ name: `${histogram}_bucket`, labels: [...labels, String(bound)], value });
      }
      samples.push({ name: `${histogram}_bucket`, labels: [...labels, "+Inf"], value: durationCount });
      samples.push({ name: `${histogram}_sum`, labels, value: series.durationSum });
      samples.push({ name: `${histogram}_count`, labels, value: durationCount });
    }
    return samples;
  }

  #of(client: Workload | undefined, type: string, protocol: string): Series {
    const labels = [
      KNOWN_TYPES.has(type) ? type : "other",
      protocol,
      client?.canonicalName || "unknown",
      client?.canonicalRevision || "unknown",
    ];
    const key = labels.join("\u0000");
    let series = this.#series.get(key);
    if (series === undefined) {
      series = {
        labels,
        requests: 0,
        upstreamRequests: 0,
        upstreamFailures: 0,
        buckets: DNS_BUCKETS.map(() => 0),
        durationSum: 0,
        durationCount: 0,
      };
      this.#series.set(key, series);
    }
    return series;
  }
}
