import { setImmediate as endOfTurn } from "node:timers";
import type { Clock } from "@ambit/base/clock.ts";
import type { Random } from "@ambit/base/random.ts";
import { NatsBus } from "@ambit/bus/nats-bus.ts";
import { DEFAULTS } from "@ambit/contract/names.ts";
import { formatSpiffeId } from "@ambit/model/spiffe-id.ts";
import { MeshBus } from "./mesh-bus.ts";
import { Mesh, type MeshChanges } from "@ambit/config/mesh.ts";
import { StatusWriter } from "@ambit/kube/status-writer.ts";
import { AdminServer } from "@ambit/runtime/admin.ts";
import { Readiness, type App } from "@ambit/runtime/lifecycle.ts";
import type { LogWriter } from "@ambit/runtime/log-writer.ts";
import { Metrics } from "@ambit/runtime/metrics.ts";
import type { Logger } from "@ambit/base/logger.ts";
import { adminRoutes } from "./admin/routes.ts";
import { announcePolicies } from "./announce.ts";
import { DiscoveryMetrics } from "./discovery-metrics.ts";
import { collectGarbage } from "./memory.ts";
import { NodeView } from "./node-view.ts";
import { Pipeline } from "./pipeline.ts";
import { Publisher } from "./publisher.ts";
import { Reporter } from "./reporter.ts";
import { XdsEndpoint } from "./serve.ts";
import type { Settings } from "./settings.ts";
import { openFileSource } from "./sources/file.ts";

const VERSION = "0.1.0";

/** With more workloads than this, what reading them left behind is worth the time it takes to give it back. */
const LARGE_MESH = 5_000;

export interface AppDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly logWriter: LogWriter;
}

/**
 * Builds discovery in the order in which data flows: source, mesh, publisher, stream; beside it reporter and admin.
 * The stream is opened only when the complete first state is derived, so that no proxy ever sees half a mesh.
 */
export function createApp(settings: Settings, deps: AppDeps): App {
  const { clock, random, logWriter } = deps;
  const logger = logWriter.logger("discovery");
  const readiness = new Readiness();
  const metrics = new Metrics({ component: "discovery", version: VERSION });
  const source = openFileSource(settings, { clock, logger: logger.child("source") });
  const mesh = new Mesh(settings);
  const nodes = new NodeView();
  const publisher = new Publisher(nodes);
  const writer = new StatusWriter(
    { folder: settings.statusDir, fallbackFolder: settings.statusFallbackDir },
    { clock, logger: logger.child("status") },
  );
  const reporter = new Reporter({ clock, logger, mesh, source, writer });
  const measured = new DiscoveryMetrics(
    metrics,
    {
      connections: () => xds.connections().length,
      services: () => mesh.services.services.size,
      resources: () => publisher.addresses.size + publisher.authorizations.size,
    },
    { clock },
  );
  const xds = new XdsEndpoint(settings, {
    clock,
    random,
    logger: logger.child("xds"),
    publisher,
    nodes,
    metrics: measured,
    onCertificate: (certificate) => meshBus?.useCertificate(certificate),
  });
  const bus = openBus(settings, { clock, random, logger: logger.child("bus") });
  const meshBus =
    bus === undefined
      ? undefined
      : new MeshBus(
          formatSpiffeId({
            trustDomain: settings.trustDomain,
            namespace: DEFAULTS.systemNamespace,
            serviceAccount: "ca",
          }),
          { clock, logger, bus, onBundleChanged: () => xds.trustChanged() },
        );
  const publish = (changes: MeshChanges, sinceMs: number): void => {
    measured.publishing(sinceMs);
    publisher.publish(changes);
    if (meshBus !== undefined) announcePolicies(changes, meshBus);
    reporter.notice();
    // The streams write at the end of this turn; what is pushed later has another cause.
    endOfTurn(() => endOfTurn(() => measured.publishing(undefined)));
  };
  const pipeline = new Pipeline({ clock, mesh, onChanges: publish });
  const admin = new AdminServer(
    {
      ...(settings.adminSocket === undefined ? {} : { socketPath: settings.adminSocket }),
      metricsPort: settings.metricsPort,
      readyPort: settings.readyPort,
    },
    {
      writer: logWriter,
      metrics,
      readiness,
      routes: adminRoutes({ mesh, reporter, connections: () => xds.connections() }),
    },
  );
  source.onDiagnostics(() => reporter.notice());
  return {
    start: async () => {
      bus?.start();
      await start({ readiness, admin, pipeline, source, xds, logger, mesh });
    },
    async drain(deadline) {
      pipeline.stop();
      source.stop();
      reporter.stop();
      await xds.stop(deadline);
      await bus?.close();
      await admin.stop();
    },
  };
}

// Without a bus hints are missed, nothing else: the streams carry the truth.
function openBus(
  settings: Settings,
  deps: { readonly clock: Clock; readonly random: Random; readonly logger: Logger },
): NatsBus | undefined {
  const { busUrl, busCredentialsPath } = settings;
  if (busUrl === undefined || busCredentialsPath === undefined) return undefined;
  return new NatsBus({ url: busUrl, credentialsPath: busCredentialsPath }, deps);
}

interface Parts {
  readonly readiness: Readiness;
  readonly admin: AdminServer;
  readonly pipeline: Pipeline;
  readonly source: ReturnType<typeof openFileSource>;
  readonly xds: XdsEndpoint;
  readonly logger: Logger;
  readonly mesh: Mesh;
}

async function start({ readiness, admin, pipeline, source, xds, logger, mesh }: Parts): Promise<void> {
  const stateKnown = readiness.begin("configuration");
  const serving = readiness.begin("xds server");
  await admin.start();
  await pipeline.start(source);
  if (mesh.workloads.collection.size > LARGE_MESH) await collectGarbage();
  stateKnown();
  logger.info("configuration read", {
    services: mesh.services.services.size,
    workloads: mesh.workloads.collection.size,
    problems: source.diagnostics().length,
  });
  const port = await xds.start();
  serving();
  logger.info("serving proxies", { port });
}
