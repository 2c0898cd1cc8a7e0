import { readFileSync, statSync } from "node:fs";
import { relative } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import type { Clock } from "@ambit/base/clock.ts";
import type { Logger } from "@ambit/base/logger.ts";
import { Claims, type Claim } from "./claims.ts";
import { compareDiagnostics, type Diagnostic, type Origin, type ResourceName } from "./diagnostics.ts";
import {
  digestOf,
  EMPTY_CONTENT,
  readFileContent,
  unreadableContent,
  type FileContent,
} from "./file-content.ts";
import { FileTree, type FileChange } from "./file-tree.ts";
import { lineOfField } from "./read-resources.ts";
import type { Kind } from "./resources/registry.ts";
import { splitDocuments } from "./yaml-text.ts";
import type { PutEvent, Source, SourceEvent } from "./source.ts";

export interface FileRoot {
  readonly dir: string;
  /** Set for the platform's own record of what runs: it wins over manifests of the same name. @default false */
  readonly observed?: boolean;
}

export interface FileSourceOptions {
  readonly roots: readonly FileRoot[];
  /** @default 8 MiB */
  readonly maxFileBytes?: number;
  /** Shortens file names in messages: paths below it are shown relative to it. */
  readonly relativeTo?: string;
}

export interface FileSourceDeps {
  readonly clock: Clock;
  readonly logger: Logger;
}

const DEFAULT_MAX_FILE_BYTES = 8 * 1024 * 1024;
/** Parsing gives way to other work after this long. */
const TURN_MS = 8;

/** A Source over directories of Kubernetes YAML and JSON. Last good version kept per resource. */
export class FileSource implements Source {
  readonly #options: FileSourceOptions;
  readonly #clock: Clock;
  readonly #tree: FileTree;
  readonly #files = new Map<string, FileContent>();
  /** Files something is wrong with; few, among many. */
  readonly #troubled = new Map<string, readonly Diagnostic[]>();
  readonly #blankOnce = new Set<string>();
  readonly #claims = new Claims();
  readonly #current = new Map<string, Claim>();
  readonly #duplicates = new Map<string, readonly Diagnostic[]>();
  readonly #listeners = new Set<(events: readonly SourceEvent[]) => void>();
  readonly #diagnosticListeners = new Set<() => void>();
  #diagnostics: readonly Diagnostic[] | undefined;
  #synced = false;
  #turnStarted = 0;
  #round = 0;

  constructor(options: FileSourceOptions, deps: FileSourceDeps) {
    this.#options = options;
    this.#clock = deps.clock;
    this.#tree = new FileTree(
      options.roots.map((root) => root.dir),
      { ...deps, onChanges: (changes) => this.#apply(changes) },
    );
  }

  async start(): Promise<void> {
    await this.#tree.start();
    this.#synced = true;
  }

  /** Looks at every file now instead of waiting for a notification; resolves when the changes are handed on. */
  refresh(): Promise<void> {
    return this.#tree.refresh();
  }

  stop(): void {
    this.#tree.stop();
  }

  get synced(): boolean {
    return this.#synced;
  }

  subscribe(listener: (events: readonly SourceEvent[]) => void): () => void {
    listener([...this.#current.values()].map(putEvent));
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  onDiagnostics(listener: () => void): () => void {
    this.#diagnosticListeners.add(listener);
    return () => this.#diagnosticListeners.delete(listener);
  }

  diagnostics(): readonly Diagnostic[] {
    this.#diagnostics ??= [
      ...[...this.#troubled.values()].flat(),
      ...[...this.#duplicates.values()].flat(),
      ...[...this.#tree.unreadable].map(([folder, code]) => unreadableFolder(this.#shown(folder), code)),
    ].sort(compareDiagnostics);
    return this.#diagnostics;
  }

  locate(resource: ResourceName, field: string): Origin | undefined {
    const claim = this.#current.get(`${resource.kind}/${resource.namespace}/${resource.name}`);
    if (claim === undefined) return undefined;
    const found = this.#fileOf(claim);
    for (const { digest, read } of found?.content.documents ?? []) {
      const entry = read.entries.find(
        ({ resource: named, object }) =>
          object !== undefined && named !== undefined && isDeepStrictEqual(named, claim.resource),
      );
      if (entry === undefined) continue;
      const text = textOf(found?.path ?? "", digest);
      if (text === undefined) continue;
      const line = claim.origin.line - entry.line + lineOfField(text, entry, field);
      return { file: claim.origin.file, line };
    }
    return claim.origin;
  }

  async #apply(changes: readonly FileChange[]): Promise<void> {
    this.#turnStarted = this.#clock.monotonic();
    this.#round++;
    const touched = new Set<string>();
    for (const change of changes) {
      const before = this.#files.get(change.path) ?? EMPTY_CONTENT;
      const after = change.type === "removed" ? EMPTY_CONTENT : await this.#read(change, before);
      if (after === before) continue;
      for (const key of this.#claims.replace(before.claims, after.claims)) touched.add(key);
      if (change.type === "removed") this.#files.delete(change.path);
      else this.#files.set(change.path, after);
      if (after.diagnostics.length === 0) this.#troubled.delete(change.path);
      else this.#troubled.set(change.path, after.diagnostics);
      await this.#pause();
    }
    this.#publish(touched);
  }

  #read(change: FileChange, before: FileContent): FileContent | Promise<FileContent> {
    const { path } = change;
    const file = this.#shown(path);
    const limit = this.#options.maxFileBytes ?? DEFAULT_MAX_FILE_BYTES;
    let text: string;
    try {
      // Read at once: manifests are small and local, and a promise per file costs several times the read itself.
      const { size } = statSync(path);
      if (size > limit) {
        return unreadableContent(before, file, {
          code: "AMB0011",
          message: `the file has ${size} bytes, more than ${limit}`,
          remedy: "split it into several files",
        });
      }
      text = readFileSync(path, "utf8");
    } catch (thrown) {
      const code = (thrown as NodeJS.ErrnoException).code ?? "unknown error";
      if (code === "ENOENT") return EMPTY_CONTENT;
      const message = `the file cannot be read: ${code}`;
      return unreadableContent(before, file, { code: "AMB0012", message, remedy: "check its permissions" });
    }
    // Many editors truncate before they write; an emptied file counts only when it still is empty at the next look.
    if (text.trim() === "" && before.claims.length > 0 && !this.#blankOnce.has(path)) {
      this.#blankOnce.add(path);
      this.#tree.recheck(path);
      return before;
    }
    this.#blankOnce.delete(path);
    const rank = this.#options.roots[change.root]?.observed === true ? 1 : 0;
    return readFileContent(text, before, { file, rank, round: this.#round }, () => this.#pause());
  }

  async #pause(): Promise<void> {
    if (this.#clock.monotonic() - this.#turnStarted < TURN_MS) return;
    await nextTurn();
    this.#turnStarted = this.#clock.monotonic();
  }

  #publish(touched: ReadonlySet<string>): void {
    const events: SourceEvent[] = [];
    for (const key of touched) {
      this.#updateDuplicates(key);
      const event = this.#step(key);
      if (event !== undefined) events.push(event);
    }
    this.#diagnostics = undefined;
    if (events.length > 0) for (const listener of this.#listeners) listener(events);
    for (const listener of this.#diagnosticListeners) listener();
  }

  #updateDuplicates(key: string): void {
    const found = this.#claims.duplicates(key);
    if (found.length === 0) this.#duplicates.delete(key);
    else this.#duplicates.set(key, found);
  }

  #step(key: string): SourceEvent | undefined {
    const before = this.#current.get(key);
    const winner = this.#claims.winner(key);
    if (winner === undefined) {
      if (before === undefined) return undefined;
      this.#current.delete(key);
      const { kind, namespace, name } = before.resource;
      return { type: "delete", kind: kind as Kind, namespace, name, origin: before.origin };
    }
    if (before === undefined) {
      this.#current.set(key, winner);
      return putEvent(winner);
    }
    // The same content keeps its object, so that what is derived from it can see by reference that nothing changed.
    const same = before.object === winner.object || isDeepStrictEqual(before.object, winner.object);
    const claim = same ? { ...winner, object: before.object } : winner;
    this.#current.set(key, claim);
    const moved = before.origin.line !== winner.origin.line || before.origin.file !== winner.origin.file;
    return same && !moved ? undefined : putEvent(claim);
  }

  #fileOf(claim: Claim): { readonly path: string; readonly content: FileContent } | undefined {
    for (const [path, content] of this.#files) {
      if (this.#shown(path) === claim.origin.file) return { path, content };
    }
    return undefined;
  }

  #shown(path: string): string {
    const { relativeTo } = this.#options;
    if (relativeTo === undefined) return path;
    const short = relative(relativeTo, path);
    return short.startsWith("..") ? path : short;
  }
}

function putEvent(claim: Claim): SourceEvent {
  const { resource, object, origin } = claim;
  const { kind, namespace, name } = resource;
  // A claim's object was read by the definition of the claim's kind.
  return { type: "put", kind, namespace, name, object, origin } as PutEvent;
}

/** A document's text as the file has it; undefined when the file has moved on since it was read. */
function textOf(path: string, digest: string): string | undefined {
  try {
    const pieces = splitDocuments(readFileSync(path, "utf8"));
    return pieces.find((piece) => digestOf(piece.text) === digest)?.text;
  } catch {
    return undefined;
  }
}

function unreadableFolder(folder: string, code: string): Diagnostic {
  return {
    code: "AMB0012",
    severity: "error",
    message: `the folder cannot be read: ${code}`,
    origin: { file: folder, line: 0 },
    field: "",
    remedy: "check that it exists and its permissions",
    resource: undefined,
  };
}
