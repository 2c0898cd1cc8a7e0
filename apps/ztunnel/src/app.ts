import { closeSync, openSync, readFileSync } from "node:fs";
import { systemClock } from "@ambit/base/clock.ts";
import { describeError } from "@ambit/base/errors.ts";
import type { Logger } from "@ambit/base/logger.ts";
import { systemRandom } from "@ambit/base/random.ts";
import { HintVerifier } from "@ambit/bus/hints.ts";
import { NatsBus } from "@ambit/bus/nats-bus.ts";
import type { DrainReport } from "@ambit/contract/admin-api.ts";
import { TYPE_URLS } from "@ambit/contract/type-urls.ts";
import { CaClient } from "@ambit/identity/ca-client.ts";
import { CertManager } from "@ambit/identity/cert-manager.ts";
import { namespaceIdentity } from "@ambit/io/netns.ts";
import { connectSeqpacket } from "@ambit/io/seqpacket.ts";
import { lineSink } from "@ambit/runtime/line-output.ts";
import { AdminServer } from "@ambit/runtime/admin.ts";
import { Readiness, type App } from "@ambit/runtime/lifecycle.ts";
import { DeltaClient } from "@ambit/xds/client/delta-client.ts";
import { adminRoutes } from "./control/admin-routes.ts";
import { CertificateDesk } from "./control/certificate-desk.ts";
import { configDump } from "./control/config-dump.ts";
import { DataThreads, startDataThread } from "./control/data-threads.ts";
import { HintListener } from "./control/hint-listener.ts";
import type { LeveledWriter } from "./control/leveled-writer.ts";
import { LastGood } from "./control/last-good.ts";
import { LocalIdentities } from "./control/local-identities.ts";
import { MeshMirror } from "./control/mesh-mirror.ts";
import { MeshSource, type DiscoveryStream, type StreamParts } from "./control/mesh-source.ts";
import { wireNode } from "./control/node.ts";
import { ProxyMetrics } from "./control/proxy-metrics.ts";
import { WorkloadManager } from "./control/workload-manager.ts";
import { ZdsClient } from "./control/zds-client.ts";
import type { RemoteSettings, Settings } from "./settings.ts";

export interface ZtunnelDeps {
  readonly writer: LeveledWriter;
  readonly version: string;
}

/** How often a successor looks whether its certificates have come. */
const WARM_POLL_MS = 50;

/** The node proxy's main thread: control connections, certificates, pods, admin. Bytes move on the data threads. */
export class Ztunnel implements App {
  readonly #settings: Settings;
  readonly #logger: Logger;
  readonly #readiness = new Readiness();
  readonly #mirror = new MeshMirror();
  readonly #threads: DataThreads;
  readonly #manager: CertManager;
  readonly #ca: CaClient;
  readonly #desk: CertificateDesk;
  readonly #identities: LocalIdentities;
  readonly #pods: WorkloadManager;
  #discovery!: DeltaClient;
  readonly #zds: ZdsClient;
  readonly #admin: AdminServer;
  readonly #metrics: ProxyMetrics;
  readonly #writeAccess: (lines: string) => void;
  readonly #bus: NatsBus | undefined;
  readonly #mesh: MeshSource;
  readonly #drained = Promise.withResolvers<DrainReport>();
  #podsDone: (() => void) | undefined;

  constructor(settings: Settings, deps: ZtunnelDeps) {
    this.#settings = settings;
    this.#logger = deps.writer.logger("ztunnel");
    this.#writeAccess = accessSink(settings.accessLogPath);
    this.#threads = this.#makeThreads(deps.writer);
    deps.writer.onLevels = (levels) => this.#threads.broadcast({ kind: "levels", levels });
    this.#metrics = new ProxyMetrics(deps.version, {
      scrape: () => this.#threads.scrape(),
      counts: () => this.#pods.counts(),
    });
    this.#ca = new CaClient({
      target: target(settings.ca),
      clusterId: settings.clusterId,
      ttlSeconds: settings.secretTtlSeconds,
      impersonate: true,
      headers: settings.ca.headers,
      ...(settings.tokenPath === undefined ? {} : { tokenPath: settings.tokenPath }),
    });
    this.#manager = new CertManager({
      clock: systemClock,
      random: systemRandom,
      logger: this.#logger.child("identity"),
      source: this.#ca,
      onCertificate: (certificate) => this.#desk.arrived(certificate),
    });
    this.#desk = new CertificateDesk({
      clock: systemClock,
      manager: this.#manager,
      broadcast: (message) => this.#threads.broadcast(message),
    });
    this.#identities = new LocalIdentities(settings.node.name, {
      onFirst: (identity) => this.#desk.warm(identity),
      onLast: (identity) => this.#desk.drop(identity),
    });
    this.#mirror.store.subscribe((change) => {
      if (change.kind === "workload") this.#identities.update(change.key, change.after);
    });
    this.#pods = this.#makePods();
    this.#zds = this.#makeZds();
    this.#mesh = new MeshSource({
      clock: systemClock,
      logger: this.#logger,
      mirror: this.#mirror,
      lastGood: this.#makeLastGood(),
      makeStream: (parts) => this.#makeDiscovery(parts),
      broadcast: (message) => this.#threads.broadcast(message),
      onKnown: () => this.#onKnown(),
    });
    this.#admin = this.#makeAdmin(deps);
    this.#bus = this.#makeBus();
  }

  async start(): Promise<void> {
    this.#podsDone = this.#readiness.begin("workload proxy manager");
    const stateDone = this.#readiness.begin("state manager");
    this.#onKnown = () => {
      stateDone();
      this.#logger.info("the mesh is known", { ...this.#mirror.store.stats() });
      if (this.#settings.successor) this.#takeOver();
      else this.#zds.start();
    };
    const driver = await this.#threads.start();
    this.#logger.info("data threads run", { driver, threads: this.#settings.dataThreads });
    await this.#admin.start();
    this.#mesh.start();
    this.#bus?.start();
  }

  async drain(_deadline: AbortSignal): Promise<void> {
    this.#readiness.begin("draining");
    this.#zds.stop();
    const began = systemClock.monotonic();
    if (this.#settings.admin.sharePorts) await this.#admin.releasePorts();
    const cut = await this.#threads.drain(this.#settings.terminationMs);
    this.#metrics.drainCut.inc(cut);
    this.#drained.resolve({ cut, durationMs: Math.round(systemClock.monotonic() - began) });
    if (cut > 0) this.#logger.warn("connections cut at the deadline", { connections: cut });
    this.#mesh.stop();
    await this.#bus?.close();
    this.#manager.stop();
    this.#ca.close();
    await this.#threads.stop();
    await this.#admin.stop();
  }

  #onKnown: () => void = () => undefined;

  // The one that serves now has its certificates: taking its pods without ours would make their connections wait.
  #takeOver(): void {
    const certificatesDone = this.#readiness.begin("certificates");
    const poll = systemClock.every(WARM_POLL_MS, () => {
      if (this.#manager.list().some(({ certificate }) => certificate === undefined)) return;
      poll.cancel();
      certificatesDone();
      this.#zds.start();
    });
  }

  #makeLastGood(): LastGood | undefined {
    const { lastGoodPath: path, node, onDemand } = this.#settings;
    if (path === undefined || onDemand) return undefined;
    const logger = this.#logger.child("last-good");
    // Of the node, not of the pod: the successor of an upgrade goes on from it.
    return new LastGood({ path, owner: node.name }, { clock: systemClock, logger });
  }

  #makeThreads(writer: LeveledWriter): DataThreads {
    const settings = this.#settings;
    const threads = Array.from({ length: settings.dataThreads }, (_, index) =>
      startDataThread({
        driver: settings.driver,
        settings: settings.data,
        logLevel: settings.log.level,
        index,
      }),
    );
    return new DataThreads(
      threads,
      {
        onWantCertificate: (identity) => this.#desk.wanted(identity),
        onWantKey: (key) => this.#lookUp(key),
        onAccessLines: (lines) => this.#writeAccess(lines),
        onLog: ({ level, scope, message, fields }) => writer.write(level, scope, message, fields),
        onFailed: (error) => {
          this.#logger.error("a data thread ended", { error });
          process.exit(1);
        },
      },
      this.#logger,
    );
  }

  #makePods(): WorkloadManager {
    return new WorkloadManager({
      clock: systemClock,
      logger: this.#logger.child("pods"),
      data: {
        addPod: (pod) => this.#threads.addPod(pod),
        removePod: (id) => this.#threads.removePod(id, this.#settings.terminationMs),
      },
      namespaceIdentity,
      closeFd: (fd) => closeSync(fd),
      onChange: () => this.#updatePodReadiness(),
    });
  }

  #updatePodReadiness(): void {
    if (!this.#pods.pending) {
      this.#podsDone?.();
      this.#podsDone = undefined;
    } else this.#podsDone ??= this.#readiness.begin("workload proxy manager");
  }

  #makeZds(): ZdsClient {
    return new ZdsClient({
      clock: systemClock,
      random: systemRandom,
      logger: this.#logger.child("zds"),
      manager: this.#pods,
      connect: (handler) => connectSeqpacket(this.#settings.zdsPath, handler),
      closeFd: (fd) => closeSync(fd),
      onProtocolError: (error) => {
        this.#logger.error("the node agent broke the protocol", { error });
        process.exit(1);
      },
    });
  }

  #makeDiscovery(parts: StreamParts): DiscoveryStream {
    const settings = this.#settings;
    const { address, authorization } = TYPE_URLS;
    this.#discovery = new DeltaClient(
      {
        target: target(settings.xds),
        clusterId: settings.clusterId,
        headers: settings.xds.headers,
        node: wireNode(settings.node),
        types: [
          { typeUrl: address, onDemand: settings.onDemand, held: parts.held(address) },
          { typeUrl: authorization, onDemand: false, held: parts.held(authorization) },
        ],
        ...(settings.tokenPath === undefined ? {} : { tokenPath: settings.tokenPath }),
      },
      {
        clock: systemClock,
        random: systemRandom,
        logger: this.#logger.child("xds"),
        apply: parts.apply,
        onSynced: parts.onSynced,
        onMessage: (typeUrl, bytes) => {
          this.#metrics.xdsMessages.labels(typeUrl).inc();
          this.#metrics.xdsMessageBytes.labels(typeUrl).inc(bytes);
        },
        onTermination: (reason) => this.#metrics.xdsTerminations.labels(reason).inc(),
      },
    );
    return this.#discovery;
  }

  #lookUp(key: string): void {
    this.#metrics.onDemandLookups.inc();
    this.#discovery.subscribe(TYPE_URLS.address, key).then(
      () => this.#threads.broadcast({ kind: "key-answered", key }),
      (thrown: unknown) => this.#logger.warn("lookup failed", { key, error: describeError(thrown) }),
    );
  }

  /** Hints of the ca and discovery; none without a bus. */
  #makeBus(): NatsBus | undefined {
    const { bus, ca, node } = this.#settings;
    if (bus.url === undefined || bus.credentialsPath === undefined) return undefined;
    const logger = this.#logger.child("bus");
    const nats = new NatsBus(
      { url: bus.url, credentialsPath: bus.credentialsPath },
      { clock: systemClock, random: systemRandom, logger },
    );
    const verifier = new HintVerifier(
      { issuers: bus.issuers },
      { clock: systemClock, roots: () => readFileSync(ca.rootCaPath, "utf8") },
    );
    new HintListener(node.name, {
      logger,
      bus: nats,
      decode: (data) => verifier.decode(data),
      refetch: (withinMs) => this.#manager.refetchAll(withinMs),
      nudge: () => this.#mesh.hurry(),
    }).start();
    return nats;
  }

  #makeAdmin(deps: ZtunnelDeps): AdminServer {
    const { admin } = this.#settings;
    return new AdminServer(
      {
        loopbackPort: admin.adminPort,
        metricsPort: admin.metricsPort,
        readyPort: admin.readyPort,
        sharePorts: admin.sharePorts,
        ...(admin.socketPath === undefined ? {} : { socketPath: admin.socketPath }),
      },
      {
        writer: deps.writer,
        metrics: this.#metrics,
        readiness: this.#readiness,
        routes: adminRoutes({
          dump: () => this.#dump(deps.version),
          connections: () => this.#threads.connections(),
          drained: () => this.#drained.promise,
          quit: () => process.kill(process.pid, "SIGTERM"),
          quitToken: admin.quitToken,
        }),
      },
    );
  }

  async #dump(version: string): Promise<Record<string, unknown>> {
    const { admin, ...shown } = this.#settings;
    return configDump({
      store: this.#mirror.store,
      certificates: this.#manager.list(),
      pods: this.#pods.states(),
      connections: await this.#threads.connections(),
      version: { version, buildProfile: "release", cryptoProvider: "openssl" },
      config: { ...shown, admin: { ...admin, quitToken: undefined } },
    });
  }
}

function target(remote: RemoteSettings): { address: string; rootCaPath: string; serverName?: string } {
  const { address, rootCaPath, serverName } = remote;
  return serverName === undefined ? { address, rootCaPath } : { address, rootCaPath, serverName };
}

/** Where access lines go; a file is appended to. */
function accessSink(path: string | undefined): (lines: string) => void {
  return path === undefined ? lineSink(1, process.stdout) : lineSink(openSync(path, "a", 0o640), undefined);
}
