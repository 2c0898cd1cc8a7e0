import type { Clock, Timer } from "@ambit/base/clock.ts";
import { describeError } from "@ambit/base/errors.ts";
import type { Logger } from "@ambit/base/logger.ts";
import type { EarlySend, PodRow } from "@ambit/contract/admin-api.ts";
import type { PodSandbox, Redirection } from "../platform.ts";
import type { ContainerPod } from "./container-pod.ts";
import type { Container } from "./engine-answers.ts";
import type { ManifestFolder } from "./manifest-folder.ts";
import { podManifest } from "./manifests.ts";
import type { ServiceMember } from "./services.ts";

/** The engine's resolver inside every container of a network of its own. */
const EMBEDDED_RESOLVER = "127.0.0.11";
/** Looks at a container's listeners: soon after its start, then now and then. */
const FIRST_SCAN_MS = 50;
const LAST_SCAN_MS = 2_000;
/** A proxy that was told of the pod by the agent's earlier run has this long to come back before its peers hear of it. */
const ADOPT_MS = 5_000;

export interface RunningPodFacts {
  readonly node: string;
  readonly hostIp: string;
  readonly netnsPath: string;
  /** What an earlier run of the agent published of the same pod; empty for a new one. */
  readonly adopted: Redirection;
  /** What an earlier run found that the same pod had sent before its capture. */
  readonly early?: EarlySend | undefined;
  /** It ran before the agent did. */
  readonly wasAway?: boolean;
  /** Nothing reaches it, and nothing leaves it, before it is captured. */
  readonly held?: boolean;
}

export interface RunningPodDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly folder: Pick<ManifestFolder, "write" | "remove">;
  /** TCP ports somebody listens on in a namespace. */
  readonly listeningPorts: (netnsPath: string) => readonly number[];
  /** Called after the ports somebody listens on changed. */
  readonly onPorts: () => void;
}

/** One start of a container of the mesh: its Pod object is there until `close`. */
export class RunningPod {
  readonly #facts: RunningPodFacts;
  readonly #deps: RunningPodDeps;
  readonly #adoptedUntil: number;
  #pod: ContainerPod;
  #container: Container;
  /** As its peers know it. */
  #redirection: Redirection;
  /** As it is. */
  #captured: Redirection;
  /** What it sent before it was captured. */
  #early: EarlySend | undefined;
  #isJudged: boolean;
  #listening: readonly number[] = [];
  #scanMs = FIRST_SCAN_MS;
  #scan: Timer | undefined;
  #adopting: Timer | undefined;
  #closed = false;

  constructor(pod: ContainerPod, container: Container, facts: RunningPodFacts, deps: RunningPodDeps) {
    this.#pod = pod;
    this.#container = container;
    this.#facts = facts;
    this.#deps = deps;
    // Peers of a held pod are told at once that it takes tunnels: plaintext sent meanwhile would only wait for its capture.
    this.#redirection = facts.held === true ? "enabled" : facts.adopted;
    this.#captured = facts.adopted;
    this.#early = facts.early;
    // An earlier run's rules are in, and what it has sent since was captured.
    this.#isJudged = facts.adopted !== "";
    this.#adoptedUntil = facts.adopted === "enabled" ? deps.clock.monotonic() + ADOPT_MS : 0;
    this.#look();
    this.#publish();
  }

  get uid(): string {
    return this.#pod.uid;
  }

  get container(): Container {
    return this.#container;
  }

  /** The container's part in its service. */
  get member(): ServiceMember {
    return {
      pod: this.#pod,
      exposedPorts: this.#container.exposedPorts,
      listening: this.#listening,
    };
  }

  /** The pod as the mesh's capture sees it. */
  get sandbox(): PodSandbox {
    const { uid, name, namespace, serviceAccount, ips, labels, annotations } = this.#pod;
    return {
      ...{ uid, name, namespace, serviceAccount, ips, labels, annotations },
      node: this.#facts.node,
      netnsPath: this.#facts.netnsPath,
      namespaceLabels: {},
      hostNetwork: false,
      // Adopted: its rules are in, and what it does must not be refused while the proxy learns of it again. A new one runs
      // as well, but nothing of it has left its namespace yet.
      started: this.#facts.adopted !== "",
      localResolver: EMBEDDED_RESOLVER,
    };
  }

  /** True when others may be sent to it: by its health check, or else by whether it listens where it says it does. */
  get ready(): boolean {
    const { status, health, exposedPorts } = this.#container;
    if (status !== "running") return false;
    if (health !== "") return health === "healthy";
    const declared = exposedPorts.length + (this.#pod.namedPorts?.length ?? 0);
    return declared === 0 || this.#listening.length > 0;
  }

  /** Takes a new description of the same start in. */
  update(pod: ContainerPod, container: Container): void {
    const { namespace, name } = this.#pod;
    this.#pod = pod;
    this.#container = container;
    this.#publish();
    // A container can be renamed while it runs.
    if (!this.#closed && (pod.name !== name || pod.namespace !== namespace))
      this.#deps.folder.remove("pods", namespace, name);
  }

  /** Publishes how far the capture is. */
  annotate(redirection: Redirection): void {
    this.#adopting?.cancel();
    const waitMs = this.#adoptedUntil - this.#deps.clock.monotonic();
    if (redirection === "pending" && waitMs > 0) {
      // Its peers would fall back to plaintext for the moment that the proxy needs to find the agent's new run.
      this.#adopting = this.#deps.clock.after(waitMs, () => this.annotate("pending"), true);
      return;
    }
    this.#redirection = redirection;
    this.#captured = redirection;
    this.#publish();
  }

  /** Takes in what it sent before it was captured, as `judge` finds it out; once, when its first rules are in. */
  judge(judge: (wasAway: boolean) => EarlySend | undefined): void {
    if (this.#isJudged || this.#closed) return;
    this.#isJudged = true;
    this.#early = judge(this.#facts.wasAway === true);
    this.#publish();
  }

  /** Takes the Pod object away. */
  close(): void {
    this.#closed = true;
    this.#scan?.cancel();
    this.#adopting?.cancel();
    this.#deps.folder.remove("pods", this.#pod.namespace, this.#pod.name);
  }

  /** The line of the admin page. */
  row(): PodRow {
    const { namespace, name, serviceAccount, owner, ips } = this.#pod;
    const { status, restarts, pid } = this.#container;
    return {
      ...{ namespace, name, serviceAccount, owner, restarts },
      node: this.#facts.node,
      ip: ips[0] ?? "",
      phase: status === "running" ? "Running" : status,
      ready: this.ready,
      redirection: this.#captured,
      netnsPath: this.#facts.netnsPath,
      holderPid: pid,
      ...(this.#early === undefined ? {} : { early: this.#early }),
    };
  }

  #look(): void {
    const before = this.#listening.join();
    try {
      this.#listening = this.#deps.listeningPorts(this.#facts.netnsPath);
    } catch (thrown) {
      // It is ending; the engine will say so.
      this.#deps.logger.debug("a container's listeners cannot be read", {
        pod: this.#pod.name,
        error: describeError(thrown),
      });
    }
    this.#scan = this.#deps.clock.after(this.#scanMs, () => this.#lookAgain(), true);
    this.#scanMs = Math.min(LAST_SCAN_MS, this.#scanMs * 2);
    if (this.#listening.join() !== before) this.#deps.onPorts();
  }

  #lookAgain(): void {
    if (this.#closed) return;
    this.#look();
    this.#publish();
  }

  #publish(): void {
    const { folder, logger } = this.#deps;
    const { node, hostIp } = this.#facts;
    const { image, startedAt } = this.#container;
    if (this.#closed) return;
    try {
      const state = {
        node,
        hostIp,
        image,
        startedAt,
        ready: this.ready,
        redirection: this.#redirection,
        early: this.#early,
      };
      folder.write("pods", this.#pod.namespace, this.#pod.name, podManifest(this.#pod, state));
    } catch (thrown) {
      // A full disk: the next look writes it again.
      logger.error("a Pod object cannot be written", { pod: this.#pod.name, error: describeError(thrown) });
    }
  }
}
