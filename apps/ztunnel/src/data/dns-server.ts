import type { Clock } from "@ambit/base/clock.ts";
import type { Random } from "@ambit/base/random.ts";
import type { Workload } from "@ambit/model/workload.ts";
import { resolveName } from "@ambit/store/dns.ts";
import type { MeshStore } from "@ambit/store/mesh-store.ts";
import type { DataSettings } from "../messages.ts";
import type { DnsForwarder } from "./dns-forward.ts";
import type { DnsMetrics } from "./dns-metrics.ts";
import { codeOf, readQuery, writeAnswer, type DnsQuery } from "./dns-wire.ts";
import type { LocalWorkloads } from "./local-workloads.ts";
import type { Pod } from "./pod.ts";

export interface DnsServerDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly store: MeshStore;
  readonly metrics: DnsMetrics;
  readonly forwarder: DnsForwarder;
  readonly local: Pick<LocalWorkloads, "whenKnown">;
  /** For the DEBUG log. */
  readonly onAnswered?: (query: DnsQuery, code: string) => void;
}

type Protocol = "udp" | "tcp";

/** A question of a pod whose workload is known. */
interface Question {
  readonly message: Uint8Array;
  readonly query: DnsQuery;
  readonly protocol: Protocol;
  readonly client: Workload;
  readonly send: (answer: Uint8Array) => void;
}

/** Questions of a pod that wait for its workload at once; one more is refused. */
const MAX_WAITING = 256;

/**
 * Answers the questions of one pod: what the mesh knows from the store, the rest from the node's resolvers. Like a
 * connection, a question waits up to five seconds for discovery to describe its pod: a resolver takes SERVFAIL for final,
 * and the first thing a new process does is to look a name up.
 */
export class DnsServer {
  readonly #pod: Pod;
  readonly #settings: Pick<DataSettings, "clusterDomain" | "preferredNamespace" | "ipv6">;
  readonly #deps: DnsServerDeps;
  #waiting = 0;

  constructor(
    pod: Pod,
    settings: Pick<DataSettings, "clusterDomain" | "preferredNamespace" | "ipv6">,
    deps: DnsServerDeps,
  ) {
    this.#pod = pod;
    this.#settings = settings;
    this.#deps = deps;
  }

  /** Calls back with the answer, at once or later; never for bytes that are no query. */
  handle(
    message: Uint8Array,
    protocol: Protocol,
    reply: (answer: Uint8Array, query: DnsQuery) => void,
  ): void {
    const query = readQuery(message);
    if (query === undefined) return;
    const { local, metrics, onAnswered } = this.#deps;
    const send = (answer: Uint8Array): void => {
      onAnswered?.(query, codeOf(answer));
      reply(answer, query);
    };
    if (this.#waiting >= MAX_WAITING) {
      metrics.request(undefined, query.type, protocol);
      send(writeAnswer(query, "SERVFAIL", []));
      return;
    }
    this.#waiting++;
    local.whenKnown(this.#pod, (client) => {
      this.#waiting--;
      metrics.request(client, query.type, protocol);
      if (client === undefined) send(writeAnswer(query, "SERVFAIL", []));
      else this.#answer({ message, query, protocol, client, send });
    });
  }

  #answer(question: Question): void {
    const { query, client, send } = question;
    const { clusterDomain, preferredNamespace, ipv6 } = this.#settings;
    const found = resolveName(this.#deps.store, client, query, {
      clusterDomain,
      ipv6,
      random: this.#deps.random,
      ...(preferredNamespace === undefined ? {} : { preferredNamespace }),
    });
    if (found.kind === "answer") send(writeAnswer(query, "NOERROR", found.records));
    else this.#forward(question);
  }

  #forward({ message, query, protocol, client, send }: Question): void {
    const { metrics, clock, forwarder } = this.#deps;
    const started = clock.monotonic();
    metrics.upstreamRequest(client, query.type, protocol);
    forwarder.forward(message, query.id, (answer) => {
      metrics.upstreamDuration(client, query.type, protocol, (clock.monotonic() - started) / 1000);
      if (answer === undefined || codeOf(answer) === "SERVFAIL")
        metrics.upstreamFailure(client, query.type, protocol);
      send(answer ?? writeAnswer(query, "SERVFAIL", []));
    });
  }
}
