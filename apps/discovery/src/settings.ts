import { resolve } from "node:path";
import { DEFAULTS } from "@ambit/contract/names.ts";
import { PORTS } from "@ambit/contract/ports.ts";
import { isLogLevel, type LogLevel } from "@ambit/base/logger.ts";
import { SettingsReader, type Environment } from "@ambit/runtime/settings.ts";

/** A directory of manifests. */
interface SourceDir {
  readonly dir: string;
  /** The platform's own record of what runs. */
  readonly observed: boolean;
}

/** Everything discovery can be told, read once from the environment. */
export interface Settings {
  readonly sourceDirs: readonly SourceDir[];
  readonly statusDir: string;
  readonly statusFallbackDir: string;
  readonly xdsListen: string;
  readonly xdsClients: readonly string[];
  readonly rootNamespace: string;
  readonly clusterId: string;
  readonly clusterDomain: string;
  readonly trustDomain: string;
  readonly network: string;
  readonly dryRun: boolean;
  readonly jwksPath: string;
  readonly tokenIssuer: string;
  readonly tokenPath: string;
  readonly caAddress: string;
  readonly caRootPath: string;
  readonly caServerName: string | undefined;
  readonly certificateTtlMs: number;
  readonly busUrl: string | undefined;
  /** File with user and password. */
  readonly busCredentialsPath: string | undefined;
  readonly adminSocket: string | undefined;
  readonly metricsPort: number;
  readonly readyPort: number;
  readonly logLevel: LogLevel;
  readonly logFormat: "text" | "json";
  readonly drainMs: number;
}

/** Issuer of the service account tokens of a cluster with the default settings. */
const DEFAULT_ISSUER = "https://kubernetes.default.svc.cluster.local";

/** Reads the settings; throws a SettingsError that names every mistake. */
export function readSettings(environment: Environment): Settings {
  const reader = new SettingsReader(environment);
  const stateDir = reader.text("AMBIT_STATE_DIR", "/var/lib/ambit");
  const sourceDirs = reader.list("AMBIT_SOURCE_DIRS", ":");
  if (sourceDirs.length === 0)
    reader.problem("AMBIT_SOURCE_DIRS is not set: name the directories of manifests");
  const level = reader.text("AMBIT_LOG_LEVEL", "info");
  if (!isLogLevel(level)) reader.problem(`AMBIT_LOG_LEVEL: "${level}" is no level`);
  const settings: Settings = {
    sourceDirs: sourceDirs.map((dir) => ({ dir, observed: isBelow(dir, stateDir) })),
    statusDir: reader.text("AMBIT_STATUS_DIR", `${sourceDirs[0] ?? "."}/.ambit/status`),
    statusFallbackDir: `${stateDir}/status`,
    xdsListen: reader.text("AMBIT_XDS_LISTEN", `0.0.0.0:${PORTS.xds}`),
    xdsClients: withDefault(reader.list("AMBIT_XDS_CLIENTS"), [
      `${DEFAULTS.systemNamespace}/ztunnel`,
      "istio-system/ztunnel",
    ]),
    rootNamespace: reader.text("AMBIT_ROOT_NAMESPACE", DEFAULTS.systemNamespace),
    clusterId: reader.text("CLUSTER_ID", DEFAULTS.clusterId),
    clusterDomain: reader.text("CLUSTER_DOMAIN", DEFAULTS.clusterDomain),
    trustDomain: reader.text("TRUST_DOMAIN", DEFAULTS.trustDomain),
    network: reader.optionalText("NETWORK") ?? DEFAULTS.network,
    dryRun: reader.flag("AMBIENT_ENABLE_DRY_RUN_AUTHORIZATION_POLICY", false),
    jwksPath: reader.text("AMBIT_JWKS", `${stateDir}/auth/jwks.json`),
    tokenIssuer: reader.text("AMBIT_TOKEN_ISSUER", DEFAULT_ISSUER),
    tokenPath: reader.text("AUTH_TOKEN", `${stateDir}/auth/tokens/discovery.jwt`),
    caAddress: reader.text("CA_ADDRESS", `https://ca.${DEFAULTS.systemNamespace}.svc:${PORTS.ca}`),
    caRootPath: reader.text("CA_ROOT_CA", `${stateDir}/trust/root-cert.pem`),
    caServerName: reader.optionalText("ALT_CA_HOSTNAME"),
    certificateTtlMs: reader.durationMs("SECRET_TTL", 24 * 3_600_000),
    busUrl: reader.optionalText("AMBIT_BUS_URL"),
    busCredentialsPath: reader.optionalText("AMBIT_BUS_CREDENTIALS"),
    adminSocket: reader.optionalText("ADMIN_SOCKET"),
    metricsPort: reader.port("AMBIT_METRICS_PORT", 0),
    readyPort: reader.port("AMBIT_READY_PORT", 0),
    logLevel: isLogLevel(level) ? level : "info",
    logFormat: reader.oneOf("LOG_FORMAT", ["text", "json"], "text"),
    drainMs: reader.durationMs("AMBIT_DRAIN", 5_000),
  };
  reader.finish();
  return settings;
}

function isBelow(dir: string, parent: string): boolean {
  return `${resolve(dir)}/`.startsWith(`${resolve(parent)}/`);
}

function withDefault(values: readonly string[], fallback: readonly string[]): readonly string[] {
  return values.length === 0 ? fallback : values;
}
