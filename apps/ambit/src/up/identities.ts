import { mkdirSync } from "node:fs";
import { stringify } from "yaml";
import { systemClock } from "@ambit/base/clock.ts";
import { writeFileAtomic } from "@ambit/base/files.ts";
import { DEFAULTS } from "@ambit/contract/names.ts";
import { TokenIssuer } from "@ambit/identity/token-issuer.ts";
import type { StateDir } from "../state-dir.ts";
import type { SupervisorPlan } from "./progress.ts";

/** Tokens outlive any local session; a restart of the mesh issues new ones. */
const TOKEN_LIFETIME_SECONDS = 7 * 24 * 3600;

/**
 * Plays the API server's part for the mesh's own processes: makes the token issuer, gives every component its bound
 * token, and writes the Pod objects of the node proxies, which the ca checks their callers against.
 */
export async function prepareIdentities(plan: SupervisorPlan, state: StateDir): Promise<void> {
  mkdirSync(state.file("auth/tokens"), { recursive: true, mode: 0o700 });
  const issuer = await TokenIssuer.open(state.file("auth"), { clock: systemClock });
  const components = [
    { file: "discovery", account: "discovery", node: "" },
    { file: "node-agent", account: "node-agent", node: "" },
    ...plan.nodes.map((node) => ({ file: `ztunnel-${node}`, account: "ztunnel", node })),
  ];
  for (const component of components) {
    const token = await issuer.mint({
      namespace: DEFAULTS.systemNamespace,
      serviceAccount: component.account,
      podName: component.file,
      podUid: `${component.file}-uid`,
      node: component.node,
      audience: DEFAULTS.tokenAudience,
      lifetimeSeconds: TOKEN_LIFETIME_SECONDS,
    });
    writeFileAtomic(state.file("auth/tokens", `${component.file}.jwt`), `${token}\n`, 0o600);
  }
  for (const [index, node] of plan.nodes.entries()) writeProxyPod(state, node, `172.30.0.${11 + index}`);
}

function writeProxyPod(state: StateDir, node: string, ip: string): void {
  const name = `ztunnel-${node}`;
  const pod = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name,
      namespace: DEFAULTS.systemNamespace,
      uid: `${name}-uid`,
      labels: { app: "ztunnel", "istio.io/dataplane-mode": "none" },
    },
    spec: {
      nodeName: node,
      serviceAccountName: "ztunnel",
      hostNetwork: true,
      containers: [{ name: "ztunnel", image: "ambit/ztunnel" }],
    },
    status: {
      phase: "Running",
      podIP: ip,
      podIPs: [{ ip }],
      conditions: [{ type: "Ready", status: "True" }],
    },
  };
  writeFileAtomic(
    state.file("cluster/pods", `${DEFAULTS.systemNamespace}_${name}.yaml`),
    stringify(pod),
    0o600,
  );
}
