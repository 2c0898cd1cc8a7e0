import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, statSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import type { Clock } from "@ambit/base/clock.ts";

/** One decision of the authority: who asked, for whom, and what came of it. */
export interface AuditRecord {
  readonly verdict: "issued" | "refused";
  readonly caller: string;
  readonly peer: string;
  readonly identity: string;
  readonly serial: string;
  readonly ttlSeconds: number;
  /** The full reason, which callers are not told. */
  readonly reason: string;
}

/** A file of this size is set aside under a dated name; nothing is ever cut off. */
const ROTATE_BYTES = 64 * 1024 * 1024;

/** Append-only JSON lines, on disk before the answer leaves. It is also the journal of serials. */
export class AuditLog {
  readonly #path: string;
  readonly #clock: Clock;
  #file: number;
  #bytes: number;

  constructor(path: string, deps: { clock: Clock }) {
    this.#path = path;
    this.#clock = deps.clock;
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    this.#file = openSync(path, "a", 0o600);
    this.#bytes = statSync(path).size;
  }

  /** Writes one record durably. Throws what the disk says: a certificate that is not recorded is not issued. */
  append(record: AuditRecord): void {
    if (this.#bytes > ROTATE_BYTES) this.#rotate();
    const line = Buffer.from(
      `${JSON.stringify({ time: new Date(this.#clock.now()).toISOString(), ...record })}\n`,
    );
    for (let done = 0; done < line.length;) done += writeSync(this.#file, line, done);
    if (record.verdict === "issued") fsyncSync(this.#file);
    this.#bytes += line.length;
  }

  close(): void {
    closeSync(this.#file);
  }

  #rotate(): void {
    closeSync(this.#file);
    renameSync(this.#path, `${this.#path}.${this.#clock.now()}`);
    this.#file = openSync(this.#path, "a", 0o600);
    this.#bytes = 0;
  }
}
