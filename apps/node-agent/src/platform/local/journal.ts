import { existsSync, mkdirSync, readFileSync, readlinkSync, writeFileSync, appendFileSync } from "node:fs";
import { dirname } from "node:path";

/** Something made that has to be taken away again. */
export type JournalEntry =
  | { readonly kind: "netns"; readonly name: string }
  | {
      /** A pod's link. It lives as long as anybody, a node proxy say, holds the pod's namespace open. */
      readonly kind: "link";
      readonly name: string;
      /** Namespace of the node whose end it is. */
      readonly netnsPath: string;
    }
  | {
      readonly kind: "process";
      /** Leader of its process group. */
      readonly pid: number;
      /** Start time by /proc, which tells the process from a later one with the same id. */
      readonly startTime: string;
    };

interface Line {
  readonly op: "add" | "remove";
  readonly sandbox: string;
  readonly entry: JournalEntry;
}

/**
 * What the agent has made and not yet removed, on disk before it is made, so that a successor can clean up after a
 * crash. Entries of another sandbox (another process-id namespace) went away with it and are not reported.
 */
export class Journal {
  readonly #path: string;
  readonly #sandbox: string;
  readonly #open = new Map<string, JournalEntry>();

  /** Reads what an earlier run left at `path`. */
  constructor(path: string, sandbox = sandboxIdentity()) {
    this.#path = path;
    this.#sandbox = sandbox;
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    for (const line of readLines(path)) {
      if (line.sandbox !== sandbox) continue;
      if (line.op === "add") this.#open.set(keyOf(line.entry), line.entry);
      else this.#open.delete(keyOf(line.entry));
    }
    this.#compact();
  }

  /** Everything that is still there. */
  entries(): readonly JournalEntry[] {
    return [...this.#open.values()];
  }

  add(entry: JournalEntry): void {
    this.#open.set(keyOf(entry), entry);
    this.#append("add", entry);
  }

  remove(entry: JournalEntry): void {
    if (!this.#open.delete(keyOf(entry))) return;
    this.#append("remove", entry);
    if (this.#open.size === 0) this.#compact();
  }

  #append(op: Line["op"], entry: JournalEntry): void {
    const line: Line = { op, sandbox: this.#sandbox, entry };
    appendFileSync(this.#path, `${JSON.stringify(line)}\n`, { mode: 0o600 });
  }

  #compact(): void {
    const lines = [...this.#open.values()].map((entry) => ({ op: "add", sandbox: this.#sandbox, entry }));
    writeFileSync(this.#path, lines.map((line) => `${JSON.stringify(line)}\n`).join(""), { mode: 0o600 });
  }
}

function keyOf(entry: JournalEntry): string {
  switch (entry.kind) {
    case "netns":
      return `netns ${entry.name}`;
    case "link":
      return `link ${entry.name} ${entry.netnsPath}`;
    case "process":
      return `process ${entry.pid} ${entry.startTime}`;
  }
}

function readLines(path: string): readonly Line[] {
  if (!existsSync(path)) return [];
  const lines: Line[] = [];
  for (const text of readFileSync(path, "utf8").split("\n")) {
    if (text === "") continue;
    try {
      lines.push(JSON.parse(text) as Line);
    } catch {
      // The last line of a crash may be torn; what it announced had not been made yet.
    }
  }
  return lines;
}

function sandboxIdentity(): string {
  try {
    return readlinkSync("/proc/self/ns/pid");
  } catch {
    return "unknown";
  }
}

/** Start time of a process in clock ticks since boot, or undefined when it is gone (proc(5), field 22). */
export function processStartTime(pid: number): string | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    return text.slice(text.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return undefined;
  }
}
