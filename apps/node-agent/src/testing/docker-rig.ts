import { silentLogger } from "@ambit/base/logger.ts";
import { seededRandom } from "@ambit/base/random.ts";
import { FakeClock } from "@ambit/testkit/fake-clock.ts";
import type { Container } from "../platform/docker/engine-answers.ts";
import { DockerError } from "../platform/docker/docker-error.ts";
import { DockerPlatform } from "../platform/docker/docker-platform.ts";
import type { HoldRecord } from "../platform/docker/early-send.ts";
import { ManifestFolder } from "../platform/docker/manifest-folder.ts";
import type { PodEvents, PodSandbox } from "../platform/platform.ts";
import { container } from "./container.ts";
import { MemoryEngine } from "./memory-engine.ts";

/** A platform over an engine in memory; what it tells the mesh and what it asks of holds is in `steps`. */
export class DockerRig {
  readonly engine: MemoryEngine;
  readonly clock: FakeClock;
  readonly steps: string[] = [];
  readonly warnings: string[] = [];
  readonly dead = new Set<number>();
  readonly userServices = new Set<string>();
  readonly sandboxes: PodSandbox[] = [];
  listening: readonly number[] = [];
  processesSeen = true;
  holding = false;
  /** What is claimed was held from its beginning. */
  isClosed = false;
  /** How its hold went. */
  record: HoldRecord = { state: "unseen" };
  /** What has left a namespace so far; it cannot be told when undefined. */
  traffic: { readonly connections: number; readonly bytes: number } | undefined;
  readonly earlySends: string[] = [];
  /** Captures wait for it. */
  capture: Promise<void> = Promise.resolve();
  readonly platform: DockerPlatform;

  /** `dir`: where objects are written; `before`: the rig of an earlier run over the same engine; `self`: the agent's own id. */
  constructor(dir: string, before?: DockerRig, self?: string) {
    this.engine = before?.engine ?? new MemoryEngine();
    this.clock = before?.clock ?? new FakeClock();
    const { steps } = this;
    const folder = new ManifestFolder(dir);
    const holding = (): boolean => this.holding;
    this.platform = new DockerPlatform(
      { node: "docker", hostIp: "10.0.0.1", namespace: undefined, self },
      {
        clock: this.clock,
        random: seededRandom(1),
        logger: {
          ...silentLogger,
          warn: (message, fields) => void this.warnings.push(`${message}: ${String(fields?.["error"])}`),
        },
        client: this.engine,
        folder,
        hold: {
          start: () => void steps.push("watch namespaces"),
          ensure: () => undefined,
          stop: async () => void steps.push("stop holding"),
          get holds() {
            return holding();
          },
          claim: (path) => {
            steps.push(`claim ${path}`);
            return this.isClosed;
          },
          record: () => this.record,
          release: async (path) => void steps.push(`release ${path}`),
        },
        findNamespace: ({ sandboxKey }) => {
          if (sandboxKey === "") throw new DockerError("namespace", "no namespace");
          return sandboxKey;
        },
        listeningPorts: () => this.listening,
        readTraffic: () => {
          if (this.traffic === undefined) throw new Error("gone");
          return this.traffic;
        },
        onEarlySend: ({ reason }) => void this.earlySends.push(reason),
        isAlive: ({ pid }) => (this.processesSeen ? !this.dead.has(pid) : undefined),
        isUserService: (namespace, name) => this.userServices.has(`${namespace}/${name}`),
        isUserNamespace: () => false,
      },
    );
  }

  readonly events: PodEvents = {
    added: async (pod) => {
      this.sandboxes.push(pod);
      this.steps.push(`add ${pod.name} in ${pod.netnsPath}`);
      await this.capture;
    },
    changed: (pod) => void this.steps.push(`changed ${pod.name}`),
    removed: async (uid) => {
      const { name = uid } = this.sandboxes.findLast((pod) => pod.uid === uid) ?? {};
      this.steps.push(`remove ${name}`);
    },
  };

  /** Starts over the containers and lets everything that follows from them happen. */
  async start(...containers: readonly Container[]): Promise<void> {
    this.engine.put(...containers);
    await this.platform.start(this.events);
    await this.settle();
    this.steps.splice(0, 1);
  }

  /** Puts the container as it is now and sends an event of it. */
  async happens(action: string, present: Container): Promise<void> {
    this.engine.put(present);
    this.engine.emit(action, present.id);
    await this.settle();
  }

  settle(): Promise<void> {
    return this.clock.advance(20);
  }
}

/** A running container of the mesh. */
export const web = (change: Partial<Container> = {}) =>
  container({ id: "c1", sandboxKey: "/ns/1", ...change });
/** One without labels. */
export const stranger = (change: Partial<Container> = {}) =>
  container({ id: "s1", name: "stranger", labels: {}, sandboxKey: "/ns/s", ...change });
