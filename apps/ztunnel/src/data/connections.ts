import type { Clock } from "@ambit/base/clock.ts";
import { formatHostPort } from "@ambit/base/ip.ts";
import type { SocketAddress } from "@ambit/io/driver.ts";
import type { Connection as PolicySubject } from "@ambit/policy/connection.ts";
import { evaluate } from "@ambit/policy/rbac-l4.ts";
import type { MeshStore } from "@ambit/store/mesh-store.ts";
import type { Relay } from "@ambit/transport/relay.ts";
import type { ConnectionRow, PodConnections } from "../messages.ts";
import type { AccessLog } from "./access-log.ts";
import type { ConnectionFacts, ResponseFlag } from "./connection-facts.ts";
import type { Pod } from "./pod.ts";
import type { TrafficMetrics, TrafficSeries } from "./traffic-metrics.ts";

export interface ConnectionsDeps {
  readonly clock: Clock;
  readonly store: MeshStore;
  readonly metrics: TrafficMetrics;
  readonly accessLog: AccessLog;
}

/** How a connection is ended from outside: the transport's own cut, or giving an attempt up. */
export type Cut = (detail: string) => void;

/** What re-evaluation needs of an inbound connection. */
export interface InboundAuthority {
  readonly subject: PolicySubject;
  /** DER of the peer's certificate; undefined for plaintext. */
  readonly peerCertificate: Uint8Array | undefined;
}

/** One connection from its decision to its end: metrics, access log, and a handle to cut it. */
export class OpenConnection {
  readonly pod: Pod;
  readonly facts: ConnectionFacts;
  readonly authority: InboundAuthority | undefined;
  readonly #owner: Connections;
  readonly #deps: ConnectionsDeps;
  readonly #startedAt: number;
  readonly #series: TrafficSeries;
  #relay: Relay | undefined;
  #cut: Cut | undefined;
  #verdict: { readonly flag: ResponseFlag; readonly error: string } | undefined;
  /** Where its owner keeps it; -1 when it does not. */
  place = -1;
  #receivedSeen = 0;
  #sentSeen = 0;
  #ended = false;

  constructor(
    owner: Connections,
    deps: ConnectionsDeps,
    pod: Pod,
    facts: ConnectionFacts,
    authority: InboundAuthority | undefined,
  ) {
    this.#owner = owner;
    this.#deps = deps;
    this.pod = pod;
    this.facts = facts;
    this.authority = authority;
    this.#startedAt = deps.clock.monotonic();
    this.#series = deps.metrics.series(facts, "-");
    this.#series.opened++;
    deps.metrics.countSocket(facts.direction, 1);
    deps.accessLog.opened(facts);
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Says how to end the attempt while there is no relay yet. */
  onCut(cut: Cut): void {
    this.#cut = cut;
  }

  /** The bytes flow (or are about to): counters come from the relay, and cuts go to it. */
  attach(relay: Relay): void {
    this.#relay = relay;
    this.#cut = (detail) => relay.cut(detail);
  }

  /** Ends it with a reason of ours; `end` follows from whoever carries it. */
  cut(flag: ResponseFlag, error: string): void {
    if (this.#ended || this.#verdict !== undefined) return;
    this.#verdict = { flag, error };
    const cut = this.#cut;
    if (cut === undefined) this.end("-", undefined);
    else cut(error);
  }

  /** Ends it in order, so that the application sees an end and not an error; an attempt is given up. */
  close(error: string): void {
    const relay = this.#relay;
    if (relay !== undefined) this.#cut = (detail) => relay.close(detail);
    this.cut("-", error);
  }

  /** Exactly once: writes the line and counts. A reason given to `cut` before wins over this one. */
  end(flag: ResponseFlag, error: string | undefined): void {
    if (this.#ended) return;
    this.#ended = true;
    this.sync();
    const outcome = this.#verdict ?? { flag, error };
    const { metrics, accessLog, clock } = this.#deps;
    const series = outcome.flag === "-" ? this.#series : metrics.series(this.facts, outcome.flag);
    series.closed++;
    if (outcome.error !== undefined) series.failed++;
    metrics.countSocket(this.facts.direction, -1);
    accessLog.completed(this.facts, {
      bytesFromDownstream: this.#receivedSeen,
      bytesToDownstream: this.#sentSeen,
      durationMs: clock.monotonic() - this.#startedAt,
      error: outcome.error,
    });
    this.#owner.forget(this);
    this.#relay = undefined;
    this.#cut = undefined;
  }

  /** Brings the byte counters up to date. */
  sync(): void {
    const relay = this.#relay;
    if (relay === undefined) return;
    this.#series.received += relay.bytesFromDownstream - this.#receivedSeen;
    this.#series.sent += relay.bytesToDownstream - this.#sentSeen;
    this.#receivedSeen = relay.bytesFromDownstream;
    this.#sentSeen = relay.bytesToDownstream;
  }
}

/**
 * Every connection that is being carried, by pod. Each knows its place in a plain array: with a Set, the tables it leaves
 * behind keep short connections from being collected young (`StreamTable` says why).
 */
export class Connections {
  readonly #deps: ConnectionsDeps;
  readonly #byPod = new Map<Pod, OpenConnection[]>();
  #size = 0;

  constructor(deps: ConnectionsDeps) {
    this.#deps = deps;
  }

  get size(): number {
    return this.#size;
  }

  /** Connections of one pod. */
  count(pod: Pod): number {
    return this.#byPod.get(pod)?.length ?? 0;
  }

  /** Counts and remembers a connection. `authority` is given for inbound ones. */
  open(pod: Pod, facts: ConnectionFacts, authority?: InboundAuthority): OpenConnection {
    const connection = new OpenConnection(this, this.#deps, pod, facts, authority);
    let ofPod = this.#byPod.get(pod);
    if (ofPod === undefined) this.#byPod.set(pod, (ofPod = []));
    connection.place = ofPod.push(connection) - 1;
    this.#size++;
    return connection;
  }

  /** Called by a connection that ended. */
  forget(connection: OpenConnection): void {
    const ofPod = this.#byPod.get(connection.pod);
    if (ofPod?.[connection.place] !== connection) return;
    const last = ofPod.pop();
    if (last !== undefined && last !== connection) {
      ofPod[connection.place] = last;
      last.place = connection.place;
    }
    connection.place = -1;
    this.#size--;
    if (ofPod.length === 0) this.#byPod.delete(connection.pod);
  }

  /**
   * Evaluates the inbound connections of these pods again, with the policies and the workload of now, and cuts those
   * that are refused. Stricter than the contract (ambient.md 6.6), which looks at the workload of connect time.
   */
  recheck(pods: Iterable<Pod>): number {
    let cut = 0;
    for (const pod of pods) {
      const { workload } = pod;
      if (workload === undefined) continue;
      const policies = this.#deps.store.policiesFor(workload);
      for (const connection of this.#inbound(pod)) {
        const decision = evaluate(policies, connection.authority.subject);
        if (decision.allow) continue;
        connection.cut("DENY", `connection closed due to policy change: ${decision.message}`);
        cut++;
      }
    }
    return cut;
  }

  /** Cuts the tunnels of these pods whose peer certificate `isTrusted` no longer accepts. */
  cutUntrusted(pods: Iterable<Pod>, isTrusted: (certificate: Uint8Array) => boolean): number {
    let cut = 0;
    for (const pod of pods) {
      for (const connection of this.#inbound(pod)) {
        const { peerCertificate } = connection.authority;
        if (peerCertificate === undefined || isTrusted(peerCertificate)) continue;
        connection.cut("CERT_REVOKED", "connection closed: the peer's issuer is no longer trusted");
        cut++;
      }
    }
    return cut;
  }

  /** Closes every connection of a pod in order; the number of them. */
  closeAll(pod: Pod, error: string): number {
    const all = [...(this.#byPod.get(pod) ?? [])];
    for (const connection of all) connection.close(error);
    return all.length;
  }

  /** Brings all byte counters up to date, before a scrape. */
  sync(): void {
    for (const ofPod of this.#byPod.values()) for (const connection of ofPod) connection.sync();
  }

  /** What the admin page shows. */
  rows(pods: Iterable<Pod>): PodConnections[] {
    return Array.from(pods, (pod) => {
      const all = [...(this.#byPod.get(pod) ?? [])].map((connection) => connection.facts);
      return {
        uid: pod.uid,
        inbound: all.filter((facts) => facts.direction === "inbound").map(rowOf),
        outbound: all.filter((facts) => facts.direction === "outbound").map(rowOf),
      };
    });
  }

  #inbound(pod: Pod): (OpenConnection & { readonly authority: InboundAuthority })[] {
    return [...(this.#byPod.get(pod) ?? [])].filter(
      (connection): connection is OpenConnection & { readonly authority: InboundAuthority } =>
        connection.authority !== undefined,
    );
  }
}

function rowOf(facts: ConnectionFacts): ConnectionRow {
  return {
    src: text(facts.sourceAddress),
    originalDst: text(facts.originalAddress),
    actualDst: text(facts.destinationAddress),
    protocol: facts.tunnelTarget === undefined ? "TCP" : "HBONE",
  };
}

function text(address: SocketAddress): string {
  return formatHostPort(address.ip, address.port);
}
