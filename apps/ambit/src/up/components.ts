import { join } from "node:path";
import type { StateDir } from "../state-dir.ts";
import type { ComponentSpec } from "./child.ts";
import type { ProxyName } from "./node-proxies.ts";
import type { SupervisorPlan } from "./progress.ts";

const root = join(import.meta.dirname, "../../../..");

/** Where the control plane is reached: the sandbox's own end of the underlay, or loopback where there is no sandbox. */
function controlPlaneAddress(plan: SupervisorPlan): string {
  return plan.mode === "netns" ? "172.30.0.1" : "127.0.0.1";
}

/** Underlay address of a simulated node. */
export function nodeAddress(plan: SupervisorPlan, node: string): string {
  return `172.30.0.${11 + plan.nodes.indexOf(node)}`;
}

/** Where the control plane listens: everywhere inside a sandbox, on loopback alone outside one. */
function listenAddress(plan: SupervisorPlan): string {
  return plan.mode === "netns" ? "0.0.0.0" : "127.0.0.1";
}

/** The cluster's name service, as the node agent plays it. */
const CLUSTER_DNS = "10.96.0.10";

/** Names of the control plane's processes, in start order. */
export const CONTROL_PLANE = ["bus", "ca", "discovery", "node-agent"] as const;

function script(path: string): readonly string[] {
  const openssl = `--openssl-config=${join(root, "libs/runtime/openssl.cnf")}`;
  return [process.execPath, "--disable-warning=ExperimentalWarning", openssl, join(root, path)];
}

/** What every process of the mesh is told. Nothing of the caller's environment but PATH and HOME goes further. */
function commonEnvironment(plan: SupervisorPlan): Record<string, string> {
  return {
    PATH: process.env["PATH"] ?? "",
    HOME: process.env["HOME"] ?? "/",
    AMBIT_STATE_DIR: plan.stateDir,
    AMBIT_SOURCE_DIR: plan.sourceDir,
    AMBIT_NODES: plan.nodes.join(","),
    AMBIT_LOG_LEVEL: plan.logLevel,
    NODE_COMPILE_CACHE: process.env["NODE_COMPILE_CACHE"] ?? join(plan.stateDir, "run/compile-cache"),
  };
}

function spec(
  plan: SupervisorPlan,
  state: StateDir,
  name: string,
  command: readonly string[],
  environment: Record<string, string>,
  adminSocket = state.adminSocket(name),
): ComponentSpec {
  return {
    name,
    command,
    logPath: state.file("logs", `${name}.log`),
    adminSocket,
    environment: {
      ...commonEnvironment(plan),
      ADMIN_SOCKET: adminSocket,
      AMBIT_ADMIN_SOCKET: adminSocket,
      ...environment,
      ...plan.environment[name],
    },
  };
}

/** File of the token of a component, named after its pod. */
export function tokenPath(state: StateDir, component: string): string {
  return state.file("auth/tokens", `${component}.jwt`);
}

function busCredentials(state: StateDir, user: string): string {
  return state.file("run/bus/credentials", `${user}.json`);
}

/** The bus, ca, discovery and the node agent. */
export function controlPlaneSpecs(plan: SupervisorPlan, state: StateDir): readonly ComponentSpec[] {
  const trust = state.file("trust/root-cert.pem");
  const shared = {
    AMBIT_TRUST_BUNDLE: trust,
    AMBIT_JWKS: state.file("auth/jwks.json"),
    AMBIT_BUS_URL: `nats://${controlPlaneAddress(plan)}:4222`,
    AMBIT_PODS_DIR: state.file("cluster/pods"),
    AMBIT_SOURCE_DIRS: `${plan.sourceDir}:${state.file("cluster")}`,
    AMBIT_STATUS_DIR: join(plan.sourceDir, ".ambit/status"),
    CA_ADDRESS: `https://${controlPlaneAddress(plan)}:15013`,
    CA_ROOT_CA: trust,
    ALT_CA_HOSTNAME: "ca.ambit-system.svc",
    XDS_ADDRESS: `https://${controlPlaneAddress(plan)}:15012`,
    XDS_ROOT_CA: trust,
    ALT_XDS_HOSTNAME: "discovery.ambit-system.svc",
  };
  return [
    spec(plan, state, "bus", script("libs/bus/src/broker-main.ts"), {
      ...shared,
      AMBIT_BUS_LISTEN: `${listenAddress(plan)}:4222`,
      AMBIT_BUS_CREDENTIALS: state.file("run/bus/credentials"),
    }),
    spec(plan, state, "ca", script("apps/ca/src/main.ts"), {
      ...shared,
      AMBIT_BUS_CREDENTIALS: busCredentials(state, "ca"),
      AMBIT_CA_STATE_DIR: state.file("ca"),
      AMBIT_CA_LISTEN: `${listenAddress(plan)}:15013`,
      AMBIT_CA_LEAF_TTL: plan.leafTtl,
    }),
    spec(plan, state, "discovery", script("apps/discovery/src/main.ts"), {
      ...shared,
      AMBIT_BUS_CREDENTIALS: busCredentials(state, "discovery"),
      AMBIT_XDS_LISTEN: `${listenAddress(plan)}:15012`,
      AUTH_TOKEN: tokenPath(state, "discovery"),
      SECRET_TTL: plan.leafTtl,
    }),
    spec(plan, state, "node-agent", script("apps/node-agent/src/main.ts"), {
      ...shared,
      AUTH_TOKEN: tokenPath(state, "node-agent"),
      AMBIT_MODE: plan.mode,
    }),
  ];
}

/** Pod name of a node's proxy: `ztunnel-<node>`, and numbered from its first successor on. */
export function proxyPodName({ node, generation }: ProxyName): string {
  return generation === 1 ? `ztunnel-${node}` : `ztunnel-${node}-${generation}`;
}

/** Admin socket of one proxy of a node; `run/ztunnel-<node>/admin.sock` leads to that of the present one. */
export function proxyAdminSocket(state: StateDir, { node, generation }: ProxyName): string {
  return state.file("run", `ztunnel-${node}`, `admin-${generation}.sock`);
}

/** A proxy of a simulated node, run inside the node's network namespace. Successors share its log and its last good state. */
export function ztunnelSpec(plan: SupervisorPlan, state: StateDir, proxy: ProxyName): ComponentSpec {
  const { node, generation } = proxy;
  const trust = state.file("trust/root-cert.pem");
  const name = `ztunnel-${node}`;
  const podName = proxyPodName(proxy);
  const component = spec(
    plan,
    state,
    name,
    ["nsenter", `--net=/run/netns/${node}`, ...script("apps/ztunnel/src/main.ts")],
    {
      XDS_ADDRESS: `https://${controlPlaneAddress(plan)}:15012`,
      XDS_ROOT_CA: trust,
      ALT_XDS_HOSTNAME: "discovery.ambit-system.svc",
      CA_ADDRESS: `https://${controlPlaneAddress(plan)}:15013`,
      CA_ROOT_CA: trust,
      ALT_CA_HOSTNAME: "ca.ambit-system.svc",
      AUTH_TOKEN: tokenPath(state, podName),
      NODE_NAME: node,
      POD_NAME: podName,
      POD_NAMESPACE: "ambit-system",
      SERVICE_ACCOUNT: "ztunnel",
      INSTANCE_IP: nodeAddress(plan, node),
      INPOD_UDS: state.file("run", node, "ztunnel.sock"),
      SECRET_TTL: plan.leafTtl,
      CONNECTION_TERMINATION_DEADLINE: `${plan.drainMs}ms`,
      AMBIT_LAST_GOOD_FILE: state.file("run", name, "last-good"),
      AMBIT_SHARE_PORTS: "true",
      AMBIT_DRIVER: plan.driver,
      AMBIT_BUS_URL: `nats://${controlPlaneAddress(plan)}:4222`,
      AMBIT_BUS_CREDENTIALS: busCredentials(state, name),
      AMBIT_JWKS: state.file("auth/jwks.json"),
      // The machine's resolvers cannot be reached from inside; the node agent answers in every node's namespace.
      AMBIT_DNS_UPSTREAMS: CLUSTER_DNS,
    },
    proxyAdminSocket(state, proxy),
  );
  return generation === 1 ? component : { ...component, firstStart: { AMBIT_SUCCESSOR: "true" } };
}
