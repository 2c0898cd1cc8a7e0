import { join } from "node:path";
import { isLogLevel, type LogLevel } from "@ambit/base/logger.ts";
import { DEFAULTS } from "@ambit/contract/names.ts";
import { SettingsReader, type Environment } from "@ambit/runtime/settings.ts";
import { parseForward, type ForwardSpec } from "./forward-spec.ts";

/** Where the container engine is found. */
export interface DockerSettings {
  readonly socketPath: string;
  /** Where the engine's folder of network namespaces is seen from here; looked for when undefined. */
  readonly netnsDir: string | undefined;
  /** Which containers may join: those of the agent's own compose project, or every one of the engine. */
  readonly scope: "project" | "engine";
  /** Namespace of containers that name none; their compose project when undefined. */
  readonly namespace: string | undefined;
  /** The node's own address, as it is published. */
  readonly hostIp: string;
}

/** Everything the node agent is told from outside. */
export interface AgentSettings {
  /** Who runs the pods: the agent itself, from manifests, or a container engine. */
  readonly platform: "local" | "docker";
  /** Used by the platform `docker` alone. */
  readonly docker: DockerSettings;
  /** Directory of manifests. */
  readonly sourceDir: string;
  readonly stateDir: string;
  readonly nodes: readonly string[];
  /** `netns` captures; `loopback` runs the processes on loopback addresses without capture. */
  readonly mode: "netns" | "loopback";
  readonly adminSocket: string;
  /** Where a container engine's node gives its proxy the namespaces. */
  readonly zdsSocket: string;
  readonly forwards: readonly ForwardSpec[];
  readonly clusterDomain: string;
  /** Whether captured pods' name lookups go through the proxy. */
  readonly dnsCapture: boolean;
  /** Whether pods get IPv6 addresses beside IPv4. */
  readonly ipv6: boolean;
  readonly logLevel: LogLevel;
  readonly drainMs: number;
}

/** Reads the environment. Throws a SettingsError that names every mistake. */
export function readSettings(environment: Environment): AgentSettings {
  const reader = new SettingsReader(environment);
  const stateDir = reader.text("AMBIT_STATE_DIR");
  const level = reader.text("AMBIT_LOG_LEVEL", "info");
  if (!isLogLevel(level)) reader.problem(`AMBIT_LOG_LEVEL: "${level}" is no level`);
  const nodes = reader.list("AMBIT_NODES");
  for (const node of nodes) {
    if (!/^[a-z0-9]([a-z0-9-]{0,40}[a-z0-9])?$/.test(node))
      reader.problem(`AMBIT_NODES: "${node}" is no name`);
  }
  const platform = reader.oneOf("AMBIT_PLATFORM", ["local", "docker"], "local");
  const settings: AgentSettings = {
    platform,
    docker: {
      socketPath: reader.text("AMBIT_DOCKER_SOCKET", "/var/run/docker.sock"),
      netnsDir: reader.optionalText("AMBIT_DOCKER_NETNS"),
      scope: reader.oneOf("AMBIT_DOCKER_SCOPE", ["engine", "project"], "engine"),
      namespace: reader.optionalText("AMBIT_DOCKER_NAMESPACE"),
      hostIp: reader.text("INSTANCE_IP", "127.0.0.1"),
    },
    sourceDir: reader.text("AMBIT_SOURCE_DIR"),
    stateDir,
    nodes: nodes.length > 0 ? nodes : platform === "docker" ? ["docker"] : ["node-a", "node-b"],
    mode: reader.oneOf("AMBIT_MODE", ["netns", "loopback"], "netns"),
    adminSocket: reader.text("ADMIN_SOCKET", join(stateDir, "run/node-agent/admin.sock")),
    zdsSocket: reader.text("INPOD_UDS", join(stateDir, "run", nodes[0] ?? "docker", "ztunnel.sock")),
    forwards: reader.list("AMBIT_FORWARDS").flatMap((text) => {
      const forward = parseForward(text);
      if (forward !== undefined) return [forward];
      reader.problem(`AMBIT_FORWARDS: "${text}" is not of the form 8080=namespace/service:port`);
      return [];
    }),
    clusterDomain: reader.text("CLUSTER_DOMAIN", DEFAULTS.clusterDomain),
    dnsCapture: reader.flag("AMBIENT_DNS_CAPTURE", true),
    ipv6: reader.flag("AMBIENT_IPV6", true),
    logLevel: isLogLevel(level) ? level : "info",
    drainMs: reader.durationMs("AMBIT_DRAIN", 4_000),
  };
  reader.finish();
  return settings;
}
