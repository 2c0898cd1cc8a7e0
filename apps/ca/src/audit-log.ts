import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readdirSync, readFileSync } from "node:fs";
import { renameSync, statSync, writeSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Clock } from "@ambit/base/clock.ts";

/** A certificate that was given out. Times in milliseconds since the epoch. */
export interface IssuedFacts {
  /** SPIFFE URI. */
  readonly identity: string;
  /** Upper-case hexadecimal. */
  readonly serial: string;
  /** Who keeps the key: `namespace/account/pod` of the caller, `self` or `self-N` for the authority. */
  readonly holder: string;
  /** Node the holder is on; empty when it is bound to none. */
  readonly node: string;
  readonly issuedAt: number;
  readonly notBefore: number;
  readonly notAfter: number;
  /** Generation that signed. */
  readonly generation: string;
}

interface Asked {
  /** Empty when nobody was proven. */
  readonly caller: string;
  readonly peer: string;
  readonly ttlSeconds: number;
}

/** One decision of the authority: who asked, for whom, and what came of it. */
export type AuditRecord =
  | (Asked & IssuedFacts & { readonly verdict: "issued" })
  | (Asked & {
      readonly verdict: "refused";
      readonly identity: string;
      /** The full reason, which callers are not told. */
      readonly reason: string;
      /** Refused strangers of the same address that were too many to record, since its last record. */
      readonly unrecorded: number;
    });

/** A file of this size is set aside under a dated name; nothing is ever cut off. */
const ROTATE_BYTES = 64 * 1024 * 1024;

/**
 * Append-only JSON lines, on disk before the answer leaves. It is also the journal of serials. One process writes it:
 * every replica has its own.
 */
export class AuditLog {
  readonly #path: string;
  readonly #clock: Clock;
  #file: number;
  #bytes: number;
  // The last write ended in the middle of a line: the next record begins on a new one.
  #torn: boolean;

  constructor(path: string, deps: { clock: Clock }) {
    this.#path = path;
    this.#clock = deps.clock;
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    this.#torn = existsSync(path) && !endsWithLine(path);
    this.#file = openSync(path, "a", 0o600);
    this.#bytes = statSync(path).size;
  }

  /** Writes one record durably. Throws what the disk says: a certificate that is not recorded is not issued. */
  append(record: AuditRecord): void {
    if (this.#bytes > ROTATE_BYTES) this.#rotate();
    const time = new Date(this.#clock.now()).toISOString();
    const line = Buffer.from(`${this.#torn ? "\n" : ""}${JSON.stringify({ time, ...record })}\n`);
    this.#torn = true;
    for (let done = 0; done < line.length;) done += writeSync(this.#file, line, done);
    if (record.verdict === "issued") fsyncSync(this.#file);
    this.#torn = false;
    this.#bytes += line.length;
  }

  /** What was issued and is still valid, oldest first, from this file and the newest one set aside. */
  issued(): readonly IssuedFacts[] {
    const now = this.#clock.now();
    return [...this.#setAside().slice(-1), this.#path]
      .flatMap((path) => readFileSync(path, "utf8").split("\n"))
      .map(parseRecord)
      .filter((record) => record !== undefined && record.notAfter > now) as IssuedFacts[];
  }

  close(): void {
    closeSync(this.#file);
  }

  #rotate(): void {
    closeSync(this.#file);
    renameSync(this.#path, `${this.#path}.${this.#clock.now()}`);
    this.#file = openSync(this.#path, "a", 0o600);
    this.#bytes = 0;
    this.#torn = false;
  }

  #setAside(): readonly string[] {
    const prefix = `${basename(this.#path)}.`;
    return readdirSync(dirname(this.#path))
      .filter((name) => name.startsWith(prefix))
      .toSorted()
      .map((name) => join(dirname(this.#path), name));
  }
}

function endsWithLine(path: string): boolean {
  const bytes = readFileSync(path);
  return bytes.length === 0 || bytes.at(-1) === 0x0a;
}

/** The facts of a line that records a certificate. A line that a crash cut short says nothing: none was given out. */
export function parseRecord(line: string): IssuedFacts | undefined {
  if (!line.includes('"verdict":"issued"')) return undefined;
  try {
    const record = JSON.parse(line) as Partial<IssuedFacts>;
    const isComplete = typeof record.notAfter === "number" && typeof record.identity === "string";
    return isComplete && typeof record.holder === "string" ? (record as IssuedFacts) : undefined;
  } catch {
    return undefined;
  }
}
