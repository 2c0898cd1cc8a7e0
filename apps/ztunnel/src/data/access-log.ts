import { formatHostPort } from "@ambit/base/ip.ts";
import type { Clock } from "@ambit/base/clock.ts";
import type { SocketAddress } from "@ambit/io/driver.ts";
import type { Workload } from "@ambit/model/workload.ts";
import type { ConnectionFacts } from "./connection-facts.ts";
import { KnownParts } from "./known-parts.ts";

/** How a connection ended, beside its facts. */
export interface ConnectionOutcome {
  readonly bytesFromDownstream: number;
  readonly bytesToDownstream: number;
  readonly durationMs: number;
  /** Undefined when it went well. */
  readonly error: string | undefined;
}

/** What is known of a connection that was refused before anybody was asked about it. */
export interface EarlyRefusal {
  readonly source: SocketAddress;
  readonly destination: SocketAddress;
  readonly direction: ConnectionFacts["direction"];
  readonly error: string;
}

export interface AccessLogDeps {
  readonly clock: Clock;
  /** Takes many finished lines at once. */
  readonly write: (lines: string) => void;
  /** Asked at every record. */
  readonly enabled: (level: "error" | "warn" | "info" | "debug") => boolean;
}

/** Lines are handed over together after this long or this much. */
const FLUSH_MS = 100;
const FLUSH_CHARACTERS = 64 * 1024;
/** Names and identities whose quoted form is remembered; a node knows few, and forgetting costs little. */
const MAX_QUOTED = 4096;

type Field = readonly [name: string, value: string | number | undefined, isBare?: boolean];

/**
 * Istio's access log (ambient.md 9.2): one line at the end of a connection, fields in the contract's order, names and
 * identities quoted, addresses and numbers bare. Lines are collected and written in batches.
 */
export class AccessLog {
  readonly #format: "text" | "json";
  readonly #deps: AccessLogDeps;
  #pending: string[] = [];
  #pendingLength = 0;
  #armed = false;
  readonly #quoted = new Map<string, string>();
  readonly #parts = new KnownParts();
  #second = Number.NaN;
  /** The time as far as the point behind that second. */
  #timeOfSecond = "";

  constructor(format: "text" | "json", deps: AccessLogDeps) {
    this.#format = format;
    this.#deps = deps;
  }

  opened(facts: ConnectionFacts): void {
    if (this.#deps.enabled("debug")) this.#record("debug", "connection opened", connectionFields(facts));
  }

  completed(facts: ConnectionFacts, outcome: ConnectionOutcome): void {
    const level = outcome.error === undefined ? "info" : "error";
    if (!this.#deps.enabled(level)) return;
    const { bytesFromDownstream, bytesToDownstream } = outcome;
    // Sent and received are the workload's own: a client sends what we read from it, a server what we return.
    const isOutbound = facts.direction === "outbound";
    const ending: readonly Field[] = [
      ["bytes_sent", isOutbound ? bytesFromDownstream : bytesToDownstream],
      ["bytes_recv", isOutbound ? bytesToDownstream : bytesFromDownstream],
      ["duration", `${Math.round(outcome.durationMs)}ms`],
      ["error", outcome.error],
    ];
    const message = "connection complete";
    if (this.#format === "json") this.#record(level, message, [...connectionFields(facts), ...ending]);
    else this.#keep(this.#head(level, message) + this.#known(facts) + this.#text(ending) + "\n");
  }

  refused(refusal: EarlyRefusal): void {
    if (!this.#deps.enabled("warn")) return;
    this.#record("warn", "connection failed", [
      ["src.addr", addressText(refusal.source), true],
      ["dst.addr", addressText(refusal.destination), true],
      ["direction", refusal.direction],
      ["error", refusal.error],
    ]);
  }

  /** Hands over what was collected. */
  flush(): void {
    if (this.#pendingLength === 0) return;
    const lines = this.#pending.join("");
    this.#pending = [];
    this.#pendingLength = 0;
    this.#deps.write(lines);
  }

  #record(level: string, message: string, fields: readonly Field[]): void {
    if (this.#format === "json") this.#keep(jsonLine(this.#now(), level, message, fields));
    else this.#keep(`${this.#head(level, message)}${this.#text(fields)}\n`);
  }

  #keep(line: string): void {
    this.#pending.push(line);
    this.#pendingLength += line.length;
    if (this.#pendingLength >= FLUSH_CHARACTERS) this.flush();
    else if (!this.#armed) this.#arm();
  }

  #now(): string {
    const now = this.#deps.clock.now();
    const second = Math.floor(now / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#timeOfSecond = new Date(second * 1000).toISOString().slice(0, -"000Z".length);
    }
    const millisecond = String(Math.floor(now - second * 1000));
    return `${this.#timeOfSecond}${millisecond.padStart(3, "0")}000Z`;
  }

  #head(level: string, message: string): string {
    return `${this.#now()}\t${level}\taccess\t${message}\t`;
  }

  /** The fields of a connection, and a space. What is said of two workloads is the same from one to the next. */
  #known(facts: ConnectionFacts): string {
    const source = this.#parts.source(facts, () => this.#text(sourceFields(facts)));
    const destination = this.#parts.destination(facts, () => this.#text(destinationFields(facts)));
    return `${this.#text(sourceAddress(facts))} ${source} ${this.#text(destinationAddresses(facts))} ${destination} `;
  }

  #text(fields: readonly Field[]): string {
    let text = "";
    let separator = "";
    for (const [name, value, isBare = false] of fields) {
      if (value === undefined || value === "") continue;
      text += `${separator}${name}=${this.#shown(value, isBare)}`;
      separator = " ";
    }
    return text;
  }

  #shown(value: string | number, isBare: boolean): string {
    if (typeof value === "number") return String(value);
    return isBare ? bare(value) : this.#quote(value);
  }

  #quote(text: string): string {
    const known = this.#quoted.get(text);
    if (known !== undefined) return known;
    const quoted = JSON.stringify(text);
    if (this.#quoted.size >= MAX_QUOTED) this.#quoted.clear();
    this.#quoted.set(text, quoted);
    return quoted;
  }

  #arm(): void {
    this.#armed = true;
    this.#deps.clock.after(
      FLUSH_MS,
      () => {
        this.#armed = false;
        this.flush();
      },
      true,
    );
  }
}

function connectionFields(facts: ConnectionFacts): Field[] {
  return [
    ...sourceAddress(facts),
    ...sourceFields(facts),
    ...destinationAddresses(facts),
    ...destinationFields(facts),
  ];
}

function sourceAddress(facts: ConnectionFacts): Field[] {
  return [["src.addr", addressText(facts.sourceAddress), true]];
}

function sourceFields({ source, derivedSource, sourceIdentity }: ConnectionFacts): Field[] {
  return [
    ["src.workload", source?.name ?? derivedSource?.workloadName],
    ["src.namespace", source?.namespace ?? derivedSource?.namespace],
    ["src.identity", sourceIdentity],
    ["src.cluster", clusterOf(source) ?? derivedSource?.clusterId],
  ];
}

function destinationAddresses(facts: ConnectionFacts): Field[] {
  return [
    ["dst.addr", addressText(facts.destinationAddress), true],
    ["dst.hbone_addr", facts.tunnelTarget, true],
  ];
}

function destinationFields({
  destination,
  service,
  destinationIdentity,
  direction,
}: ConnectionFacts): Field[] {
  return [
    ["dst.service", service?.hostname],
    ["dst.workload", destination?.name],
    ["dst.namespace", destination?.namespace ?? service?.namespace],
    ["dst.identity", destinationIdentity],
    ["dst.cluster", clusterOf(destination)],
    ["direction", direction],
  ];
}

function clusterOf(workload: Workload | undefined): string | undefined {
  return workload?.clusterId;
}

function addressText(address: SocketAddress): string {
  return formatHostPort(address.ip, address.port);
}

// A bare value may come from a peer (the authority it asked for): nothing in it may look like another field or line.
function bare(text: string): string {
  return /^[\w.:[\]/-]*$/.test(text) ? text : JSON.stringify(text);
}

function jsonLine(time: string, level: string, message: string, fields: readonly Field[]): string {
  const record: Record<string, unknown> = { level, time, scope: "access", message };
  for (const [name, value] of fields) if (value !== undefined && value !== "") record[name] = value;
  return `${JSON.stringify(record)}\n`;
}
