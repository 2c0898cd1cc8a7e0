import { mkdirSync, rmSync } from "node:fs";
import { systemClock } from "@ambit/base/clock.ts";
import { writeFileAtomic } from "@ambit/base/files.ts";
import { DEFAULTS } from "@ambit/contract/names.ts";
import { TokenIssuer } from "@ambit/identity/token-issuer.ts";
import type { StateDir } from "../state-dir.ts";
import { nodeAddress, proxyPodName, tokenPath } from "./components.ts";
import type { ProxyName } from "./node-proxies.ts";
import type { SupervisorPlan } from "./progress.ts";
import { proxyPod } from "./proxy-pod.ts";

/** Tokens outlive any local session; a restart of the mesh issues new ones. */
const TOKEN_LIFETIME_SECONDS = 7 * 24 * 3600;

/**
 * Plays the API server's part for the mesh's own processes: makes the token issuer, gives every component its bound
 * token, and writes the Pod objects of the node proxies, which the ca checks their callers against.
 */
export async function prepareIdentities(plan: SupervisorPlan, state: StateDir): Promise<void> {
  mkdirSync(state.file("auth/tokens"), { recursive: true, mode: 0o700 });
  const issuer = await TokenIssuer.open(state.file("auth"), { clock: systemClock });
  for (const name of ["discovery", "node-agent"]) await writeToken(state, issuer, name, name, "");
  for (const node of plan.nodes) await giveProxyIdentity(plan, state, { node, generation: 1 }, issuer);
}

/** Gives a node proxy its token and its Pod object. */
export async function introduceProxy(plan: SupervisorPlan, state: StateDir, proxy: ProxyName): Promise<void> {
  const issuer = await TokenIssuer.open(state.file("auth"), { clock: systemClock });
  await giveProxyIdentity(plan, state, proxy, issuer);
}

/** Removes the token and the Pod object of a node proxy that is gone. */
export function forgetProxy(state: StateDir, proxy: ProxyName): void {
  const podName = proxyPodName(proxy);
  for (const path of [podPath(state, podName), tokenPath(state, podName)]) rmSync(path, { force: true });
}

async function giveProxyIdentity(
  plan: SupervisorPlan,
  state: StateDir,
  proxy: ProxyName,
  issuer: TokenIssuer,
): Promise<void> {
  const { node } = proxy;
  const podName = proxyPodName(proxy);
  await writeToken(state, issuer, podName, "ztunnel", node);
  writeProxyPod(state, podName, node, nodeAddress(plan, node));
}

async function writeToken(
  state: StateDir,
  issuer: TokenIssuer,
  podName: string,
  serviceAccount: string,
  node: string,
): Promise<void> {
  const token = await issuer.mint({
    namespace: DEFAULTS.systemNamespace,
    serviceAccount,
    podName,
    podUid: `${podName}-uid`,
    node,
    audience: DEFAULTS.tokenAudience,
    lifetimeSeconds: TOKEN_LIFETIME_SECONDS,
  });
  writeFileAtomic(tokenPath(state, podName), token, 0o600);
}

function podPath(state: StateDir, podName: string): string {
  return state.file("cluster/pods", `${DEFAULTS.systemNamespace}_${podName}.yaml`);
}

function writeProxyPod(state: StateDir, name: string, node: string, ip: string): void {
  writeFileAtomic(podPath(state, name), proxyPod(name, node, ip), 0o600);
}
