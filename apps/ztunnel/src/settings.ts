import { join } from "node:path";
import { isLogLevel, type LogLevel } from "@ambit/base/logger.ts";
import { DEFAULTS } from "@ambit/contract/names.ts";
import { PORTS } from "@ambit/contract/ports.ts";
import type { DriverPreference } from "@ambit/io/choose-driver.ts";
import { formatSpiffeId } from "@ambit/model/spiffe-id.ts";
import type { LogFormat } from "@ambit/runtime/log-writer.ts";
import { SettingsReader, type Environment } from "@ambit/runtime/settings.ts";
import type { DataSettings } from "./messages.ts";

/** A service of the control plane that is called over gRPC. */
export interface RemoteSettings {
  /** `https://host:port`. */
  readonly address: string;
  readonly rootCaPath: string;
  /** Name to expect in the server's certificate instead of the host. */
  readonly serverName: string | undefined;
  readonly headers: ReadonlyMap<string, string>;
}

/** Everything the node proxy is told at its start (ambient.md 11, and our own variables). */
export interface Settings {
  readonly xds: RemoteSettings;
  readonly ca: RemoteSettings;
  /** File of the service-account token. */
  readonly tokenPath: string | undefined;
  readonly node: {
    readonly name: string;
    readonly podName: string;
    readonly podNamespace: string;
    readonly serviceAccount: string;
    readonly instanceIp: string;
    /** `ISTIO_META_X` and `ISTIO_METAJSON_X`, by X. */
    readonly metadata: ReadonlyMap<string, unknown>;
  };
  readonly clusterId: string;
  readonly secretTtlSeconds: number;
  readonly onDemand: boolean;
  /** File of the last accepted state, served from when discovery is away at the start; undefined switches it off. */
  readonly lastGoodPath: string | undefined;
  /** The node agent's socket (ZDS). */
  readonly zdsPath: string;
  readonly terminationMs: number;
  /** Another proxy serves the node's pods: they are taken over once their certificates are here. */
  readonly successor: boolean;
  readonly log: { readonly level: LogLevel; readonly format: LogFormat };
  /** File of the access log; standard output when undefined. */
  readonly accessLogPath: string | undefined;
  readonly admin: {
    readonly socketPath: string | undefined;
    readonly adminPort: number;
    readonly metricsPort: number;
    readonly readyPort: number;
    /** Another proxy of this node may listen on the same ports, as during a hand-over. */
    readonly sharePorts: boolean;
    /** Demanded by POST /quitquitquit when set. */
    readonly quitToken: string | undefined;
  };
  readonly bus: {
    readonly url: string | undefined;
    readonly credentialsPath: string | undefined;
    /** SPIFFE URIs whose hints are believed. */
    readonly issuers: readonly string[];
  };
  readonly driver: DriverPreference;
  readonly dataThreads: number;
  readonly data: DataSettings;
}

const DEFAULT_CONTROL_PLANE = "https://istiod.istio-system.svc:15012";
const DEFAULT_ROOT = "./var/run/secrets/istio/root-cert.pem";

/** Reads the environment once. Throws a SettingsError that names every mistake. */
export function readSettings(environment: Environment): Settings {
  const reader = new SettingsReader(environment);
  const clusterId =
    reader.optionalText("CLUSTER_ID") ?? reader.text("ISTIO_META_CLUSTER_ID", DEFAULTS.clusterId);
  const onDemand = reader.flag("XDS_ON_DEMAND", false);
  const dnsProxy = reader.flag("DNS_CAPTURE", true);
  if (onDemand && dnsProxy)
    reader.problem("XDS_ON_DEMAND cannot be combined with the DNS proxy; set DNS_CAPTURE=false");
  const settings: Settings = {
    xds: remote(reader, "XDS"),
    ca: remote(reader, "CA"),
    tokenPath: reader.optionalText("AUTH_TOKEN"),
    node: nodeSettings(reader, clusterId),
    clusterId,
    secretTtlSeconds: Math.round(reader.durationMs("SECRET_TTL", 86_400_000) / 1000),
    onDemand,
    lastGoodPath: lastGoodPath(reader),
    zdsPath: reader.text("INPOD_UDS", "/var/run/ztunnel/ztunnel.sock"),
    terminationMs: terminationMs(reader),
    successor: reader.flag("AMBIT_SUCCESSOR", false),
    log: { level: logLevel(reader), format: reader.oneOf("LOG_FORMAT", ["text", "json"], "text") },
    accessLogPath: reader.optionalText("AMBIT_ACCESS_LOG_FILE"),
    admin: {
      socketPath: reader.optionalText("ADMIN_SOCKET"),
      adminPort: reader.port("AMBIT_ADMIN_PORT", PORTS.admin),
      metricsPort: reader.port("AMBIT_METRICS_PORT", PORTS.metrics),
      readyPort: reader.port("AMBIT_READY_PORT", PORTS.readiness),
      sharePorts: reader.flag("AMBIT_SHARE_PORTS", false),
      quitToken: reader.optionalText("AMBIT_QUIT_TOKEN"),
    },
    bus: {
      url: reader.optionalText("AMBIT_BUS_URL"),
      credentialsPath: reader.optionalText("AMBIT_BUS_CREDENTIALS"),
      issuers: ["ca", "discovery"].map((serviceAccount) =>
        formatSpiffeId({
          trustDomain: reader.text("TRUST_DOMAIN", DEFAULTS.trustDomain),
          namespace: reader.text("AMBIT_SYSTEM_NAMESPACE", DEFAULTS.systemNamespace),
          serviceAccount,
        }),
      ),
    },
    driver: reader.oneOf("AMBIT_DRIVER", ["auto", "engine", "portable"], "auto"),
    dataThreads: reader.integer("AMBIT_DATA_THREADS", 1, { min: 1, max: 16 }),
    data: dataSettings(reader, clusterId, onDemand, dnsProxy),
  };
  reader.finish();
  return settings;
}

function remote(reader: SettingsReader, prefix: "XDS" | "CA"): RemoteSettings {
  return {
    address: reader.text(`${prefix}_ADDRESS`, DEFAULT_CONTROL_PLANE),
    rootCaPath: reader.text(`${prefix}_ROOT_CA`, DEFAULT_ROOT),
    serverName: reader.optionalText(`ALT_${prefix}_HOSTNAME`),
    headers: reader.withPrefix(`${prefix}_HEADER_`),
  };
}

function nodeSettings(reader: SettingsReader, clusterId: string): Settings["node"] {
  const metadata = new Map<string, unknown>(reader.withPrefix("ISTIO_META_"));
  for (const [name, text] of reader.withPrefix("ISTIO_METAJSON_")) {
    try {
      metadata.set(name, JSON.parse(text));
    } catch {
      reader.problem(`ISTIO_METAJSON_${name} is no JSON`);
    }
  }
  metadata.set("CLUSTER_ID", clusterId);
  return {
    name: reader.text("NODE_NAME", ""),
    podName: reader.text("POD_NAME", ""),
    podNamespace: reader.text("POD_NAMESPACE", ""),
    serviceAccount: reader.text("SERVICE_ACCOUNT", ""),
    instanceIp: reader.text("INSTANCE_IP", "1.1.1.1"),
    metadata,
  };
}

// RUST_LOG is what operators of the field's proxies set; a filter expression's default level is its first plain word.
function logLevel(reader: SettingsReader): LogLevel {
  const text = reader.optionalText("AMBIT_LOG_LEVEL") ?? reader.text("RUST_LOG", "info");
  const level = text.split(",").find((part) => !part.includes("=")) ?? "info";
  if (isLogLevel(level)) return level;
  reader.problem(`AMBIT_LOG_LEVEL: "${level}" names no level`);
  return "info";
}

// The local mesh gives every process one state directory; elsewhere the file is named or there is none.
function lastGoodPath(reader: SettingsReader): string | undefined {
  const stateDir = reader.optionalText("AMBIT_STATE_DIR");
  const named = reader.optionalText("AMBIT_LAST_GOOD_FILE");
  if (named !== undefined || stateDir === undefined) return named;
  return join(stateDir, "run", reader.text("POD_NAME", "ztunnel"), "last-good");
}

// The grace period belongs to the orchestrator: connections are cut before it kills the process (ambient.md 4.9).
function terminationMs(reader: SettingsReader): number {
  if (reader.optionalText("CONNECTION_TERMINATION_DEADLINE") !== undefined)
    return reader.durationMs("CONNECTION_TERMINATION_DEADLINE", 5_000);
  if (reader.optionalText("TERMINATION_GRACE_PERIOD_SECONDS") === undefined) return 5_000;
  const graceMs = reader.durationMs("TERMINATION_GRACE_PERIOD_SECONDS", 10_000);
  return Math.max(1_000, graceMs - (graceMs <= 10_000 ? 1_000 : 5_000));
}

function dataSettings(
  reader: SettingsReader,
  clusterId: string,
  onDemand: boolean,
  dnsProxy: boolean,
): DataSettings {
  return {
    clusterId,
    network: reader.text("NETWORK", ""),
    clusterDomain: reader.text("CLUSTER_DOMAIN", DEFAULTS.clusterDomain),
    ipv6: reader.flag("IPV6_ENABLED", true),
    onDemand,
    dnsProxy,
    dnsUpstreams: reader.list("AMBIT_DNS_UPSTREAMS"),
    preferredNamespace: reader.optionalText("PREFERED_SERVICE_NAMESPACE"),
    mark: reader.integer("PACKET_MARK", 1337, { min: 1, max: 0xffff_ffff }),
    reusePort: reader.flag("INPOD_PORT_REUSE", true),
    localCongestionControl: localCongestionControl(reader),
    originalSource: reader.oneOf("ENABLE_ORIG_SRC", ["auto", "true", "false"], "auto"),
    localhostAppTunnel: reader.flag("LOCALHOST_APP_TUNNEL", true),
    responseBaggage: reader.flag("ENABLE_RESPONSE_BAGGAGE", true),
    poolStreams: reader.integer("POOL_MAX_STREAMS_PER_CONNECTION", 100, { min: 1, max: 10_000 }),
    poolIdleMs: reader.durationMs("POOL_UNUSED_RELEASE_TIMEOUT", 300_000),
    accessLog: reader.flag("AMBIT_ACCESS_LOG", true),
    logFormat: reader.oneOf("LOG_FORMAT", ["text", "json"], "text"),
  };
}

// "host" says to leave what the host does for every connection.
function localCongestionControl(reader: SettingsReader): string | undefined {
  const name = reader.text("AMBIT_LOCAL_CONGESTION_CONTROL", "cubic");
  return name === "host" ? undefined : name;
}
