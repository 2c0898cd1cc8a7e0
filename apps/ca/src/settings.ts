import { DEFAULTS } from "@ambit/contract/names.ts";
import { LOCAL_ISSUER } from "@ambit/identity/token-issuer.ts";
import type { LogLevel } from "@ambit/base/logger.ts";
import { SettingsReader, type Environment } from "@ambit/runtime/settings.ts";

export interface CaSettings {
  /** `host:port` of the certificate service. */
  readonly listen: string;
  /** Keys, certificates, journal; 0700. */
  readonly stateDir: string;
  /** A plugged-in authority (`ca-cert.pem ca-key.pem root-cert.pem cert-chain.pem`), when there is one. */
  readonly pluggedInDir: string | undefined;
  /** Where the trust bundle is published. */
  readonly trustBundlePath: string;
  readonly jwksPath: string;
  readonly tokenIssuer: string;
  readonly trustDomain: string;
  readonly systemNamespace: string;
  readonly leafTtlMs: number;
  readonly maxLeafTtlMs: number;
  /** `namespace/account` of proxies that may ask for the identities of their node. */
  readonly trustedNodeAccounts: readonly string[];
  /** Directories of Pod objects. */
  readonly podDirs: readonly string[];
  /** Addresses put into the control plane's own certificates. */
  readonly serverAddresses: readonly string[];
  readonly adminSocket: string | undefined;
  readonly busUrl: string | undefined;
  readonly busCredentials: string | undefined;
  readonly logLevel: LogLevel;
  readonly logFormat: "text" | "json";
}

const HOUR_MS = 3_600_000;

/** Reads the environment; throws a SettingsError with every mistake. */
export function readSettings(environment: Environment): CaSettings {
  const reader = new SettingsReader(environment);
  const stateDir = reader.text("AMBIT_CA_STATE_DIR");
  const systemNamespace = reader.text("POD_NAMESPACE", DEFAULTS.systemNamespace);
  const settings: CaSettings = {
    listen: reader.text("AMBIT_CA_LISTEN", "0.0.0.0:15013"),
    stateDir,
    pluggedInDir: reader.optionalText("AMBIT_CACERTS_DIR"),
    trustBundlePath: reader.text("AMBIT_TRUST_BUNDLE", `${stateDir}/root-cert.pem`),
    jwksPath: reader.text("AMBIT_JWKS"),
    tokenIssuer: reader.text("AMBIT_TOKEN_ISSUER", LOCAL_ISSUER),
    trustDomain: reader.text("TRUST_DOMAIN", DEFAULTS.trustDomain),
    systemNamespace,
    leafTtlMs: reader.durationMs("AMBIT_CA_LEAF_TTL", 24 * HOUR_MS),
    maxLeafTtlMs: reader.durationMs("AMBIT_CA_MAX_LEAF_TTL", 90 * 24 * HOUR_MS),
    trustedNodeAccounts: listOr(reader.list("CA_TRUSTED_NODE_ACCOUNTS"), [`${systemNamespace}/ztunnel`]),
    podDirs: listOr(reader.list("AMBIT_PODS_DIR", ":"), []),
    serverAddresses: reader.list("AMBIT_SERVER_ADDRESSES"),
    adminSocket: reader.optionalText("ADMIN_SOCKET"),
    busUrl: reader.optionalText("AMBIT_BUS_URL"),
    busCredentials: reader.optionalText("AMBIT_BUS_CREDENTIALS"),
    logLevel: reader.oneOf("AMBIT_LOG_LEVEL", ["error", "warn", "info", "debug", "trace"], "info"),
    logFormat: reader.oneOf("LOG_FORMAT", ["text", "json"], "text"),
  };
  if (settings.leafTtlMs < 1_000)
    reader.problem("AMBIT_CA_LEAF_TTL: certificates of less than 1s cannot be renewed in time");
  reader.finish();
  return settings;
}

function listOr(values: readonly string[], fallback: readonly string[]): readonly string[] {
  return values.length === 0 ? fallback : values;
}
