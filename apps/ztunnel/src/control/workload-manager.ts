import type { Clock, Timer } from "@ambit/base/clock.ts";
import type { Logger } from "@ambit/base/logger.ts";
import type { PodIdentity } from "@ambit/store/local-workload.ts";
import type { PodAnnouncement } from "../messages.ts";

export interface WorkloadManagerDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly data: {
    /** Resolves with undefined when every listener is open, else with what went wrong. */
    addPod(pod: PodAnnouncement): Promise<string | undefined>;
    /** Resolves when the pod's last connection has ended. */
    removePod(id: number): Promise<void>;
  };
  /** `dev:ino` of a namespace descriptor. */
  readonly namespaceIdentity: (fd: number) => string;
  readonly closeFd: (fd: number) => void;
  /** Called whenever the answer of `pending` may have changed. */
  readonly onChange: () => void;
}

/** A pod that could not be served is tried again after this long (ambient.md 1.4). */
const RETRY_MS = 5_000;

interface Entry {
  readonly announcement: PodAnnouncement;
  readonly namespace: string;
  state: "pending" | "up" | "removed";
  retry: Timer | undefined;
}

/** A pod as the admin page shows it. */
export interface PodState {
  readonly uid: string;
  readonly identity: PodIdentity;
  readonly state: "Up" | "Pending";
}

/**
 * The pods that the node agent wants served: owns their namespace descriptors, starts and drains their proxies on the
 * data threads, and reconciles with the snapshot of each new connection.
 */
export class WorkloadManager {
  readonly #deps: WorkloadManagerDeps;
  readonly #pods = new Map<string, Entry>();
  #named: Set<string> | undefined;
  #synced = false;
  #nextId = 1;
  #started = 0;
  #stopped = 0;

  constructor(deps: WorkloadManagerDeps) {
    this.#deps = deps;
  }

  /** True while the picture is incomplete: no connection, no snapshot yet, or a pod that cannot be served. */
  get pending(): boolean {
    return !this.#synced || this.counts().pending > 0;
  }

  counts(): { active: number; pending: number; started: number; stopped: number } {
    let pending = 0;
    for (const entry of this.#pods.values()) if (entry.state === "pending") pending++;
    return { active: this.#pods.size - pending, pending, started: this.#started, stopped: this.#stopped };
  }

  states(): PodState[] {
    return [...this.#pods.values()].map(({ announcement, state }) => ({
      uid: announcement.uid,
      identity: announcement.identity,
      state: state === "up" ? "Up" : "Pending",
    }));
  }

  /** A new connection: what it does not name until `endSnapshot` is gone. */
  beginSnapshot(): void {
    this.#named = new Set();
    this.#synced = false;
    this.#deps.onChange();
  }

  endSnapshot(): void {
    const named = this.#named;
    this.#named = undefined;
    if (named === undefined) return;
    for (const uid of [...this.#pods.keys()]) if (!named.has(uid)) this.remove(uid);
    this.#synced = true;
    this.#deps.onChange();
  }

  /** The connection is lost: pods are served on, readiness is not. */
  disconnected(): void {
    this.#named = undefined;
    this.#synced = false;
    this.#deps.onChange();
  }

  /** Takes the descriptor over. Resolves with the error to answer, undefined when the pod is served. */
  async add(uid: string, identity: PodIdentity, namespaceFd: number): Promise<string | undefined> {
    this.#named?.add(uid);
    const namespace = this.#deps.namespaceIdentity(namespaceFd);
    const known = this.#pods.get(uid);
    if (known?.namespace === namespace && known.state === "up") {
      this.#deps.closeFd(namespaceFd);
      return undefined;
    }
    if (known !== undefined) this.remove(uid);
    const announcement = { id: this.#nextId++, uid, identity, namespaceFd };
    const entry: Entry = { announcement, namespace, state: "pending", retry: undefined };
    this.#pods.set(uid, entry);
    return this.#start(entry);
  }

  /** The agent has the pod but not its namespace: whatever is served stays. */
  keep(uid: string): void {
    this.#named?.add(uid);
  }

  /** Drains the pod's proxy; its descriptor is closed when the last connection has ended. */
  remove(uid: string): void {
    const entry = this.#pods.get(uid);
    if (entry === undefined) return;
    this.#pods.delete(uid);
    entry.retry?.cancel();
    const wasUp = entry.state === "up";
    entry.state = "removed";
    const { id, namespaceFd } = entry.announcement;
    if (wasUp) {
      this.#stopped++;
      void this.#deps.data.removePod(id).then(() => this.#deps.closeFd(namespaceFd));
    } else if (entry.retry !== undefined) this.#deps.closeFd(namespaceFd);
    this.#deps.onChange();
  }

  async #start(entry: Entry): Promise<string | undefined> {
    const { data, clock, logger, closeFd } = this.#deps;
    const { announcement } = entry;
    entry.retry = undefined;
    const error = await data.addPod(announcement);
    if (entry.state === "removed") {
      // Removed while it was starting: whatever was opened goes again.
      if (error === undefined) await data.removePod(announcement.id);
      closeFd(announcement.namespaceFd);
      return error;
    }
    const { name, namespace } = announcement.identity;
    if (error === undefined) {
      entry.state = "up";
      this.#started++;
      logger.info("pod is served", { uid: announcement.uid, pod: `${namespace}/${name}` });
    } else {
      logger.warn("pod cannot be served yet", { uid: announcement.uid, pod: `${namespace}/${name}`, error });
      entry.retry = clock.after(RETRY_MS, () => void this.#start(entry));
    }
    this.#deps.onChange();
    return error;
  }
}
