import { join } from "node:path";
import type { Clock } from "@ambit/base/clock.ts";
import type { Logger } from "@ambit/base/logger.ts";
import type { Random } from "@ambit/base/random.ts";
import { openNamespace } from "@ambit/io/netns.ts";
import type { PodRow } from "@ambit/contract/admin-api.ts";
import { FileSource } from "@ambit/kube/file-source.ts";
import { AdminServer } from "@ambit/runtime/admin.ts";
import { Readiness, type App } from "@ambit/runtime/lifecycle.ts";
import type { LogWriter } from "@ambit/runtime/log-writer.ts";
import { Metrics } from "@ambit/runtime/metrics.ts";
import { adminRoutes } from "./admin-routes.ts";
import { planNodes } from "./platform/local/address-plan.ts";
import { Journal } from "./platform/local/journal.ts";
import { LocalPlatform } from "./platform/local/local-platform.ts";
import { podRow } from "./platform/local/pod-row.ts";
import { PodWriter } from "./platform/local/pod-writer.ts";
import { Forwards } from "./forwards.ts";
import { agentMetrics } from "./agent-metrics.ts";
import { connectInNamespace } from "./namespace-socket.ts";
import { ServiceNetwork } from "./service-network.ts";
import { Enrolment } from "./enrol.ts";
import { kernelRules } from "./rules-loader.ts";
import type { PodEvents } from "./platform/platform.ts";
import type { AgentSettings } from "./settings.ts";
import { listenZds } from "./zds-listener.ts";
import { ZdsServer } from "./zds-server.ts";

const root = join(import.meta.dirname, "../../..");

export interface AgentDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly writer: LogWriter;
  readonly logger: Logger;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The runtime that containers' TypeScript programs are run with. */
  readonly nodeProgram: string;
}

/** Without namespaces nothing can be captured. */
const NOBODY: PodEvents = {
  added: async () => undefined,
  changed: () => undefined,
  removed: async () => undefined,
};

/** The node agent of all simulated nodes: builds its parts in order, starts and drains them. */
export class NodeAgent implements App {
  readonly #settings: AgentSettings;
  readonly #deps: AgentDeps;
  readonly #platform: LocalPlatform;
  readonly #enrolment: Enrolment;
  readonly #zds: ReadonlyMap<string, ZdsServer>;
  readonly #services: ServiceNetwork;
  readonly #forwards: Forwards;
  readonly #stopListening: (() => void)[] = [];
  readonly #admin: AdminServer;
  readonly #readiness = new Readiness();
  readonly #started: () => void;

  constructor(settings: AgentSettings, deps: AgentDeps) {
    this.#settings = settings;
    this.#deps = deps;
    this.#started = this.#readiness.begin("first look at the manifests");
    this.#platform = this.#makePlatform();
    this.#zds = new Map(settings.nodes.map((node) => [node, this.#makeZds(node)]));
    this.#enrolment = this.#makeEnrolment();
    this.#services = this.#makeServices();
    this.#forwards = new Forwards(this.#state("run/forward"), settings.forwards, {
      logger: deps.logger.child("forwards"),
      views: () => this.#services.views,
      pods: () => this.#platform.backends(),
      connect: (node, ip, port) =>
        connectInNamespace({ namespaceFd: this.#platform.nodeNamespace(node), ip, port }),
    });
    const metrics = new Metrics({ component: "node-agent", version: "0.1.0" });
    const pods = (): readonly PodRow[] => this.#platform.pods().map(podRow);
    agentMetrics(metrics, { pods, zds: this.#zds });
    this.#admin = new AdminServer(
      { socketPath: settings.adminSocket },
      {
        writer: deps.writer,
        readiness: this.#readiness,
        metrics,
        routes: adminRoutes({
          pods,
          nodes: planNodes(settings.nodes),
          forwards: () => this.#forwards.list(),
        }),
      },
    );
  }

  async start(): Promise<void> {
    await this.#admin.start();
    const captures = this.#settings.mode === "netns";
    for (const [node, server] of captures ? this.#zds : []) {
      this.#stopListening.push(listenZds(join(this.#settings.stateDir, "run", node, "ztunnel.sock"), server));
    }
    await this.#platform.start(captures ? this.#enrolment : NOBODY);
    await this.#services.start();
    this.#platform.onChange(() => this.#services.changed());
    this.#started();
  }

  async drain(): Promise<void> {
    this.#forwards.close();
    await this.#platform.stop();
    this.#services.stop();
    for (const stop of this.#stopListening) stop();
    for (const server of this.#zds.values()) server.close();
    await this.#admin.stop();
  }

  #state(...parts: string[]): string {
    return join(this.#settings.stateDir, ...parts);
  }

  #makePlatform(): LocalPlatform {
    const { clock, random, logger, nodeProgram, environment } = this.#deps;
    const { sourceDir, nodes } = this.#settings;
    return new LocalPlatform(
      {
        ...this.#settings,
        nodes: planNodes(nodes),
        sampleServer: join(root, "samples/server/server.ts"),
        nodeProgram,
        environment,
      },
      {
        clock,
        random,
        logger,
        source: new FileSource({ roots: [{ dir: sourceDir }] }, { clock, logger: logger.child("source") }),
        journal: new Journal(this.#state("run/node-agent/journal")),
        writer: new PodWriter(this.#state("cluster")),
      },
    );
  }

  #makeZds(node: string): ZdsServer {
    const { clock, logger } = this.#deps;
    return new ZdsServer({
      clock,
      logger: logger.child(`zds/${node}`),
      pods: () => this.#enrolment.servedOn(node),
    });
  }

  #makeEnrolment(): Enrolment {
    const { clock, random, logger } = this.#deps;
    return new Enrolment(
      { dnsCapture: this.#settings.dnsCapture, ipv6: this.#platform.dualStack },
      {
        clock,
        random,
        logger: logger.child("enrol"),
        rules: kernelRules,
        zds: (node) => this.#zds.get(node),
        annotate: (uid, redirection) => this.#platform.annotate(uid, redirection),
        openNamespace,
      },
    );
  }

  #makeServices(): ServiceNetwork {
    const { clock, logger } = this.#deps;
    const { mode, nodes, clusterDomain } = this.#settings;
    return new ServiceNetwork(
      {
        hasNamespaces: mode === "netns",
        nodes: planNodes(nodes),
        ipv6: this.#platform.dualStack,
        clusterDomain,
      },
      {
        clock,
        logger: logger.child("services"),
        services: () => this.#platform.inventory.services(),
        pods: () => this.#platform.backends(),
        nodeNamespace: (node) => this.#platform.nodeNamespace(node),
        onViews: () => this.#forwards.update(),
      },
    );
  }
}
