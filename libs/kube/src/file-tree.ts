import { watch, type FSWatcher } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Clock, Timer } from "@ambit/base/clock.ts";
import type { Logger } from "@ambit/base/logger.ts";

/** Quiet time after a notification, so that one save of an editor is one change. */
const QUIET_MS = 20;
/** The longest a busy directory can put a change off. */
const QUIET_MAX_MS = 200;
/** Period of the safety net for changes no notification told of. */
const POLL_MS = 1_000;
/** The safety net may take this share of one core: its period grows with the size of the tree. */
const POLL_SHARE = 0.05;
/** Files looked at together. */
const PARALLEL_STATS = 64;

export interface FileChange {
  /** Index of the root it lies under. */
  readonly root: number;
  readonly path: string;
  readonly type: "changed" | "removed";
}

export interface FileTreeDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Takes one round of changes; the next round begins when it has resolved. */
  readonly onChanges: (changes: readonly FileChange[]) => Promise<void>;
}

interface Seen {
  readonly root: number;
  readonly stamp: string;
}

/**
 * Follows the manifests (`.yaml`, `.yml`, `.json`) below some directories. Notifications of the kernel make it quick,
 * a periodic look at every file makes it certain. Dot files, dot folders, editor scratch files and symlinked
 * folders are not looked at. When a directory cannot be read, what it held is kept.
 */
export class FileTree {
  readonly #roots: readonly string[];
  readonly #deps: FileTreeDeps;
  readonly #seen = new Map<string, Seen>();
  readonly #watchers = new Map<string, FSWatcher>();
  readonly #unreadable = new Map<string, string>();
  #dirtyFiles = new Map<string, number>();
  #dirtyFolders = new Map<string, number>();
  #timer: Timer | undefined;
  #firstDirtyMs = 0;
  #pollTimer: Timer | undefined;
  #running: Promise<void> | undefined;
  #stopped = false;
  #watchRefused = false;

  constructor(roots: readonly string[], deps: FileTreeDeps) {
    this.#roots = roots;
    this.#deps = deps;
  }

  /** Looks at everything once, then follows changes. */
  async start(): Promise<void> {
    await this.#round(true);
    this.#schedulePoll(0);
  }

  /** Looks at everything now. */
  refresh(): Promise<void> {
    return this.#round(true);
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
    this.#pollTimer?.cancel();
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  /** Directories that cannot be read at present, and why. */
  get unreadable(): ReadonlyMap<string, string> {
    return this.#unreadable;
  }

  /** Makes the next periodic look report the file again. */
  recheck(path: string): void {
    this.#seen.set(path, { root: this.#seen.get(path)?.root ?? 0, stamp: "" });
  }

  #schedulePoll(lastDurationMs: number): void {
    if (this.#stopped) return;
    const { clock, logger } = this.#deps;
    this.#pollTimer = clock.after(
      Math.max(POLL_MS, lastDurationMs / POLL_SHARE),
      () => {
        const started = clock.monotonic();
        this.#round(true).then(
          () => this.#schedulePoll(clock.monotonic() - started),
          (thrown: unknown) => {
            logger.error("reading the directory failed", { error: String(thrown) });
            this.#schedulePoll(clock.monotonic() - started);
          },
        );
      },
      true,
    );
  }

  #notice(root: number, folder: string, name: string | null): void {
    if (this.#stopped) return;
    if (name === null) this.#dirtyFolders.set(folder, root);
    else if (name.startsWith(".")) return;
    else this.#dirtyFiles.set(join(folder, name), root);
    const { clock, logger } = this.#deps;
    const now = clock.monotonic();
    if (this.#timer === undefined) this.#firstDirtyMs = now;
    else if (now - this.#firstDirtyMs > QUIET_MAX_MS) return;
    this.#timer?.cancel();
    this.#timer = clock.after(
      QUIET_MS,
      () => {
        this.#timer = undefined;
        this.#round(false).catch((thrown: unknown) => {
          logger.error("reading the directory failed", { error: String(thrown) });
        });
      },
      true,
    );
  }

  // One round at a time: two of them would report changes in the wrong order.
  async #round(everything: boolean): Promise<void> {
    while (this.#running !== undefined) await this.#running;
    if (this.#stopped) return;
    const run = this.#look(everything);
    this.#running = run.then(
      () => undefined,
      () => undefined,
    );
    try {
      await run;
    } finally {
      this.#running = undefined;
    }
  }

  async #look(everything: boolean): Promise<void> {
    const files = this.#dirtyFiles;
    const folders = this.#dirtyFolders;
    this.#dirtyFiles = new Map();
    this.#dirtyFolders = new Map();
    const changes: FileChange[] = [];
    if (everything) {
      for (const [root, folder] of this.#roots.entries()) await this.#folder(root, folder, changes);
    } else {
      for (const [folder, root] of folders) await this.#folder(root, folder, changes);
      for (const [path, root] of files) await this.#entry(root, path, changes);
    }
    if (changes.length > 0) await this.#deps.onChanges(changes);
  }

  async #folder(root: number, folder: string, changes: FileChange[]): Promise<void> {
    this.#watch(root, folder);
    const entries = await this.#list(root, folder, changes);
    if (entries === undefined) return;
    const present = new Set<string>();
    const candidates: string[] = [];
    for (const entry of entries) {
      const path = join(folder, entry.name);
      if (entry.name.startsWith(".")) continue;
      present.add(path);
      if (entry.isDirectory()) {
        if (this.#seen.delete(path)) changes.push({ root, path, type: "removed" });
        await this.#folder(root, path, changes);
      }
      if (!entry.isDirectory() && isManifest(entry.name)) candidates.push(path);
    }
    for (let at = 0; at < candidates.length; at += PARALLEL_STATS) {
      const some = candidates.slice(at, at + PARALLEL_STATS);
      await Promise.all(some.map((path) => this.#file(root, path, changes)));
    }
    this.#dropMissing(folder, present, changes);
  }

  async #list(root: number, folder: string, changes: FileChange[]) {
    try {
      const entries = await readdir(folder, { withFileTypes: true });
      this.#unreadable.delete(folder);
      return entries.sort((left, right) => (left.name < right.name ? -1 : 1));
    } catch (thrown) {
      const code = (thrown as NodeJS.ErrnoException).code ?? "";
      // A vanished folder took its files along; a vanished root is more likely a mount or a rename in progress.
      if ((code === "ENOENT" || code === "ENOTDIR") && folder !== this.#roots[root]) {
        this.#forget(folder, changes);
      } else this.#unreadable.set(folder, code);
      return undefined;
    }
  }

  /** A path of which a notification told: a file, a folder, or nothing any more. */
  async #entry(root: number, path: string, changes: FileChange[]): Promise<void> {
    if (this.#seen.has(path) || isManifest(path)) {
      await this.#file(root, path, changes);
      return;
    }
    let isFolder = false;
    try {
      isFolder = (await stat(path)).isDirectory();
    } catch {
      this.#forget(path, changes);
    }
    if (isFolder) await this.#folder(root, path, changes);
  }

  async #file(root: number, path: string, changes: FileChange[]): Promise<void> {
    let stamp: string;
    try {
      const found = await stat(path);
      if (found.isDirectory()) return;
      stamp = `${found.mtimeMs}/${found.ctimeMs}/${found.size}/${found.ino}`;
    } catch {
      if (this.#seen.delete(path)) changes.push({ root, path, type: "removed" });
      return;
    }
    if (this.#seen.get(path)?.stamp === stamp) return;
    this.#seen.set(path, { root, stamp });
    changes.push({ root, path, type: "changed" });
  }

  #dropMissing(folder: string, present: ReadonlySet<string>, changes: FileChange[]): void {
    const prefix = `${folder}/`;
    for (const [path, seen] of this.#seen) {
      if (!path.startsWith(prefix)) continue;
      const slash = path.indexOf("/", prefix.length);
      const child = slash < 0 ? path : path.slice(0, slash);
      if (present.has(child)) continue;
      this.#seen.delete(path);
      changes.push({ root: seen.root, path, type: "removed" });
    }
  }

  #forget(folder: string, changes: FileChange[]): void {
    this.#watchers.get(folder)?.close();
    this.#watchers.delete(folder);
    this.#unreadable.delete(folder);
    this.#dropMissing(folder, new Set(), changes);
  }

  #watch(root: number, folder: string): void {
    if (this.#watchers.has(folder) || this.#stopped) return;
    try {
      const watcher = watch(folder, { persistent: false }, (_event, name) =>
        this.#notice(root, folder, name),
      );
      watcher.on("error", () => {
        watcher.close();
        this.#watchers.delete(folder);
      });
      this.#watchers.set(folder, watcher);
    } catch (thrown) {
      const code = (thrown as NodeJS.ErrnoException).code;
      if (code === "ENOENT" || this.#watchRefused) return;
      this.#watchRefused = true;
      this.#deps.logger.warn("cannot be notified of changes, looking periodically instead", { folder, code });
    }
  }
}

/** True for a file the mesh reads: a manifest that is neither hidden nor an editor's scratch file. */
function isManifest(path: string): boolean {
  const name = path.slice(path.lastIndexOf("/") + 1);
  return /^[^.#~].*\.(?:ya?ml|json)$/.test(name) && name !== "ambit.yaml" && name !== "ambit.yml";
}
