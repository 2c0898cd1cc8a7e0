import { Backoff } from "@ambit/base/backoff.ts";
import type { Clock, Timer } from "@ambit/base/clock.ts";
import { AmbitError, describeError } from "@ambit/base/errors.ts";
import type { Logger } from "@ambit/base/logger.ts";
import type { Random } from "@ambit/base/random.ts";
import type { EarlySend, PodRow } from "@ambit/contract/admin-api.ts";
import type { Platform, PodEvents, Redirection } from "../platform.ts";
import {
  containerPod,
  networkOwner,
  wantsMesh,
  type ContainerPod,
  type PodOptions,
} from "./container-pod.ts";
import { COMPOSE_LABELS } from "./docker-labels.ts";
import { earlySend } from "./early-send.ts";
import type { EarlyTraffic } from "./early-traffic.ts";
import type { Container, EngineEvent, ListedContainer } from "./engine-answers.ts";
import type { EngineClient } from "./engine-client.ts";
import { EngineWatch } from "./engine-watch.ts";
import type { NamespaceHold } from "./hold.ts";
import type { ManifestFolder } from "./manifest-folder.ts";
import { nodeManifest } from "./manifests.ts";
import { RunningPod, type RunningPodDeps } from "./running-pod.ts";
import { ServiceBook } from "./service-book.ts";
import type { ServiceMember } from "./services.ts";

const RETRY = { initialMs: 20, maxMs: 5_000 } as const;
/** How often processes are looked at while the engine cannot tell about them. */
const ORPHAN_MS = 500;
const EARLY_HINT =
  "recreate it while the node agent runs; where no packet may leave early, let a holder own its network, and refuse plaintext at its peers (PeerAuthentication STRICT)";

export interface DockerPlatformOptions extends PodOptions {
  readonly node: string;
  readonly hostIp: string;
  /** The agent's own container by (the beginning of) its id: only its compose project is looked at; every one when undefined. */
  readonly self?: string | undefined;
}

export interface DockerPlatformDeps extends Pick<RunningPodDeps, "listeningPorts"> {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly client: Pick<EngineClient, "ping" | "containers" | "events" | "inspect">;
  readonly folder: ManifestFolder;
  readonly hold: Pick<NamespaceHold, "start" | "ensure" | "stop" | "holds" | "claim" | "record" | "release">;
  /** What has left a namespace so far. */
  readonly readTraffic: (netnsPath: string) => EarlyTraffic;
  /** Called once for each start of a container that sent packets before it was captured. */
  readonly onEarlySend: (early: EarlySend) => void;
  /** The file of a container's network namespace. Throws while there is none. */
  readonly findNamespace: (container: Container) => string;
  /** Whether the container's first process lives; undefined when that cannot be seen from here. */
  readonly isAlive: (container: Container) => boolean | undefined;
  /** True when manifests of the user define the service. */
  readonly isUserService: (namespace: string, name: string) => boolean;
  /** True when manifests of the user define the namespace. */
  readonly isUserNamespace: (name: string) => boolean;
}

/** A container with the label, whether it runs or not. */
interface Tracked {
  readonly id: string;
  readonly backoff: Backoff;
  container: Container | undefined;
  /** Its part in its service while it does not run. */
  member: ServiceMember | undefined;
  pod: RunningPod | undefined;
  looking: Promise<void> | undefined;
  lookAgain: boolean;
  /** Its processes have ended, and what the engine says of it may still be older than that: it may be starting again. */
  ended: boolean;
  retry: Timer | undefined;
  /** What it is never becomes a pod: no namespace of its own, or labels that cannot be used. */
  isOutside: boolean;
  reported: string;
}

/** Brings an engine's labelled containers into the mesh; it reads from the engine and writes nothing to it. */
export class DockerPlatform implements Platform {
  readonly #options: DockerPlatformOptions;
  readonly #deps: DockerPlatformDeps;
  readonly #containers = new Map<string, Tracked>();
  readonly #watch: EngineWatch;
  readonly #services: ServiceBook;
  #events: PodEvents | undefined;
  #lost = false;
  /** The compose project that is looked at; known after the first list. */
  #project: string | undefined;
  #orphans: Timer | undefined;
  #first: Promise<unknown> | undefined;
  /** Containers that are found until then ran before this agent did. */
  #started = false;

  constructor(options: DockerPlatformOptions, deps: DockerPlatformDeps) {
    this.#options = options;
    this.#deps = deps;
    this.#services = new ServiceBook({
      ...deps,
      members: () =>
        [...this.#containers.values()].flatMap((tracked) => tracked.pod?.member ?? tracked.member ?? []),
    });
    this.#watch = new EngineWatch({
      ...deps,
      onList: (containers) => this.#onList(containers),
      onEvent: (event) => this.#onEvent(event),
      onLost: () => this.#onLost(),
    });
  }

  /** True while the engine answers. */
  get connected(): boolean {
    return this.#watch.connected;
  }

  async start(events: PodEvents): Promise<void> {
    const { folder, hold } = this.#deps;
    this.#events = events;
    folder.write("nodes", "", this.#options.node, nodeManifest(this.#options.node, this.#options.hostIp));
    hold.start();
    await this.#watch.start();
    await this.#first;
    this.#started = true;
    this.#services.update();
    folder.sweep();
  }

  /** Leaves everything as it is: containers go on, and the next run of the agent takes them over. */
  async stop(): Promise<void> {
    this.#watch.stop();
    this.#orphans?.cancel();
    this.#services.stop();
    for (const tracked of this.#containers.values()) tracked.retry?.cancel();
    await this.#deps.hold.stop();
  }

  annotate(uid: string, redirection: Redirection): void {
    for (const { pod } of this.#containers.values()) if (pod?.uid === uid) pod.annotate(redirection);
  }

  rows(): readonly PodRow[] {
    return [...this.#containers.values()].flatMap(({ pod }) => pod?.row() ?? []);
  }

  /** Manifests of the user changed: they may define services now, or no longer. */
  manifestsChanged(): void {
    this.#services.changed();
  }

  /** True when a container of the mesh may be about to start. */
  get expecting(): boolean {
    return [...this.#containers.values()].some(mayStart);
  }

  /** True while the engine is asked about one that may start: it answers when the start is over. */
  get starting(): boolean {
    return [...this.#containers.values()].some(
      (tracked) => tracked.looking !== undefined && mayStart(tracked),
    );
  }

  /** To be called when the capture's rules are in a namespace: what its container sent before is found out then. */
  rulesIn(netnsPath: string): void {
    for (const { pod } of this.#containers.values())
      if (pod?.sandbox.netnsPath === netnsPath) pod.judge((wasAway) => this.#judge(pod, wasAway));
  }

  #onList(containers: readonly ListedContainer[]): void {
    if (this.#lost) {
      // An engine that starts anew may have made its folder anew.
      this.#lost = false;
      this.#orphans?.cancel();
      this.#deps.hold.start();
    } else this.#deps.hold.ensure();
    this.#project ??= this.#findProject(containers);
    const labelled = containers.filter(({ labels }) => this.#isOurs(labels));
    for (const { id } of labelled) this.#track(id);
    // Also at those that are not in it: the list may be older than the event that told of them.
    const looks = [...this.#containers.values()].map((tracked) => this.#look(tracked));
    this.#first ??= Promise.all(looks);
  }

  #isOurs(labels: Readonly<Record<string, string>>): boolean {
    if (!wantsMesh(labels)) return false;
    if (this.#options.self === undefined) return true;
    return this.#project !== undefined && labels[COMPOSE_LABELS.project] === this.#project;
  }

  #findProject(containers: readonly ListedContainer[]): string | undefined {
    const { self } = this.#options;
    if (self === undefined) return undefined;
    const project = containers.find(({ id }) => id.startsWith(self))?.labels[COMPOSE_LABELS.project];
    if (project === undefined)
      this.#deps.logger.error("the agent's own compose project cannot be told, so no container is in it", {
        self,
        hint: "set AMBIT_DOCKER_SCOPE=engine where the agent is no compose service",
      });
    return project;
  }

  #onEvent({ containerId, action, attributes }: EngineEvent): void {
    const known = this.#containers.get(containerId);
    if (action === "create") this.#deps.hold.ensure();
    // Before the engine is asked: it answers only when a restart is over.
    if (action === "die" && known !== undefined) known.ended = true;
    if (known !== undefined || this.#isOurs(attributes)) {
      void this.#look(known ?? this.#track(containerId));
    } else if (action === "start" && this.#deps.hold.holds) void this.#letGo(containerId);
  }

  /** Processes are looked at for as long as the engine is away: an endpoint that has died must not stay one. */
  #onLost(): void {
    this.#lost = true;
    this.#orphans = this.#deps.clock.every(
      ORPHAN_MS,
      () => {
        for (const tracked of this.#containers.values()) {
          const { pod } = tracked;
          if (pod !== undefined && this.#deps.isAlive(pod.container) === false) void this.#leave(tracked);
        }
      },
      true,
    );
  }

  #track(id: string): Tracked {
    const known = this.#containers.get(id);
    if (known !== undefined) return known;
    const tracked: Tracked = {
      id,
      backoff: new Backoff(RETRY, this.#deps.random),
      container: undefined,
      member: undefined,
      pod: undefined,
      looking: undefined,
      lookAgain: false,
      ended: false,
      retry: undefined,
      isOutside: false,
      reported: "",
    };
    this.#containers.set(id, tracked);
    return tracked;
  }

  /** Looks at a container until what was seen is no older than the last call. Never rejects. */
  #look(tracked: Tracked): Promise<void> {
    tracked.lookAgain = true;
    tracked.looking ??= this.#looking(tracked);
    return tracked.looking;
  }

  async #looking(tracked: Tracked): Promise<void> {
    tracked.retry?.cancel();
    while (tracked.lookAgain) {
      tracked.lookAgain = false;
      try {
        await this.#apply(tracked, await this.#deps.client.inspect(tracked.id));
        tracked.ended = tracked.ended && tracked.lookAgain;
        tracked.backoff.reset();
      } catch (thrown) {
        if (thrown instanceof AmbitError && thrown.code === "not-found") await this.#forget(tracked);
        else this.#failed(tracked, thrown);
      }
    }
    // In the same turn as the last look at `lookAgain`, or a call in between would be lost.
    tracked.looking = undefined;
  }

  #failed(tracked: Tracked, thrown: unknown): void {
    const error = describeError(thrown);
    const final = thrown instanceof AmbitError && thrown.code === "labels";
    if (tracked.reported !== error) {
      const hint = thrown instanceof AmbitError ? thrown.hint : undefined;
      this.#deps.logger.warn("a container cannot be brought into the mesh", {
        container: tracked.container?.name ?? tracked.id.slice(0, 12),
        error,
        ...(hint === undefined ? {} : { hint }),
      });
    }
    tracked.reported = error;
    // Labels never change while the container is the same.
    tracked.isOutside = final;
    if (!final)
      tracked.retry = this.#deps.clock.after(tracked.backoff.next(), () => void this.#look(tracked), true);
  }

  async #apply(tracked: Tracked, container: Container): Promise<void> {
    tracked.container = container;
    const owner = networkOwner(container);
    if (owner !== undefined || ["host", "none"].includes(container.networkMode)) {
      await this.#leave(tracked);
      return this.#shares(tracked, owner);
    }
    const pod = containerPod(container, this.#options);
    const runs = container.status === "running" || container.status === "paused";
    if (tracked.pod !== undefined && (!runs || tracked.pod.uid !== pod.uid)) await this.#leave(tracked);
    tracked.member = {
      pod,
      exposedPorts: container.exposedPorts,
      listening: tracked.member?.listening ?? [],
    };
    if (tracked.pod !== undefined) {
      tracked.pod.update(pod, container);
      this.#events?.changed(tracked.pod.sandbox);
    } else if (runs) this.#join(tracked, pod, container);
    this.#services.changed();
  }

  #join(tracked: Tracked, pod: ContainerPod, container: Container): void {
    const { folder, hold, logger } = this.#deps;
    const netnsPath = this.#deps.findNamespace(container);
    const held = hold.claim(netnsPath);
    const { node, hostIp } = this.#options;
    const adopted = folder.redirectionOf(pod.namespace, pod.name, pod.uid);
    const early = folder.earlySendOf(pod.namespace, pod.name, pod.uid);
    logger.info("container is in the mesh", { pod: `${pod.namespace}/${pod.name}`, ips: pod.ips });
    const running = new RunningPod(
      pod,
      container,
      { node, hostIp, netnsPath, adopted, early, held, wasAway: !this.#started },
      { ...this.#deps, onPorts: () => this.#services.changed() },
    );
    tracked.pod = running;
    void this.#events?.added(running.sandbox).then(() => hold.release(netnsPath));
  }

  #judge(pod: RunningPod, wasAway: boolean): EarlySend | undefined {
    const { hold, logger, onEarlySend, readTraffic } = this.#deps;
    const { name, namespace, netnsPath } = pod.sandbox;
    const fields = { pod: `${namespace}/${name}`, container: pod.container.name };
    try {
      const record = hold.record(netnsPath);
      const traffic = record.state === "held" ? undefined : readTraffic(netnsPath);
      const early = earlySend(record, traffic, wasAway);
      if (early === undefined) return undefined;
      onEarlySend(early);
      logger.warn("a container sent packets before it was captured", {
        ...fields,
        ...early,
        hint: EARLY_HINT,
      });
      return early;
    } catch (thrown) {
      logger.debug("what a container has sent cannot be told", { ...fields, error: describeError(thrown) });
      return undefined;
    }
  }

  /** The container's processes have ended: its peers are told first, then the proxy. */
  async #leave(tracked: Tracked): Promise<void> {
    const { pod } = tracked;
    if (pod === undefined) return;
    tracked.pod = undefined;
    tracked.member = pod.member;
    pod.close();
    this.#deps.logger.info("container has left the mesh", { pod: pod.sandbox.name });
    await this.#events?.removed(pod.uid);
  }

  async #forget(tracked: Tracked): Promise<void> {
    tracked.retry?.cancel();
    this.#containers.delete(tracked.id);
    await this.#leave(tracked);
    this.#services.changed();
  }

  /** A container without a network of its own: what holds for the owner of the network holds for it. */
  #shares(tracked: Tracked, owner: string | undefined): void {
    const { container } = tracked;
    tracked.member = undefined;
    tracked.isOutside = true;
    if (owner !== undefined && this.#containers.has(owner)) return;
    const error =
      owner === undefined ? "its network is the host's or none" : "the owner of its network has no label";
    if (tracked.reported === error) return;
    tracked.reported = error;
    this.#deps.logger.warn("a container cannot be brought into the mesh", {
      container: container?.name ?? "",
      error,
      ...(owner === undefined ? {} : { hint: "put the labels on the container that owns the network" }),
    });
  }

  /** A container outside the mesh started while namespaces are held: its own is released. */
  async #letGo(id: string): Promise<void> {
    try {
      await this.#deps.hold.release(this.#deps.findNamespace(await this.#deps.client.inspect(id)));
    } catch (thrown) {
      this.#deps.logger.debug("a new container cannot be looked at", { id, error: describeError(thrown) });
    }
  }
}

function mayStart({ pod, ended, isOutside }: Tracked): boolean {
  return (pod === undefined || ended) && !isOutside;
}
