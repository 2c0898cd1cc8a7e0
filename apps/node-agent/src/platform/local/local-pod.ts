import { spawn } from "node:child_process";
import { Backoff } from "@ambit/base/backoff.ts";
import { sleep } from "@ambit/base/clock.ts";
import type { Clock } from "@ambit/base/clock.ts";
import { describeError } from "@ambit/base/errors.ts";
import type { LogFields, Logger } from "@ambit/base/logger.ts";
import type { Random } from "@ambit/base/random.ts";
import type { Container } from "@ambit/kube/resources/pod-spec.ts";
import type { PodSandbox, Redirection } from "../platform.ts";
import type { Launch, PodFacts } from "./container-launch.ts";
import type { Journal } from "./journal.ts";
import { podReady, type ContainerReport, type PodReport } from "./pod-object.ts";
import type { Sandbox } from "./pod-sandbox.ts";
import { ContainerProcess, type ProcessLaunch } from "./process.ts";
import { ProbeSchedule } from "./probe-schedule.ts";
import { runProbe, type ProbeTarget } from "./probes.ts";
import type { ScheduledPod } from "./scheduler.ts";
import { workloadKey, type Workload } from "./workload.ts";

/** A pod first leaves its services; its processes are told to end this much later. */
const LEAVE_MS = 300;

/** What never changes about a pod. */
export interface PodIdentity {
  readonly uid: string;
  readonly name: string;
  readonly workload: Workload;
  /** Empty while no node fits. */
  readonly node: string;
  readonly hostIp: string;
  readonly createdAt: string;
}

/** What a pod needs of the platform. */
export interface LocalPodDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly journal: Journal;
  readonly logPath: string;
  /** Makes the namespaces. */
  readonly createSandbox: () => Promise<Sandbox>;
  /** Waits until the processes may start. */
  readonly admit: (pod: PodSandbox) => Promise<void>;
  /** Takes the pod out of the mesh after its processes have ended. */
  readonly dismiss: (uid: string) => Promise<void>;
  readonly namespaceLabels: () => Readonly<Record<string, string>>;
  readonly planLaunch: (container: Container, facts: PodFacts) => Launch;
  /** Starts a connection from the pod's node, for probes. */
  readonly connect: ProbeTarget["connect"];
  readonly onChange: (pod: LocalPod) => void;
}

interface RunningContainer {
  readonly container: Container;
  readonly process: ContainerProcess;
  probes: ProbeSchedule | undefined;
  pid: number;
}

/** Between tries to make a pod's namespaces. */
const RETRY = { initialMs: 500, maxMs: 30_000 };

/** One pod from the making of its namespaces to their removal. */
export class LocalPod implements ScheduledPod {
  readonly identity: PodIdentity;
  readonly #deps: LocalPodDeps;
  readonly #containers: RunningContainer[] = [];
  readonly #stop = new AbortController();
  #labels: Readonly<Record<string, string>>;
  #annotations: Readonly<Record<string, string>>;
  #redirection: Redirection = "";
  #sandbox: Sandbox | undefined;
  #waiting = "ContainerCreating";
  #initialized = false;
  #init: RunningContainer | undefined;
  #deletedAt: string | undefined;
  #running: Promise<void> | undefined;
  #removed: Promise<void> | undefined;

  constructor(
    identity: PodIdentity,
    metadata: { labels: Readonly<Record<string, string>>; annotations: Readonly<Record<string, string>> },
    deps: LocalPodDeps,
  ) {
    this.identity = identity;
    this.#labels = metadata.labels;
    this.#annotations = metadata.annotations;
    this.#deps = deps;
  }

  get namespace(): string {
    return this.identity.workload.namespace;
  }

  get name(): string {
    return this.identity.name;
  }

  get owner(): string {
    return workloadKey(this.identity.workload);
  }

  get revision(): string {
    return this.identity.workload.revision;
  }

  get node(): string {
    return this.identity.node;
  }

  get ready(): boolean {
    return podReady(this.report());
  }

  get leaving(): boolean {
    return this.#deletedAt !== undefined;
  }

  get sandbox(): Sandbox | undefined {
    return this.#sandbox;
  }

  get labels(): Readonly<Record<string, string>> {
    return this.#labels;
  }

  /** Everything that is told about the pod. */
  report(): PodReport {
    const { uid, name, workload, node, hostIp, createdAt } = this.identity;
    return {
      uid,
      name,
      workload,
      labels: this.#labels,
      annotations: this.#annotations,
      redirection: this.#redirection,
      node,
      hostIp,
      ips: this.#sandbox?.ips ?? [],
      waiting: node === "" ? "Unschedulable" : this.#waiting,
      initialized: this.#initialized,
      containers: workload.spec.containers.map((container, index) => this.#reportContainer(container, index)),
      createdAt,
      deletedAt: this.#deletedAt,
    };
  }

  /** The pod as the mesh sees it; undefined before its namespaces are there. */
  view(): PodSandbox | undefined {
    const { uid, name, workload, node } = this.identity;
    if (this.#sandbox === undefined) return undefined;
    return {
      uid,
      name,
      namespace: workload.namespace,
      serviceAccount: workload.spec.serviceAccountName,
      node,
      netnsPath: this.#sandbox.netnsPath,
      ips: this.#sandbox.ips,
      labels: this.#labels,
      annotations: this.#annotations,
      namespaceLabels: this.#deps.namespaceLabels(),
      hostNetwork: workload.spec.hostNetwork,
      started: this.#waiting === "",
    };
  }

  /** Makes the namespaces, waits for the mesh, runs the containers. A pod that fits no node only waits. */
  start(): void {
    this.#deps.onChange(this);
    if (this.identity.node === "") return;
    this.#running = this.#run().catch((thrown: unknown) => {
      if (!this.#stop.signal.aborted) this.#cannotStart(thrown);
    });
  }

  #cannotStart(thrown: unknown, facts: LogFields = {}): void {
    this.#waiting = "CreatePodSandboxError";
    const error = describeError(thrown);
    this.#deps.logger.error("a pod cannot be started", { pod: this.name, error, ...facts });
    this.#deps.onChange(this);
  }

  /** Tries until it is there or the pod is taken away. */
  async #createSandbox(signal: AbortSignal): Promise<void> {
    const { clock, random, createSandbox } = this.#deps;
    const backoff = new Backoff(RETRY, random);
    while (!signal.aborted) {
      try {
        this.#sandbox = await createSandbox();
        return;
      } catch (thrown) {
        const retryMs = Math.round(backoff.next());
        this.#cannotStart(thrown, { retryMs });
        await sleep(clock, retryMs, signal).catch(() => undefined);
      }
    }
  }

  /** True when anything changed. */
  relabel(labels: Readonly<Record<string, string>>, annotations: Readonly<Record<string, string>>): boolean {
    if (sameEntries(this.#labels, labels) && sameEntries(this.#annotations, annotations)) return false;
    this.#labels = labels;
    this.#annotations = annotations;
    this.#deps.onChange(this);
    return true;
  }

  setRedirection(redirection: Redirection): void {
    if (this.#redirection === redirection) return;
    this.#redirection = redirection;
    this.#deps.onChange(this);
  }

  /** Takes the pod out of its services, ends its processes, then its namespaces. Resolves when nothing is left. */
  remove(graceLimitMs = Number.POSITIVE_INFINITY): Promise<void> {
    return (this.#removed ??= this.#remove(graceLimitMs));
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    await this.#createSandbox(signal);
    if (signal.aborted) return;
    this.#waiting = "MeshNotReady";
    const view = this.view();
    this.#deps.onChange(this);
    if (view !== undefined) await this.#deps.admit(view);
    if (signal.aborted) return;
    this.#waiting = "";
    for (const container of this.identity.workload.spec.initContainers) {
      await this.#runToEnd(container);
      if (signal.aborted) return;
    }
    this.#initialized = true;
    for (const container of this.identity.workload.spec.containers) {
      const running = this.#make(container, this.identity.workload.spec.restartPolicy, () =>
        this.#follow(running),
      );
      this.#containers.push(running);
    }
    for (const running of this.#containers) running.process.start();
  }

  #runToEnd(container: Container): Promise<void> {
    return new Promise((resolve) => {
      const running = this.#make(container, "OnFailure", () => {
        const { state } = running.process;
        this.#deps.onChange(this);
        if (state.phase === "terminated") resolve();
      });
      this.#init = running;
      running.process.start();
    });
  }

  #make(
    container: Container,
    restartPolicy: "Always" | "OnFailure" | "Never",
    onChange: () => void,
  ): RunningContainer {
    const { clock, random, journal, logPath } = this.#deps;
    const process = new ContainerProcess(
      { logPath, restartPolicy, launch: () => this.#launch(container), onChange },
      { clock, random, journal },
    );
    return { container, process, probes: undefined, pid: 0 };
  }

  #launch(container: Container): ProcessLaunch {
    const launch = this.#deps.planLaunch(container, this.#facts());
    const sandbox = this.#sandbox;
    if (sandbox === undefined) throw new RangeError("The pod has no namespaces");
    return { command: sandbox.enter(launch.command, launch.cwd), env: launch.env };
  }

  #facts(): PodFacts {
    const { uid, name, workload, node, hostIp } = this.identity;
    return {
      uid,
      name,
      namespace: workload.namespace,
      labels: this.#labels,
      annotations: this.#annotations,
      serviceAccount: workload.spec.serviceAccountName,
      node,
      ips: this.#sandbox?.ips ?? [],
      hostIp,
    };
  }

  /** Keeps the probes of a container in step with its process: each run begins with fresh ones. */
  #follow(running: RunningContainer): void {
    const { state } = running.process;
    const pid = state.phase === "running" ? state.pid : 0;
    if (pid !== running.pid) {
      running.pid = pid;
      running.probes?.stop();
      running.probes = pid === 0 ? undefined : this.#probe(running);
      running.probes?.start();
    }
    this.#deps.onChange(this);
  }

  #probe(running: RunningContainer): ProbeSchedule {
    const { container } = running;
    const target: ProbeTarget = {
      ip: this.#sandbox?.ips[0] ?? "127.0.0.1",
      port: (reference) =>
        typeof reference === "number"
          ? reference
          : container.ports.find((port) => port.name === reference)?.containerPort,
      connect: this.#deps.connect,
      exec: (command, signal) => this.#exec(container, command, signal),
    };
    return new ProbeSchedule(
      container,
      {
        run: (probe, signal) => runProbe(probe, target, signal),
        onChange: () => this.#deps.onChange(this),
        onUnhealthy: (kind) => running.process.restart(this.#graceMs, `its ${kind} probe failed`),
      },
      this.#deps.clock,
    );
  }

  #exec(container: Container, command: readonly string[], signal: AbortSignal): Promise<boolean> {
    const { env, cwd } = this.#deps.planLaunch(container, this.#facts());
    const [program = "", ...args] = this.#sandbox?.enter(command, cwd) ?? [];
    return new Promise((resolve) => {
      const child = spawn(program, args, { stdio: "ignore", env: { ...env } });
      signal.addEventListener("abort", () => child.kill("SIGKILL"), { once: true });
      child.once("error", () => resolve(false));
      child.once("exit", (code) => resolve(code === 0));
    });
  }

  get #graceMs(): number {
    return this.identity.workload.spec.terminationGracePeriodSeconds * 1000;
  }

  #reportContainer(container: Container, index: number): ContainerReport {
    const running = this.#containers[index];
    if (running === undefined) {
      const reason = this.#init === undefined ? this.#waiting : "PodInitializing";
      return {
        container,
        state: { phase: "waiting", reason: reason === "" ? "ContainerCreating" : reason, message: "" },
        lastExit: undefined,
        restarts: 0,
        started: false,
        ready: false,
      };
    }
    const { process, probes } = running;
    return {
      container,
      state: process.state,
      lastExit: process.lastExit,
      restarts: process.restarts,
      started: probes?.started ?? false,
      ready: probes?.ready ?? false,
    };
  }

  async #remove(graceLimitMs: number): Promise<void> {
    const { clock, dismiss, onChange } = this.#deps;
    const wasReady = this.ready;
    this.#deletedAt = new Date(clock.now()).toISOString();
    this.#stop.abort();
    onChange(this);
    if (wasReady && graceLimitMs > LEAVE_MS) await sleep(clock, LEAVE_MS);
    const graceMs = Math.min(graceLimitMs, this.#graceMs);
    const all = this.#init === undefined ? this.#containers : [...this.#containers, this.#init];
    for (const running of all) running.probes?.stop();
    await Promise.all(all.map((running) => running.process.stop(graceMs)));
    // A start that waits for the mesh ends when the mesh lets go of the pod.
    await dismiss(this.identity.uid);
    if (this.#init === undefined || this.#initialized) await this.#running;
    await this.#sandbox?.remove();
  }
}

function sameEntries(
  left: Readonly<Record<string, string>>,
  right: Readonly<Record<string, string>>,
): boolean {
  const keys = Object.keys(left);
  return keys.length === Object.keys(right).length && keys.every((key) => left[key] === right[key]);
}
