import type { Server } from "@grpc/grpc-js";
import { Backoff } from "@ambit/base/backoff.ts";
import { sleep, type Clock } from "@ambit/base/clock.ts";
import type { Logger } from "@ambit/base/logger.ts";
import type { Random } from "@ambit/base/random.ts";
import { formatSpiffeId } from "@ambit/model/spiffe-id.ts";
import { DEFAULTS } from "@ambit/contract/names.ts";
import { CaClient } from "@ambit/identity/ca-client.ts";
import { CallerAuthenticator } from "@ambit/identity/caller.ts";
import { CertManager } from "@ambit/identity/cert-manager.ts";
import type { WorkloadCertificate } from "@ambit/identity/certificate.ts";
import { LocalTokenVerifier } from "@ambit/identity/token-verifier.ts";
import { createGrpcServer, listenGrpc, stopGrpc } from "@ambit/runtime/grpc-server.ts";
import { ReloadableTls, type ServerTls } from "@ambit/runtime/reloadable-tls.ts";
import { XdsServer } from "@ambit/xds/server/server.ts";
import type { StreamReport } from "@ambit/xds/server/stream.ts";
import type { DiscoveryMetrics } from "./discovery-metrics.ts";
import type { NodeView } from "./node-view.ts";
import type { Publisher } from "./publisher.ts";
import type { Settings } from "./settings.ts";
import { createVisibility } from "./visibility.ts";

/** Largest request a proxy may send: the versions of everything it holds, after a reconnect. */
const MAX_REQUEST_BYTES = 16 * 1024 * 1024;

export interface XdsEndpointDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly publisher: Publisher;
  readonly nodes: NodeView;
  readonly metrics: DiscoveryMetrics;
  /** Called with every certificate discovery gets for itself. */
  readonly onCertificate: (certificate: WorkloadCertificate) => void;
}

/** Time over which certificates are fetched again after a change of the trust bundle. */
const REFETCH_MS = 2_000;

/** The delta stream to the proxies on TLS, under a certificate that discovery gets from the ca like everybody else. */
export class XdsEndpoint {
  readonly #settings: Settings;
  readonly #deps: XdsEndpointDeps;
  readonly #identity: string;
  readonly #ca: CaClient;
  readonly #certificates: CertManager;
  readonly #xds: XdsServer;
  #tls: ReloadableTls | undefined;
  readonly #stopping = new AbortController();
  #server: Server | undefined;

  constructor(settings: Settings, deps: XdsEndpointDeps) {
    this.#settings = settings;
    this.#deps = deps;
    this.#identity = formatSpiffeId({
      trustDomain: settings.trustDomain,
      namespace: DEFAULTS.systemNamespace,
      serviceAccount: "discovery",
    });
    this.#ca = new CaClient({
      target: {
        address: settings.caAddress,
        rootCaPath: settings.caRootPath,
        ...(settings.caServerName === undefined ? {} : { serverName: settings.caServerName }),
      },
      tokenPath: settings.tokenPath,
      clusterId: settings.clusterId,
      ttlSeconds: Math.max(1, Math.round(settings.certificateTtlMs / 1000)),
      impersonate: false,
    });
    this.#certificates = new CertManager({
      ...deps,
      source: this.#ca,
      onCertificate: (certificate) => {
        this.#tls?.update(tlsOf(certificate));
        deps.onCertificate(certificate);
      },
    });
    this.#xds = this.#createServer();
  }

  /** Every connected proxy. */
  connections(): readonly StreamReport[] {
    return this.#xds.connections();
  }

  /** Gets the certificate, however long the ca takes to appear, and begins to serve; resolves with the port. */
  async start(): Promise<number> {
    const certificate = await this.#firstCertificate();
    const tls = new ReloadableTls(tlsOf(certificate));
    this.#tls = tls;
    const server = createGrpcServer({ maxReceiveBytes: MAX_REQUEST_BYTES });
    this.#xds.addTo(server);
    this.#server = server;
    return await listenGrpc(server, this.#settings.xdsListen, tls.credentials);
  }

  /** The trust bundle or its signer changed: new roots come with a new certificate. */
  trustChanged(): void {
    this.#certificates.refetchAll(REFETCH_MS);
  }

  async stop(deadline: AbortSignal): Promise<void> {
    this.#stopping.abort(new Error("discovery stops"));
    this.#certificates.stop();
    this.#ca.close();
    // Streams of proxies never end by themselves; they reconnect elsewhere.
    this.#server?.forceShutdown();
    if (this.#server !== undefined) await stopGrpc(this.#server, deadline);
  }

  async #firstCertificate(): Promise<WorkloadCertificate> {
    const { clock, random } = this.#deps;
    const backoff = new Backoff({ initialMs: 50, maxMs: 2_000, factor: 1.5 }, random);
    for (;;) {
      try {
        return await this.#certificates.request(this.#identity);
      } catch {
        // The manager has logged it. In a starting mesh the ca comes up at the same time.
        await sleep(clock, backoff.next(), this.#stopping.signal);
      }
    }
  }

  #createServer(): XdsServer {
    const { jwksPath, tokenIssuer, trustDomain, xdsClients } = this.#settings;
    const { clock, publisher, nodes, metrics } = this.#deps;
    const tokens = new LocalTokenVerifier(
      { jwksPath, issuer: tokenIssuer, audience: DEFAULTS.tokenAudience },
      { clock },
    );
    const authenticator = new CallerAuthenticator({ trustDomain }, { tokens, clock });
    return new XdsServer(
      { snapshots: [publisher.authorizations, publisher.addresses] },
      {
        ...this.#deps,
        authenticate: (metadata, certificate) => authenticator.authenticate(metadata, certificate),
        visibility: createVisibility(xdsClients, nodes),
        onPush: (typeUrl, resources, bytes) => metrics.pushed(typeUrl, resources, bytes),
        onNack: (typeUrl) => metrics.rejected(typeUrl),
      },
    );
  }
}

function tlsOf(certificate: WorkloadCertificate): ServerTls {
  return {
    certificateChain: certificate.chain,
    privateKey: certificate.privateKey,
    clientRoots: certificate.roots,
  };
}
