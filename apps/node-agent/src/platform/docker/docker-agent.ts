import { existsSync, readFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import type { Clock } from "@ambit/base/clock.ts";
import { describeError } from "@ambit/base/errors.ts";
import type { Logger } from "@ambit/base/logger.ts";
import type { Random } from "@ambit/base/random.ts";
import { openNamespace } from "@ambit/io/netns.ts";
import { FileSource } from "@ambit/kube/file-source.ts";
import { AdminServer } from "@ambit/runtime/admin.ts";
import { Readiness, type App } from "@ambit/runtime/lifecycle.ts";
import type { LogWriter } from "@ambit/runtime/log-writer.ts";
import { Metrics } from "@ambit/runtime/metrics.ts";
import { adminRoutes } from "../../admin-routes.ts";
import { agentMetrics, earlySendMetric } from "../../agent-metrics.ts";
import { Enrolment } from "../../enrol.ts";
import { engineNamespaces } from "../../host-root.ts";
import { writeKernelSetting, writeKernelSettings } from "../../kernel-settings.ts";
import { kernelRules, type RulesLoader } from "../../rules-loader.ts";
import type { AgentSettings } from "../../settings.ts";
import { listenZds } from "../../zds-listener.ts";
import { ZdsServer } from "../../zds-server.ts";
import { allowBorrowedAddresses, findNamespace } from "./container-namespace.ts";
import { DockerPlatform } from "./docker-platform.ts";
import { EARLY_REASONS } from "./early-send.ts";
import { readEarlyTraffic } from "./early-traffic.ts";
import type { Container } from "./engine-answers.ts";
import { EngineClient } from "./engine-client.ts";
import { kernelHold, NamespaceHold } from "./hold.ts";
import { listeningPorts } from "./listening-ports.ts";
import { ManifestFolder } from "./manifest-folder.ts";
import { routeServices } from "./service-route.ts";

export interface DockerAgentDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly writer: LogWriter;
  readonly logger: Logger;
}

/** The node agent of a container engine's host: one node, whose pods are the engine's labelled containers. */
export class DockerAgent implements App {
  readonly #settings: AgentSettings;
  readonly #deps: DockerAgentDeps;
  readonly #node: string;
  readonly #source: FileSource;
  /** `kind/namespace/name` of the services and namespaces the user's manifests define. */
  readonly #userObjects = new Set<string>();
  readonly #platform: DockerPlatform;
  readonly #enrolment: Enrolment;
  readonly #zds: ZdsServer;
  readonly #admin: AdminServer;
  readonly #readiness = new Readiness();
  readonly #metrics = new Metrics({ component: "node-agent", version: "0.1.0" });
  readonly #early = earlySendMetric(this.#metrics, EARLY_REASONS);
  #stopListening: () => void = () => undefined;

  constructor(settings: AgentSettings, deps: DockerAgentDeps) {
    const { clock, logger } = deps;
    this.#settings = settings;
    this.#deps = deps;
    this.#node = settings.nodes[0] ?? "docker";
    this.#source = new FileSource(
      { roots: [{ dir: settings.sourceDir }] },
      { clock, logger: logger.child("source") },
    );
    this.#platform = this.#makePlatform();
    this.#zds = new ZdsServer({
      clock,
      logger: logger.child("zds"),
      pods: () => this.#enrolment.servedOn(this.#node),
    });
    this.#enrolment = new Enrolment(
      { dnsCapture: settings.dnsCapture, ipv6: settings.ipv6 },
      {
        ...deps,
        logger: logger.child("enrol"),
        rules: containerRules(logger, (netnsPath) => this.#platform.rulesIn(netnsPath)),
        zds: () => this.#zds,
        annotate: (uid, redirection) => this.#platform.annotate(uid, redirection),
        openNamespace,
      },
    );
    this.#admin = this.#makeAdmin();
  }

  async start(): Promise<void> {
    const engineSeen = this.#readiness.begin("first look at the container engine");
    const proxySeen = this.#readiness.begin("the node's proxy");
    this.#zds.onceConnected(proxySeen);
    await this.#admin.start();
    this.#source.subscribe((changes) => {
      for (const { type, kind, namespace, name } of changes) {
        if (kind !== "Service" && kind !== "Namespace") continue;
        const key = `${kind}/${namespace}/${name}`;
        if (type === "put") this.#userObjects.add(key);
        else this.#userObjects.delete(key);
      }
      this.#platform.manifestsChanged();
    });
    await this.#source.start();
    // However long the engine takes: a proxy that is told of no pods would let go of those it serves.
    await this.#platform.start(this.#enrolment);
    this.#stopListening = listenZds(this.#settings.zdsSocket, this.#zds);
    engineSeen();
  }

  async drain(): Promise<void> {
    await this.#platform.stop();
    this.#source.stop();
    this.#stopListening();
    this.#zds.close();
    await this.#admin.stop();
  }

  #makePlatform(): DockerPlatform {
    const { clock, logger } = this.#deps;
    const { docker, stateDir } = this.#settings;
    const netnsDir = (): string => docker.netnsDir ?? engineNamespaces();
    const hold = new NamespaceHold(netnsDir, {
      clock,
      logger: logger.child("hold"),
      expecting: () => this.#platform.expecting,
      starting: () => this.#platform.starting,
      ...kernelHold,
    });
    return new DockerPlatform(
      {
        node: this.#node,
        hostIp: docker.hostIp,
        namespace: docker.namespace,
        self: docker.scope === "project" ? hostname() : undefined,
      },
      {
        ...this.#deps,
        logger: logger.child("docker"),
        client: new EngineClient(docker.socketPath, clock),
        folder: new ManifestFolder(join(stateDir, "cluster")),
        hold,
        findNamespace: (container) => findNamespace(container, { netnsDir: netnsDir() }),
        listeningPorts,
        readTraffic: readEarlyTraffic,
        onEarlySend: ({ reason }) => this.#early.labels(reason).inc(),
        isAlive,
        isUserService: (namespace, name) => this.#userObjects.has(`Service/${namespace}/${name}`),
        isUserNamespace: (name) => this.#userObjects.has(`Namespace//${name}`),
      },
    );
  }

  #makeAdmin(): AdminServer {
    const { writer } = this.#deps;
    const metrics = this.#metrics;
    const pods = () => this.#platform.rows();
    agentMetrics(metrics, { pods, zds: new Map([[this.#node, this.#zds]]) });
    const node = { name: this.#node, underlay: this.#settings.docker.hostIp, podCidr: "", netnsPath: "" };
    return new AdminServer(
      { socketPath: this.#settings.adminSocket },
      {
        writer,
        readiness: this.#readiness,
        metrics,
        routes: adminRoutes({ pods, nodes: [node], forwards: () => [] }),
      },
    );
  }
}

/** The usual rules, in namespaces whose other settings are the engine's; `onIn` is called at once when they are in. */
function containerRules(logger: Logger, onIn: (netnsPath: string) => void): RulesLoader {
  return {
    async apply(netnsPath, options) {
      if (!allowBorrowedAddresses(netnsPath, writeKernelSetting))
        logger.warn("a container's reverse-path filter is strict and cannot be changed", { netnsPath });
      tuneForProxy(netnsPath, logger);
      await routeServices(netnsPath);
      await kernelRules.apply(netnsPath, options);
      onIn(netnsPath);
    },
    remove: (netnsPath, options) => kernelRules.remove(netnsPath, options),
  };
}

/** Settings that the proxy would make itself where its /proc/sys can be written; without them it works, less smoothly. */
function tuneForProxy(netnsPath: string, logger: Logger): void {
  try {
    writeKernelSettings(netnsPath, { "net/ipv4/tcp_migrate_req": "1", "net/ipv4/tcp_tw_reuse": "1" });
  } catch (thrown) {
    logger.debug("a container's settings cannot be changed", { netnsPath, error: describeError(thrown) });
  }
}

/** Whether a container's first process lives; undefined where the host's processes cannot be seen. */
function isAlive({ pid, id }: Container): boolean | undefined {
  // Process 2 is the kernel's own on a host, and something else or nothing in a container.
  if (!existsSync("/proc/2") || readOr("/proc/2/comm") !== "kthreadd\n") return undefined;
  return readOr(`/proc/${pid}/cgroup`).includes(id);
}

function readOr(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
