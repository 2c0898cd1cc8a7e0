import { join } from "node:path";
import type { Clock } from "@ambit/base/clock.ts";
import { writeFileAtomic } from "@ambit/base/files.ts";
import type { Random } from "@ambit/base/random.ts";
import { CallerAuthenticator } from "@ambit/identity/caller.ts";
import { LocalTokenVerifier } from "@ambit/identity/token-verifier.ts";
import { FileSource } from "@ambit/kube/file-source.ts";
import { AdminServer } from "@ambit/runtime/admin.ts";
import { createGrpcServer, listenGrpc, stopGrpc, type GrpcServer } from "@ambit/runtime/grpc-server.ts";
import { Readiness, type App } from "@ambit/runtime/lifecycle.ts";
import type { LogWriter } from "@ambit/runtime/log-writer.ts";
import { Metrics } from "@ambit/runtime/metrics.ts";
import { ReloadableTls } from "@ambit/runtime/reloadable-tls.ts";
import { caRoutes } from "./admin-routes.ts";
import { Announcer } from "./announce.ts";
import { AuditLog } from "./audit-log.ts";
import { auditName, AuditTrail } from "./audit-trail.ts";
import { CertificateService } from "./certificate-service.ts";
import { Duties } from "./duties.ts";
import { Issuer } from "./issue.ts";
import { OwnCertificate, ownHolder } from "./own-certificate.ts";
import { PodIndex } from "./pods.ts";
import { RateLimit } from "./rate-limit.ts";
import { Refusals } from "./refusals.ts";
import { Replica } from "./replica.ts";
import { RootStore } from "./root-store.ts";
import { RotationRequests } from "./rotation-requests.ts";
import { Rotation } from "./rotation.ts";
import type { CaSettings } from "./settings.ts";
import { Upkeep } from "./upkeep.ts";

const VERSION = "0.1.0";

/** Certificates a caller may ask for per second. */
const REQUESTS_PER_SECOND = 500;

export interface CaDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly writer: LogWriter;
}

/** The certificate authority: state, service, rotation, admin, in the order they depend on each other. */
export async function createCaApp(settings: CaSettings, deps: CaDeps): Promise<App> {
  const { clock, random, writer } = deps;
  const logger = writer.logger("ca");
  const readiness = new Readiness();
  const served = readiness.begin("certificate service");
  const metrics = new Metrics({ component: "ca", version: VERSION });
  const verdicts = metrics.counter("ambit_ca_requests_total", "Certificate requests by verdict", ["verdict"]);
  const verdict = { issued: verdicts.labels("issued"), refused: verdicts.labels("refused") };

  const { stateDir } = settings;
  const replica = Replica.open(stateDir, { clock, logger });
  await replica.awaitState(() => settings.pluggedInDir !== undefined || RootStore.exists(stateDir));
  const store = await RootStore.open(settings, { clock, random });
  const log = auditName(replica.slot);
  const audit = new AuditLog(join(stateDir, log), { clock });
  const trail = new AuditTrail(stateDir, log, { clock });
  const issuer = new Issuer(store, { clock, news: () => trail.news() });
  issuer.restore(audit.issued());
  const pods = new PodIndex();
  const source = new FileSource(
    { roots: settings.podDirs.map((dir) => ({ dir, observed: true })) },
    { clock, logger },
  );
  pods.follow(source);

  const announcer = new Announcer(settings, { clock, random, logger });
  const tls: { current: ReloadableTls | undefined } = { current: undefined };
  const holder = ownHolder(replica.slot);
  const own = new OwnCertificate(
    { ...settings, ttlMs: settings.leafTtlMs, holder },
    {
      clock,
      logger,
      issuer,
      audit,
      onRenewed: (next, identity) => {
        tls.current?.update(next);
        announcer.useSigner({ identity, chain: next.certificateChain, privateKey: next.privateKey });
      },
    },
  );
  const publish = (): void => writeFileAtomic(settings.trustBundlePath, store.bundle.pem);
  const rotation = new Rotation(
    {
      path: join(stateDir, "rotation.json"),
      phaseLimitMs: settings.leafTtlMs,
      systemNamespace: settings.systemNamespace,
      podsKnown: settings.podDirs.length > 0,
      ownHolder: holder,
    },
    {
      clock,
      logger,
      store,
      issuer,
      pods,
      onChange: async () => {
        publish();
        await duties.certify();
      },
      announce: () => announcer.bundleChanged(),
    },
  );
  const upkeep = new Upkeep({ clock, logger, store, rotation });
  const requests = new RotationRequests(stateDir, { clock, random });
  const duties = new Duties({ store, own, rotation, upkeep, requests, replica, publish });
  metrics.gauge("ambit_ca_leads", "1 when this replica makes and rotates the roots", [], (gauge) =>
    gauge.set(replica.leads ? 1 : 0),
  );
  const tokens = new LocalTokenVerifier(
    { jwksPath: settings.jwksPath, issuer: settings.tokenIssuer, audience: "istio-ca" },
    { clock },
  );
  const service = new CertificateService(settings, {
    authenticator: new CallerAuthenticator(settings, { tokens, clock }),
    pods,
    issuer,
    audit,
    refusals: new Refusals({ audit, clock, logger }),
    limit: new RateLimit(REQUESTS_PER_SECOND, { clock }),
    onVerdict: (kind) => verdict[kind].inc(),
  });
  const admin = new AdminServer(
    settings.adminSocket === undefined ? {} : { socketPath: settings.adminSocket },
    {
      writer,
      metrics,
      readiness,
      routes: caRoutes({ store, issuer, rotation, replica, rotate: () => duties.rotate() }),
    },
  );
  let server: GrpcServer | undefined;

  return {
    async start() {
      await admin.start();
      await source.start();
      // Before anybody can ask: clients know the authority by it.
      if (replica.leads) publish();
      tls.current = new ReloadableTls(await duties.certify());
      server = createGrpcServer();
      service.addTo(server);
      const port = await listenGrpc(server, settings.listen, tls.current.credentials);
      announcer.start();
      await replica.start(duties);
      served();
      logger.info("serving certificates", {
        port,
        trustDomain: settings.trustDomain,
        leafTtlMs: settings.leafTtlMs,
      });
    },
    async drain(deadline) {
      replica.stop();
      upkeep.stop();
      rotation.stop();
      own.stop();
      source.stop();
      if (server !== undefined) await stopGrpc(server, deadline);
      await announcer.stop();
      await admin.stop();
      audit.close();
      replica.release();
    },
  };
}
