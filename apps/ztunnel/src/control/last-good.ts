import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Clock, Timer } from "@ambit/base/clock.ts";
import { describeError } from "@ambit/base/errors.ts";
import { writeFileAtomic } from "@ambit/base/files.ts";
import type { Logger } from "@ambit/base/logger.ts";
import type { DeltaBatch } from "@ambit/xds/client/delta-client.ts";
import type { ReceivedResource } from "@ambit/xds/client/protocol.ts";

export interface LastGoodOptions {
  readonly path: string;
  /** A snapshot of another node's proxy is not ours. */
  readonly owner: string;
}

export interface LastGoodDeps {
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What an earlier run knew. */
export interface LoadedState {
  /** By type. */
  readonly types: ReadonlyMap<string, readonly ReceivedResource[]>;
  /** Milliseconds since it was written. */
  readonly ageMs: number;
}

/** Changes are written together, at the latest this long after the first of them. */
const WRITE_DELAY_MS = 5_000;
const FORMAT = 1;

interface Body {
  readonly format: number;
  readonly owner: string;
  readonly writtenAt: number;
  readonly types: Record<string, readonly (readonly [name: string, version: string, base64: string])[]>;
}

/**
 * The last accepted state on disk (0600): a proxy that starts while discovery is away serves from it. The first line is
 * the SHA-256 of the rest; a file that was cut or changed is ignored as a whole. Versions are hashes of the content, so
 * discovery sends only what has changed since, and names what is gone.
 */
export class LastGood {
  readonly #options: LastGoodOptions;
  readonly #deps: LastGoodDeps;
  readonly #types = new Map<string, Map<string, ReceivedResource>>();
  #timer: Timer | undefined;

  constructor(options: LastGoodOptions, deps: LastGoodDeps) {
    this.#options = options;
    this.#deps = deps;
  }

  /** Reads the file; undefined when there is none that can be trusted. */
  load(): LoadedState | undefined {
    const body = this.#read();
    if (body === undefined) return undefined;
    for (const [typeUrl, rows] of Object.entries(body.types)) {
      const resources = rows.map(([name, version, base64]) => ({
        name,
        version,
        bytes: new Uint8Array(Buffer.from(base64, "base64")),
      }));
      this.#types.set(typeUrl, new Map(resources.map((resource) => [resource.name, resource])));
    }
    const types = new Map([...this.#types].map(([typeUrl, held]) => [typeUrl, [...held.values()]]));
    return { types, ageMs: Math.max(0, this.#deps.clock.now() - body.writtenAt) };
  }

  /** Takes a response over, without what was `rejected` of it: there the former version stays. */
  note(batch: DeltaBatch, rejected: ReadonlySet<string>): void {
    const held = this.#types.get(batch.typeUrl) ?? new Map<string, ReceivedResource>();
    this.#types.set(batch.typeUrl, held);
    for (const { name, version, bytes } of batch.resources) {
      // A copy: the bytes are a window into a whole message.
      if (!rejected.has(name)) held.set(name, { name, version, bytes: Uint8Array.from(bytes) });
    }
    for (const name of batch.removed) held.delete(name);
    this.#timer ??= this.#deps.clock.after(WRITE_DELAY_MS, () => this.write(), true);
  }

  /** Writes what waits to be written; a disk that refuses costs a log line. */
  write(): void {
    if (this.#timer === undefined) return;
    this.#timer.cancel();
    this.#timer = undefined;
    const types: Record<string, [string, string, string][]> = {};
    for (const [typeUrl, held] of this.#types) {
      types[typeUrl] = Array.from(held.values(), ({ name, version, bytes }) => [
        name,
        version,
        Buffer.from(bytes).toString("base64"),
      ]);
    }
    const { path, owner } = this.#options;
    const body: Body = { format: FORMAT, owner, writtenAt: this.#deps.clock.now(), types };
    const text = JSON.stringify(body);
    try {
      writeFileAtomic(path, `${digest(text)}\n${text}\n`, 0o600);
    } catch (thrown) {
      this.#deps.logger.warn("the last good state cannot be written", { path, error: describeError(thrown) });
    }
  }

  #read(): Body | undefined {
    const { path, owner } = this.#options;
    let text: string;
    try {
      text = readFileSync(path, "utf8");
    } catch {
      // The first start on this node.
      return undefined;
    }
    const newline = text.indexOf("\n");
    const json = text.slice(newline + 1).trimEnd();
    if (digest(json) !== text.slice(0, newline)) {
      this.#deps.logger.warn("the last good state on disk is damaged and not used", { path });
      return undefined;
    }
    const body = parse(json);
    if (body?.format !== FORMAT || body.owner !== owner) return undefined;
    if (isBody(body)) return body;
    this.#deps.logger.warn("the last good state on disk has another form and is not used", { path });
    return undefined;
  }
}

function parse(json: string): Partial<Body> | undefined {
  try {
    return (JSON.parse(json) as Partial<Body> | null) ?? undefined;
  } catch {
    return undefined;
  }
}

// The digest says that the file is as it was written, not that whoever wrote it was this program.
function isBody(body: Partial<Body>): body is Body {
  const { writtenAt, types } = body;
  return (
    Number.isFinite(writtenAt) &&
    typeof types === "object" &&
    types !== null &&
    Object.values<unknown>(types).every((rows) => Array.isArray(rows) && rows.every(isRow))
  );
}

function isRow(row: unknown): boolean {
  return Array.isArray(row) && row.length === 3 && row.every((part) => typeof part === "string");
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
