import { join } from "node:path";
import type { Clock } from "@ambit/base/clock.ts";
import type { Logger } from "@ambit/base/logger.ts";
import type { Random } from "@ambit/base/random.ts";
import { openNamespace } from "@ambit/io/netns.ts";
import { FileSource } from "@ambit/kube/file-source.ts";
import { AdminServer } from "@ambit/runtime/admin.ts";
import { Readiness, type App } from "@ambit/runtime/lifecycle.ts";
import type { LogWriter } from "@ambit/runtime/log-writer.ts";
import { Metrics } from "@ambit/runtime/metrics.ts";
import { adminRoutes } from "./admin-routes.ts";
import { planNodes } from "./platform/local/address-plan.ts";
import { Journal } from "./platform/local/journal.ts";
import { LocalPlatform } from "./platform/local/local-platform.ts";
import { PodWriter } from "./platform/local/pod-writer.ts";
import { Forwards } from "./forwards.ts";
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
    const { clock, random, logger, writer } = deps;
    this.#settings = settings;
    const state = (...parts: string[]): string => join(settings.stateDir, ...parts);
    this.#started = this.#readiness.begin("first look at the manifests");
    this.#platform = new LocalPlatform(
      {
        ...settings,
        nodes: planNodes(settings.nodes),
        sampleServer: join(root, "samples/server/server.ts"),
        nodeProgram: deps.nodeProgram,
        environment: deps.environment,
      },
      {
        clock,
        random,
        logger,
        source: new FileSource(
          { roots: [{ dir: settings.sourceDir }] },
          { clock, logger: logger.child("source") },
        ),
        journal: new Journal(state("run/node-agent/journal")),
        writer: new PodWriter(state("cluster")),
      },
    );
    this.#zds = new Map(
      settings.nodes.map((node) => [
        node,
        new ZdsServer({
          clock,
          logger: logger.child(`zds/${node}`),
          pods: () => this.#enrolment.servedOn(node),
        }),
      ]),
    );
    this.#enrolment = new Enrolment(
      { dnsCapture: settings.dnsCapture, ipv6: this.#platform.dualStack },
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
    this.#services = new ServiceNetwork(
      {
        hasNamespaces: settings.mode === "netns",
        nodes: planNodes(settings.nodes),
        ipv6: this.#platform.dualStack,
        clusterDomain: settings.clusterDomain,
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
    this.#forwards = new Forwards(state("run/forward"), settings.forwards, {
      logger: logger.child("forwards"),
      views: () => this.#services.views,
      pods: () => this.#platform.backends(),
      connect: (node, ip, port) =>
        connectInNamespace({ namespaceFd: this.#platform.nodeNamespace(node), ip, port }),
    });
    this.#admin = new AdminServer(
      { socketPath: settings.adminSocket },
      {
        writer,
        readiness: this.#readiness,
        metrics: new Metrics({ component: "node-agent", version: "0.1.0" }),
        routes: adminRoutes({
          pods: () => this.#platform.pods(),
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
}
