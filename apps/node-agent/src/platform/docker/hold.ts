import { readdirSync, watch, type FSWatcher } from "node:fs";
import { join } from "node:path";
import { sleep, type Clock } from "@ambit/base/clock.ts";
import { describeError } from "@ambit/base/errors.ts";
import type { Logger } from "@ambit/base/logger.ts";
import { inNamespace, runCommand } from "../../command.ts";
import { isNamespace } from "./container-namespace.ts";
import type { HoldRecord } from "./early-send.ts";
import { readEarlyTraffic, type EarlyTraffic } from "./early-traffic.ts";

const TABLE = "ambit-hold";

/** A hold nobody claims ends by itself: what starts there is not for the mesh. */
const CLAIM_MS = 3_000;
/** Unless a container of the mesh is on its way: an engine with much else to do takes longer than that for a start. */
const MAX_CLAIMS = 10;
/** Between the appearance of a namespace's file and the mount of the namespace over it. */
const MOUNT_POLL_MS = 2;
const MOUNT_POLLS = 250;
/** The engine names a container's namespace by 12 hex digits; others belong to networks. */
const CONTAINER_NAMESPACE = /^[0-9a-f]{12}$/;

/**
 * The rules that hold new TCP connections from and to a container until it is known what becomes of it: their first
 * packets are dropped, and the kernel sends them again. Loopback goes on.
 */
function holdRules(): string {
  const opening = "tcp flags & (syn | ack) == syn drop";
  return [
    releaseRules(),
    `table inet ${TABLE} {`,
    `\tchain output {\n\t\ttype filter hook output priority -400; policy accept;\n\t\toifname != "lo" ${opening}\n\t}`,
    `\tchain prerouting {\n\t\ttype filter hook prerouting priority -400; policy accept;\n\t\tiifname != "lo" ${opening}\n\t}`,
    "}",
    "",
  ].join("\n");
}

/** Ends the hold; harmless when there is none. */
function releaseRules(): string {
  return `add table inet ${TABLE}\ndelete table inet ${TABLE}`;
}

export interface NamespaceHoldDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  /** True while a container of the mesh may be about to start. */
  readonly expecting: () => boolean;
  /** True while the engine is at work on one: what is held may be its namespace. */
  readonly starting: () => boolean;
  /** Runs nft in a namespace. */
  readonly load: (netnsPath: string, rules: string) => Promise<void>;
  readonly isNamespace: (path: string) => boolean;
  /** What has left a namespace so far. */
  readonly readTraffic: (netnsPath: string) => EarlyTraffic;
}

/** How holds are loaded where there is a kernel. */
export const kernelHold = {
  load: async (netnsPath: string, rules: string): Promise<void> => {
    await runCommand(inNamespace(netnsPath, ["nft", "-f", "-"]), `${rules}\n`);
  },
  isNamespace,
  readTraffic: readEarlyTraffic,
};

/**
 * Closes the gap between a container's first instruction and its capture: the engine tells of a start only when the
 * process runs, but makes the network namespace before. So every namespace that appears while a container of the mesh
 * may start is held, and released when it is captured or turns out to be somebody else's.
 */
export class NamespaceHold {
  readonly #place: () => string;
  readonly #deps: NamespaceHoldDeps;
  /** Loads by path, in order: a release waits for the hold it ends. */
  readonly #held = new Map<string, Promise<void>>();
  readonly #claimed = new Set<string>();
  /** Those whose rules this run has put in or tried to. */
  readonly #records = new Map<string, HoldRecord>();
  #dir = "";
  #watcher: FSWatcher | undefined;
  #lookedBack = false;
  #reported = false;

  /** `dir`: where the engine's namespaces appear; asked again whenever the folder is to be watched. */
  constructor(dir: string | (() => string), deps: NamespaceHoldDeps) {
    this.#place = typeof dir === "string" ? () => dir : dir;
    this.#deps = deps;
  }

  /** True when something is held. */
  get holds(): boolean {
    return this.#held.size > 0;
  }

  /** Watches the folder as it is now; again is harmless, and needed when the engine made it anew. */
  start(): void {
    this.#watcher?.close();
    this.#watcher = undefined;
    this.ensure();
  }

  /** Watches the folder if it is not watched: an engine makes it for its first container. */
  ensure(): void {
    if (this.#watcher !== undefined) return;
    this.#dir = this.#place();
    try {
      this.#watcher = watch(this.#dir, (_type, name) => {
        if (name !== null) this.#appeared(name);
      });
      this.#watcher.on("error", (error) => this.#blind(error));
      this.#lookBack();
      this.#reported = false;
    } catch (thrown) {
      this.#blind(thrown);
    }
  }

  /**
   * Ends the holds nobody has claimed. What belongs to the mesh and is not captured yet stays closed: the next run ends
   * its hold.
   */
  async stop(): Promise<void> {
    this.#watcher?.close();
    await Promise.all([...this.#held.keys()].map((path) => this.#releaseUnclaimed(path)));
  }

  /**
   * The namespace belongs to the mesh: its hold lasts until `release`, however long its capture takes. True when nothing
   * has passed since it was made: an earlier run's hold, or one that failed or comes too late, is none to count on.
   */
  claim(netnsPath: string): boolean {
    if (this.#held.has(netnsPath)) this.#claimed.add(netnsPath);
    return this.record(netnsPath).state === "held";
  }

  /** How a namespace is held now, and what had left it when its hold came into force. */
  record(netnsPath: string): HoldRecord {
    return this.#records.get(netnsPath) ?? { state: "unseen" };
  }

  /** Ends the hold on a namespace, if there is one. */
  async release(netnsPath: string): Promise<void> {
    const held = this.#held.get(netnsPath);
    if (held === undefined) return;
    this.#held.delete(netnsPath);
    this.#claimed.delete(netnsPath);
    await held;
    this.#records.delete(netnsPath);
    try {
      await this.#deps.load(netnsPath, releaseRules());
    } catch (thrown) {
      if (this.#deps.isNamespace(netnsPath))
        this.#deps.logger.error("a held namespace cannot be released", {
          netnsPath,
          error: describeError(thrown),
        });
    }
  }

  #appeared(name: string): void {
    const path = join(this.#dir, name);
    if (!CONTAINER_NAMESPACE.test(name) || this.#held.has(path) || !this.#deps.expecting()) return;
    this.#records.set(path, { state: "late" });
    this.#awaitClaim(path, this.#hold(path));
  }

  /** A run that was killed may have left holds, which would cut their containers off for good. */
  #lookBack(): void {
    if (this.#lookedBack) return;
    this.#lookedBack = true;
    for (const name of readdirSync(this.#dir)) {
      const path = join(this.#dir, name);
      if (CONTAINER_NAMESPACE.test(name) && this.#deps.isNamespace(path))
        this.#awaitClaim(path, Promise.resolve());
    }
  }

  #awaitClaim(path: string, held: Promise<void>): void {
    this.#held.set(path, held);
    this.#lapse(path, held, 1);
  }

  #lapse(path: string, held: Promise<void>, claims: number): void {
    const { clock, starting } = this.#deps;
    clock.after(
      CLAIM_MS,
      () => {
        if (this.#held.get(path) !== held || this.#claimed.has(path)) return;
        if (claims < MAX_CLAIMS && starting()) this.#lapse(path, held, claims + 1);
        else void this.release(path);
      },
      true,
    );
  }

  async #releaseUnclaimed(path: string): Promise<void> {
    if (!this.#claimed.has(path)) await this.release(path);
  }

  async #hold(path: string): Promise<void> {
    const { clock, load, logger } = this.#deps;
    try {
      for (let poll = 0; poll < MOUNT_POLLS && !this.#deps.isNamespace(path); poll++)
        await sleep(clock, MOUNT_POLL_MS);
      if (!this.#deps.isNamespace(path)) return;
      await load(path, holdRules());
      this.#records.set(path, { state: "held", traffic: this.#traffic(path) });
      logger.debug("a new namespace is held", { path });
    } catch (thrown) {
      this.#records.set(path, { state: "failed" });
      logger.warn("a new namespace cannot be held", { path, error: describeError(thrown) });
    }
  }

  #traffic(path: string): EarlyTraffic | undefined {
    try {
      return this.#deps.readTraffic(path);
    } catch {
      // It has gone: nobody will ask.
      return undefined;
    }
  }

  #blind(thrown: unknown): void {
    this.#watcher?.close();
    this.#watcher = undefined;
    if (this.#reported) return;
    this.#reported = true;
    this.#deps.logger.warn("new namespaces cannot be seen before their containers run", {
      folder: this.#dir,
      error: describeError(thrown),
      hint: "mount the engine's folder of namespaces rslave at the same place",
    });
  }
}
