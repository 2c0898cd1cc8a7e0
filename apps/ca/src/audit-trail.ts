import { closeSync, fstatSync, openSync, readdirSync, readSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "@ambit/base/clock.ts";
import { parseRecord, type IssuedFacts } from "./audit-log.ts";

/** An audit log of any replica, and one that was set aside. */
const NAME = /^(audit(?:-[0-9]+)?\.log)(?:\.([0-9]+))?$/;
const CHUNK_BYTES = 1024 * 1024;

/** The name of a replica's audit log; that of the first one is what a lone authority has. */
export function auditName(slot: number): string {
  return slot === 1 ? "audit.log" : `audit-${slot}.log`;
}

/** Follows what the other replicas record in the same folder. */
export class AuditTrail {
  readonly #dir: string;
  readonly #own: string;
  readonly #clock: Clock;
  /** Bytes read of each file, by inode: a log that is set aside keeps its own. */
  #read: ReadonlyMap<bigint, number> = new Map();

  /** `own`: the name of this replica's log, which is left out. */
  constructor(dir: string, own: string, deps: { clock: Clock }) {
    this.#dir = dir;
    this.#own = own;
    this.#clock = deps.clock;
  }

  /** What the others have issued since the last call and is still valid; at first all of it. Throws what the disk says. */
  news(): readonly IssuedFacts[] {
    const now = this.#clock.now();
    const read = new Map<bigint, number>();
    const lines = this.#files().flatMap((path) => this.#newLines(path, read));
    this.#read = read;
    return lines
      .map(parseRecord)
      .filter((facts): facts is IssuedFacts => facts !== undefined && facts.notAfter > now);
  }

  /** Of each log the newest one set aside, then the present one. */
  #files(): readonly string[] {
    const logs = new Map<string, { aside: string; asideAt: number; present: string }>();
    for (const name of readdirSync(this.#dir)) {
      const [, log, at] = NAME.exec(name) ?? [];
      if (log === undefined || log === this.#own) continue;
      const entry = logs.get(log) ?? { aside: "", asideAt: -1, present: "" };
      logs.set(log, entry);
      if (at === undefined) entry.present = name;
      else if (Number(at) > entry.asideAt) Object.assign(entry, { aside: name, asideAt: Number(at) });
    }
    return [...logs.values()]
      .flatMap(({ aside, present }) => [aside, present])
      .filter((name) => name !== "")
      .map((name) => join(this.#dir, name));
  }

  // Whole lines only: the rest of one may still be on its way.
  #newLines(path: string, read: Map<bigint, number>): readonly string[] {
    const file = openIfThere(path);
    if (file === undefined) return [];
    try {
      const { ino, size } = fstatSync(file, { bigint: true });
      const lines: string[] = [];
      let at = this.#read.get(ino) ?? 0;
      let rest = Buffer.alloc(0);
      while (at + rest.length < Number(size)) {
        const chunk = Buffer.alloc(Math.min(CHUNK_BYTES, Number(size) - at - rest.length));
        const length = readSync(file, chunk, 0, chunk.length, at + rest.length);
        if (length === 0) break;
        const bytes = Buffer.concat([rest, chunk.subarray(0, length)]);
        const end = bytes.lastIndexOf(0x0a) + 1;
        if (end > 0) lines.push(...bytes.toString("utf8", 0, end - 1).split("\n"));
        at += end;
        rest = bytes.subarray(end);
      }
      read.set(ino, at);
      return lines;
    } finally {
      closeSync(file);
    }
  }
}

// A log that is set aside in this moment is found under its other name the next time.
function openIfThere(path: string): number | undefined {
  try {
    return openSync(path, "r");
  } catch (thrown) {
    if (thrown instanceof Error && "code" in thrown && thrown.code === "ENOENT") return undefined;
    throw thrown;
  }
}
