import { statSync, watch, type Dirent, type FSWatcher, type Stats } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Clock, Timer } from "@ambit/base/clock.ts";
import type { Logger } from "@ambit/base/logger.ts";

/** Quiet time after a notification, so that one save of an editor is one change. */
const QUIET_MS = 20;
/** The longest a busy directory can put a change off. */
const QUIET_MAX_MS = 100;
/** Period of the safety net for changes no notification told of. */
const POLL_MS = 1_000;
/** The safety net may take this share of one core: its period grows with the size of the tree. */
const POLL_SHARE = 0.05;
/** Looking at files gives way to other work after this long. */
const TURN_MS = 8;

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
  readonly #watchers = new Map<string, { readonly watcher: FSWatcher; readonly ino: number }>();
  readonly #unreadable = new Map<string, string>();
  /** Paths to look at, each with its root. */
  #suspects = new Map<string, number>();
  /** Paths notifications told of, each with its root. */
  #noticed = new Map<string, number>();
  /** Manifests that were put in place as a whole, each with its root; there is no rest of them to wait for. */
  #whole = new Map<string, number>();
  #hurry: Timer | undefined;
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
    const started = this.#deps.clock.monotonic();
    await this.#surveyAll();
    const tookMs = this.#deps.clock.monotonic() - started;
    await this.#round();
    this.#schedulePoll(tookMs);
  }

  /** Looks at everything now. */
  async refresh(): Promise<void> {
    await this.#surveyAll();
    await this.#round();
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
    this.#hurry?.cancel();
    this.#pollTimer?.cancel();
    for (const { watcher } of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  /** Directories that cannot be read at present, and why. */
  get unreadable(): ReadonlyMap<string, string> {
    return this.#unreadable;
  }

  /** Reports the file again in a second, whatever it is then: also where the periodic look comes more seldom. */
  recheck(path: string): void {
    const root = this.#seen.get(path)?.root ?? 0;
    this.#seen.set(path, { root, stamp: "" });
    this.#deps.clock.after(
      POLL_MS,
      () => {
        if (!this.#stopped) this.#lookInto(new Map([[path, root]]));
      },
      true,
    );
  }

  // By the shorter of two looks: one that took long because the process was frozen says nothing about the next.
  #schedulePoll(lastMs: number, beforeMs = lastMs): void {
    if (this.#stopped) return;
    const { clock, logger } = this.#deps;
    this.#pollTimer = clock.after(
      Math.max(POLL_MS, Math.min(lastMs, beforeMs) / POLL_SHARE),
      () => {
        const started = clock.monotonic();
        this.refresh().then(
          () => this.#schedulePoll(clock.monotonic() - started, lastMs),
          (thrown: unknown) => {
            logger.error("reading the directory failed", { error: String(thrown) });
            this.#schedulePoll(clock.monotonic() - started, lastMs);
          },
        );
      },
      true,
    );
  }

  #notice(root: number, folder: string, event: string, name: string | null): void {
    if (this.#stopped) return;
    if (name?.startsWith(".") === true) return;
    const path = name === null ? folder : join(folder, name);
    if (event === "rename" && isManifest(path) && wasMovedIn(path)) {
      this.#noticed.delete(path);
      this.#whole.set(path, root);
      this.#hurry ??= this.#deps.clock.after(0, () => {
        this.#hurry = undefined;
        const whole = this.#whole;
        this.#whole = new Map();
        this.#lookInto(whole);
      });
      return;
    }
    this.#noticed.set(path, root);
    this.#afterQuiet();
  }

  #afterQuiet(): void {
    const { clock } = this.#deps;
    const now = clock.monotonic();
    if (this.#timer === undefined) this.#firstDirtyMs = now;
    else if (now - this.#firstDirtyMs > QUIET_MAX_MS) return;
    this.#timer?.cancel();
    this.#timer = clock.after(
      QUIET_MS,
      () => {
        this.#timer = undefined;
        const noticed = this.#noticed;
        this.#noticed = new Map();
        this.#lookInto(noticed);
      },
      true,
    );
  }

  #lookInto(paths: ReadonlyMap<string, number>): void {
    this.#followUp(paths).catch((thrown: unknown) => {
      this.#deps.logger.error("reading the directory failed", { error: String(thrown) });
    });
  }

  async #followUp(paths: ReadonlyMap<string, number>): Promise<void> {
    for (const [path, root] of paths) {
      if (this.#seen.has(path) || isManifest(path)) this.#suspects.set(path, root);
      if (!isManifest(path)) await this.#investigate(root, path);
    }
    await this.#round();
  }

  // One round at a time: two of them would report changes in the wrong order.
  async #round(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
    if (this.#stopped || this.#suspects.size === 0) return;
    const run = this.#look();
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

  /** Looks at the suspects and hands on what really changed. */
  async #look(): Promise<void> {
    const suspects = this.#suspects;
    this.#suspects = new Map();
    const changes: FileChange[] = [];
    for (const [path, root] of suspects) {
      const change = this.#compare(root, path);
      if (change !== undefined) changes.push(change);
    }
    if (changes.length > 0) await this.#deps.onChanges(changes);
  }

  #compare(root: number, path: string): FileChange | undefined {
    const stamp = stampOf(path);
    const before = this.#seen.get(path);
    if (stamp === before?.stamp) return undefined;
    if (stamp !== undefined) {
      this.#seen.set(path, { root, stamp });
      return { root, path, type: "changed" };
    }
    this.#seen.delete(path);
    return before === undefined ? undefined : { root, path, type: "removed" };
  }

  /** Adds every file to the suspects that differs from what was seen. Changes that are notified meanwhile do not wait. */
  async #surveyAll(): Promise<void> {
    for (const [root, folder] of this.#roots.entries()) await this.#survey(root, folder);
  }

  async #survey(root: number, top: string): Promise<void> {
    const present = new Set<string>();
    const unread: string[] = [];
    await this.#surveyFolder(root, top, present, unread);
    const prefix = `${top}/`;
    for (const path of this.#seen.keys()) {
      if (!path.startsWith(prefix) || present.has(path)) continue;
      if (!unread.some((folder) => path.startsWith(`${folder}/`))) this.#suspects.set(path, root);
    }
  }

  async #surveyFolder(root: number, folder: string, present: Set<string>, unread: string[]): Promise<void> {
    this.#watch(root, folder);
    const entries = await this.#list(root, folder, unread);
    const files: string[] = [];
    for (const entry of entries) {
      const path = join(folder, entry.name);
      if (entry.name.startsWith(".")) continue;
      if (entry.isDirectory()) await this.#surveyFolder(root, path, present, unread);
      else if (isManifest(entry.name)) files.push(path);
    }
    const { clock } = this.#deps;
    let turnStarted = clock.monotonic();
    for (const path of files) {
      present.add(path);
      // Asked for at once: a promise per file costs many times the look itself.
      if (stampOf(path) !== this.#seen.get(path)?.stamp) this.#suspects.set(path, root);
      if (clock.monotonic() - turnStarted < TURN_MS) continue;
      await nextTurn();
      turnStarted = clock.monotonic();
    }
  }

  async #list(root: number, folder: string, unread: string[]): Promise<Dirent[]> {
    try {
      const entries = await readdir(folder, { withFileTypes: true });
      this.#unreadable.delete(folder);
      return entries.sort((left, right) => (left.name < right.name ? -1 : 1));
    } catch (thrown) {
      const code = (thrown as NodeJS.ErrnoException).code ?? "";
      // A vanished folder took its files along; a vanished root is more likely a mount or a rename in progress.
      if ((code === "ENOENT" || code === "ENOTDIR") && folder !== this.#roots[root]) {
        this.#forget(folder);
      } else {
        this.#unreadable.set(folder, code);
        unread.push(folder);
      }
      return [];
    }
  }

  /** A path of which a notification told: a folder, something else, or nothing any more. */
  async #investigate(root: number, path: string): Promise<void> {
    if (statOf(path)?.isDirectory() === true) {
      await this.#survey(root, path);
      return;
    }
    // Scratch files come and go all the time; only a folder takes others along.
    if (!this.#watchers.has(path) && !this.#unreadable.has(path)) return;
    this.#forget(path);
    const prefix = `${path}/`;
    for (const seen of this.#seen.keys()) if (seen.startsWith(prefix)) this.#suspects.set(seen, root);
  }

  #forget(folder: string): void {
    this.#watchers.get(folder)?.watcher.close();
    this.#watchers.delete(folder);
    this.#unreadable.delete(folder);
  }

  // A folder that was removed and made again has the old name and needs a new watcher.
  #watch(root: number, folder: string): void {
    if (this.#stopped) return;
    try {
      const { ino } = statSync(folder);
      const before = this.#watchers.get(folder);
      if (before?.ino === ino) return;
      before?.watcher.close();
      const watcher = watch(folder, { persistent: false }, (event, name) =>
        this.#notice(root, folder, event, name),
      );
      watcher.on("error", () => this.#forget(folder));
      this.#watchers.set(folder, { watcher, ino });
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

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

/** What tells one state of a file from another; undefined when there is no file. */
function stampOf(path: string): string | undefined {
  const found = statOf(path);
  if (found === undefined || found.isDirectory()) return undefined;
  return `${found.mtimeMs}/${found.ctimeMs}/${found.size}/${found.ino}`;
}

/**
 * True when a file that just appeared was written elsewhere and then moved here: moving changes its status after its
 * last write, while a file that is still being written has both times equal. In doubt false.
 */
function wasMovedIn(path: string): boolean {
  const found = statOf(path);
  return found !== undefined && found.isFile() && found.size > 0 && found.ctimeMs > found.mtimeMs;
}
