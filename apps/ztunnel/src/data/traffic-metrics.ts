import type { MetricSample } from "../messages.ts";
import type { ConnectionFacts, ResponseFlag } from "./connection-facts.ts";
import { trafficLabels } from "./traffic-labels.ts";

/** Different label tuples kept apart; beyond it the rest share one series per reporter and flag. */
const MAX_SERIES = 20_000;
/** As many of them may come from what peers say about themselves; beyond it only their certificates count. */
const MAX_DERIVED = 1_000;

/** Series remembered per source workload; a client of many services starts over. */
const MAX_KNOWN = 32;

/** Counters of one label tuple; plain numbers, so that counting costs an addition. */
export interface TrafficSeries {
  readonly labels: readonly string[];
  opened: number;
  closed: number;
  failed: number;
  /** Bytes that came from the downstream side. */
  received: number;
  /** Bytes that went to the downstream side. */
  sent: number;
}

type SeriesFacts = Pick<
  ConnectionFacts,
  "direction" | "destination" | "service" | "sourceIdentity" | "destinationIdentity"
>;

interface KnownSeries extends SeriesFacts {
  readonly flag: ResponseFlag;
  readonly series: TrafficSeries;
}

function describes(known: KnownSeries, facts: ConnectionFacts, flag: ResponseFlag): boolean {
  return (
    known.flag === flag &&
    known.direction === facts.direction &&
    known.destination === facts.destination &&
    known.service === facts.service &&
    known.sourceIdentity === facts.sourceIdentity &&
    known.destinationIdentity === facts.destinationIdentity
  );
}

/** Istio's TCP metrics of one data thread. */
export class TrafficMetrics {
  readonly #series = new Map<string, TrafficSeries>();
  readonly #limit: number;
  readonly #derivedLimit: number;
  // Workloads and services are immutable: the same objects mean the same labels until discovery sends others.
  readonly #known = new WeakMap<object, KnownSeries[]>();
  /** Tuples that were made of a peer's words. */
  #derived = 0;
  #openInbound = 0;
  #openOutbound = 0;

  /** `limit`: @default 20000; `derivedLimit`: @default 1000 */
  constructor(limit = MAX_SERIES, derivedLimit = MAX_DERIVED) {
    this.#limit = limit;
    this.#derivedLimit = derivedLimit;
  }

  /** The series of a connection; ask once per connection and flag. */
  series(facts: ConnectionFacts, flag: ResponseFlag): TrafficSeries {
    const { source } = facts;
    if (source === undefined) return this.#seriesOf(facts, flag);
    let known = this.#known.get(source);
    if (known === undefined) this.#known.set(source, (known = []));
    for (const entry of known) if (describes(entry, facts, flag)) return entry.series;
    const { direction, destination, service, sourceIdentity, destinationIdentity } = facts;
    const series = this.#seriesOf(facts, flag);
    if (known.length === MAX_KNOWN) known.length = 0;
    known.push({ direction, destination, service, sourceIdentity, destinationIdentity, flag, series });
    return series;
  }

  #seriesOf(facts: ConnectionFacts, flag: ResponseFlag): TrafficSeries {
    const labels = trafficLabels(facts, flag);
    const found = this.#find(labels);
    if (found !== undefined) return found;
    if (facts.source === undefined && facts.derivedSource !== undefined) {
      if (this.#derived >= this.#derivedLimit)
        return this.#seriesOf({ ...facts, derivedSource: undefined }, flag);
      this.#derived++;
    }
    return this.#create(labels) ?? this.#overflow(labels, flag);
  }

  /** Counts a socket that was opened (+1) or closed (-1). */
  countSocket(direction: ConnectionFacts["direction"], change: 1 | -1): void {
    if (direction === "inbound") this.#openInbound += change;
    else this.#openOutbound += change;
  }

  samples(): MetricSample[] {
    const samples: MetricSample[] = [
      { name: "istio_tcp_sockets_open", labels: ["source"], value: this.#openOutbound },
      { name: "istio_tcp_sockets_open", labels: ["destination"], value: this.#openInbound },
    ];
    for (const { labels, opened, closed, failed, received, sent } of this.#series.values()) {
      samples.push({ name: "istio_tcp_connections_opened_total", labels, value: opened });
      samples.push({ name: "istio_tcp_connections_closed_total", labels, value: closed });
      samples.push({ name: "istio_tcp_connections_failed_total", labels, value: failed });
      samples.push({ name: "istio_tcp_received_bytes_total", labels, value: received });
      samples.push({ name: "istio_tcp_sent_bytes_total", labels, value: sent });
    }
    return samples;
  }

  #find(labels: readonly string[]): TrafficSeries | undefined {
    return this.#series.get(labels.join("\u0000"));
  }

  #create(labels: readonly string[], limit = this.#limit): TrafficSeries | undefined {
    if (this.#series.size >= limit) return undefined;
    const series = { labels, opened: 0, closed: 0, failed: 0, received: 0, sent: 0 };
    this.#series.set(labels.join("\u0000"), series);
    return series;
  }

  // Counters must not be lost nor go back, so the surplus is counted without saying whose it is.
  #overflow(labels: readonly string[], flag: ResponseFlag): TrafficSeries {
    const anonymous = labels.map((label, index) => {
      if (index === 0 || label === flag || label === "tcp") return label;
      return "unknown";
    });
    const found = this.#find(anonymous) ?? this.#create(anonymous, Number.POSITIVE_INFINITY);
    if (found === undefined) throw new RangeError("Cannot count a connection");
    return found;
  }
}
