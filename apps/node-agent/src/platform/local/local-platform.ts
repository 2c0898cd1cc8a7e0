import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "@ambit/base/clock.ts";
import { describeError } from "@ambit/base/errors.ts";
import type { Logger } from "@ambit/base/logger.ts";
import type { Random } from "@ambit/base/random.ts";
import { openNamespace } from "@ambit/io/netns.ts";
import { matchesLabels } from "@ambit/kube/selector.ts";
import type { Source } from "@ambit/kube/source.ts";
import type { Container } from "@ambit/kube/resources/pod-spec.ts";
import { connectInNamespace } from "../../namespace-socket.ts";
import { PROBE_SOURCE } from "../../probe-source.ts";
import type { BackendPod } from "../../service-view.ts";
import type { Platform, PodEvents, Redirection } from "../platform.ts";
import { PodAddressPool, type NodeAddresses, type PodAddresses } from "./address-plan.ts";
import { planLaunch, type Launch, type PodFacts } from "./container-launch.ts";
import { findImage, type ImageCommand } from "./images.ts";
import { Inventory } from "./inventory.ts";
import type { Journal } from "./journal.ts";
import { LOOPBACK_NOTICE, loopbackSandbox } from "./loopback.ts";
import { LocalPod } from "./local-pod.ts";
import { podObject } from "./pod-object.ts";
import { cleanUpAfterCrash, containmentCommand, createSandbox, type Sandbox } from "./pod-sandbox.ts";
import { nodeLabels, type PodWriter } from "./pod-writer.ts";
import { nextStep, type NewPod } from "./scheduler.ts";
import { createTopology, kernelHasIpv6 } from "./topology.ts";
import { podKey, podLabels } from "./workload.ts";

/** Where the built-in sample server listens when nothing says otherwise. */
const DEFAULT_SAMPLE_PORT = 8080;
/** How long the agent lets pods end when it ends itself. */
const STOP_GRACE_MS = 2_000;

export interface LocalPlatformOptions {
  readonly sourceDir: string;
  readonly stateDir: string;
  readonly nodes: readonly NodeAddresses[];
  readonly clusterDomain: string;
  readonly ipv6: boolean;
  /** `loopback` does without namespaces and therefore without everything that needs them. */
  readonly mode: "netns" | "loopback";
  /** The built-in sample server's script. */
  readonly sampleServer: string;
  readonly nodeProgram: string;
  /** The agent's environment, of which PATH and HOME are handed to containers. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

export interface LocalPlatformDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly source: Source;
  readonly journal: Journal;
  readonly writer: PodWriter;
}

/** Plays scheduler, kubelet and network plugin for a directory of manifests on simulated nodes. */
export class LocalPlatform implements Platform {
  readonly #options: LocalPlatformOptions;
  readonly #deps: LocalPlatformDeps;
  readonly #inventory = new Inventory();
  readonly #pods = new Map<string, LocalPod>();
  readonly #pools: ReadonlyMap<string, PodAddressPool>;
  readonly #nodeFds = new Map<string, number>();
  readonly #announced = new Set<string>();
  readonly #listeners = new Set<() => void>();
  readonly #ipv6: boolean;
  #containment: readonly string[] = [];
  #events: PodEvents | undefined;
  #scheduled = false;
  #stopping = false;

  constructor(options: LocalPlatformOptions, deps: LocalPlatformDeps) {
    this.#options = options;
    this.#deps = deps;
    this.#ipv6 = options.ipv6 && options.mode === "netns" && kernelHasIpv6();
    this.#pools = new Map(options.nodes.map((node) => [node.name, new PodAddressPool(node)]));
  }

  async start(events: PodEvents): Promise<void> {
    const { source, journal, logger, writer } = this.#deps;
    this.#events = events;
    await cleanUpAfterCrash(journal, logger);
    const { nodes, mode } = this.#options;
    if (mode === "netns") {
      this.#containment = await containmentCommand(logger);
      await createTopology(nodes, this.#ipv6);
      for (const node of nodes) this.#nodeFds.set(node.name, openNamespace(node.netnsPath));
    } else logger.warn(LOOPBACK_NOTICE);
    for (const node of nodes) writer.writeNode(node, nodeLabels(node.name));
    source.subscribe((changes) => {
      this.#inventory.apply(changes);
      this.#refresh();
    });
    await source.start();
    this.#step();
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#deps.source.stop();
    await Promise.all([...this.#pods.values()].map((pod) => pod.remove(STOP_GRACE_MS)));
  }

  annotate(uid: string, redirection: Redirection): void {
    for (const pod of this.#pods.values()) if (pod.identity.uid === uid) pod.setRedirection(redirection);
  }

  /** Every pod there is. */
  pods(): readonly LocalPod[] {
    return [...this.#pods.values()];
  }

  /** The pods as services see them. */
  backends(): readonly BackendPod[] {
    return this.pods().map((pod) => {
      const { workload, name } = pod.identity;
      const { hostname, subdomain, containers } = workload.spec;
      const ordered = workload.kind === "StatefulSet";
      return {
        namespace: pod.namespace,
        name,
        node: pod.node,
        ips: pod.sandbox?.ips ?? [],
        labels: pod.labels,
        ready: pod.ready,
        ports: containers.flatMap((container) => container.ports),
        hostname: hostname === "" && ordered ? name : hostname,
        subdomain: subdomain === "" && ordered ? (workload.serviceName ?? "") : subdomain,
      };
    });
  }

  get inventory(): Inventory {
    return this.#inventory;
  }

  /** True when pods have IPv6 addresses beside their IPv4 ones. */
  get dualStack(): boolean {
    return this.#ipv6;
  }

  /** Descriptor of a node's network namespace. */
  nodeNamespace(node: string): number | undefined {
    return this.#nodeFds.get(node);
  }

  /** Calls `listener` after manifests or pods changed; several changes may be told at once. */
  onChange(listener: () => void): void {
    this.#listeners.add(listener);
  }

  /** Manifests changed: labels take effect in place, then the scheduler looks at the whole. */
  #refresh(): void {
    for (const pod of this.#pods.values()) {
      const workload = this.#inventory.workload(pod.owner);
      if (workload !== undefined) pod.relabel(podLabels(workload, pod.name), workload.annotations);
      const view = pod.view();
      if (view !== undefined && !pod.leaving) this.#events?.changed(view);
    }
    this.#changed();
  }

  #changed(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      for (const listener of this.#listeners) listener();
      this.#step();
    });
  }

  #step(): void {
    if (this.#stopping || !this.#deps.source.synced) return;
    const nodes = this.#options.nodes.map(({ name }) => ({ name, labels: nodeLabels(name) }));
    const step = nextStep(this.#inventory.workloads(), [...this.#pods.values()], nodes);
    for (const key of step.remove) this.#remove(key);
    for (const wanted of step.create) this.#create(wanted);
  }

  #remove(key: string): void {
    const pod = this.#pods.get(key);
    if (pod === undefined) return;
    this.#deps.logger.info("pod is leaving", { pod: key });
    const gone = (): void => {
      this.#pods.delete(key);
      this.#deps.writer.remove(pod.namespace, pod.name);
      this.#changed();
    };
    pod.remove().then(gone, (thrown: unknown) => {
      this.#deps.logger.error("a pod left something behind", { pod: key, error: describeError(thrown) });
      gone();
    });
  }

  #create(wanted: NewPod): void {
    const { workload, name } = wanted;
    const { clock, random, logger } = this.#deps;
    const node = this.#options.nodes.find((candidate) => candidate.name === wanted.node);
    const key = podKey({ namespace: workload.namespace, name });
    logger.info("new pod", { pod: key, node: wanted.node ?? "none fits" });
    const pod: LocalPod = new LocalPod(
      {
        uid: random.uuid(),
        name,
        workload,
        node: node?.name ?? "",
        hostIp: this.#options.mode === "loopback" ? "127.0.0.1" : (node?.underlay ?? ""),
        createdAt: new Date(clock.now()).toISOString(),
      },
      { labels: podLabels(workload, name), annotations: workload.annotations },
      {
        ...this.#deps,
        logger: logger.child("pod"),
        logPath: join(this.#options.stateDir, "logs/pods", `${workload.namespace}_${name}.log`),
        createSandbox: () => this.#sandbox(pod, node),
        admit: async (view) => this.#events?.added(view),
        dismiss: async (uid) => this.#events?.removed(uid),
        namespaceLabels: () => this.#inventory.namespaceLabels(workload.namespace),
        planLaunch: (container, facts) => this.#plan(pod, container, facts),
        connect: (ip, port) =>
          connectInNamespace({
            namespaceFd: this.#nodeFds.get(pod.node),
            ip,
            port,
            ...(this.#options.mode === "netns" ? { sourceIp: PROBE_SOURCE } : {}),
          }),
        onChange: (changed) => this.#publish(changed),
      },
    );
    this.#pods.set(key, pod);
    pod.start();
  }

  async #sandbox(pod: LocalPod, node: NodeAddresses | undefined): Promise<Sandbox> {
    if (node === undefined) throw new RangeError("The pod has no node");
    const { workload, uid, name } = pod.identity;
    const { hostname, hostNetwork } = workload.spec;
    const subdomain = workload.spec.subdomain === "" ? workload.serviceName : workload.spec.subdomain;
    const pool = this.#pools.get(node.name);
    if (this.#options.mode === "loopback" && pool !== undefined) return loopbackSandbox(node, pool);
    const addresses: PodAddresses | undefined = hostNetwork ? undefined : pool?.allocate();
    const filesDir = join(this.#options.stateDir, "run/pods");
    mkdirSync(filesDir, { recursive: true, mode: 0o755 });
    const domain = `${workload.namespace}.svc.${this.#options.clusterDomain}`;
    const request = {
      uid,
      namespace: workload.namespace,
      name,
      hostname: hostname === "" ? name : hostname,
      domain: subdomain === "" ? "" : `${subdomain}.${domain}`,
      node,
      addresses,
    };
    const release = (): void => {
      if (addresses !== undefined) pool?.release(addresses.host);
    };
    try {
      const { clusterDomain, stateDir } = this.#options;
      const sandbox = await createSandbox(request, {
        ...this.#deps,
        filesDir,
        clusterDomain,
        stateDir,
        containment: this.#containment,
        ipv6: this.#ipv6,
      });
      return {
        ...sandbox,
        remove: async () => {
          await sandbox.remove();
          release();
        },
      };
    } catch (thrown) {
      release();
      throw thrown;
    }
  }

  #plan(pod: LocalPod, container: Container, facts: PodFacts): Launch {
    const { sourceDir, sampleServer, nodeProgram, environment } = this.#options;
    const workload = this.#inventory.workload(pod.owner) ?? pod.identity.workload;
    const image = container.image === "" ? undefined : findImage(container.image, workload.folder, sourceDir);
    const fallback: ImageCommand = {
      command: [nodeProgram, sampleServer],
      args: [],
      cwd: workload.folder,
      env: {},
    };
    const launch = planLaunch(container, {
      facts,
      image,
      fallback,
      nodeProgram,
      environment,
      ports: this.#samplePorts(pod, container),
      listenOn: this.#options.mode === "loopback" ? facts.ips[0] : undefined,
    });
    if (launch.sample) this.#announceSample(container.image);
    return launch;
  }

  // What the manifests expect to be answered: the container's ports, and those that services point at.
  #samplePorts(pod: LocalPod, container: Container): readonly number[] {
    const ports = new Set(
      container.ports.filter((port) => port.protocol === "TCP").map((port) => port.containerPort),
    );
    if (ports.size === 0) {
      for (const { metadata, spec } of this.#inventory.services()) {
        if (metadata.namespace !== pod.namespace || Object.keys(spec.selector).length === 0) continue;
        if (!matchesLabels(spec.selector, pod.labels)) continue;
        for (const { targetPort } of spec.ports) if (typeof targetPort === "number") ports.add(targetPort);
      }
    }
    return ports.size === 0 ? [DEFAULT_SAMPLE_PORT] : [...ports];
  }

  #announceSample(image: string): void {
    if (this.#announced.has(image)) return;
    this.#announced.add(image);
    this.#deps.logger.warn("no command is known for an image: the built-in sample server runs in its place", {
      image,
      hint: "map the image in ambit.yaml beside the manifests",
    });
  }

  #publish(pod: LocalPod): void {
    // A late report of a pod that is gone must not bring its object back.
    if (this.#pods.get(podKey(pod)) !== pod) return;
    try {
      this.#deps.writer.write(pod.namespace, pod.name, podObject(pod.report()));
    } catch (thrown) {
      // A full disk: the next change of the pod writes it again.
      this.#deps.logger.error("a Pod object cannot be written", {
        pod: podKey(pod),
        error: describeError(thrown),
      });
    }
    this.#changed();
  }
}
