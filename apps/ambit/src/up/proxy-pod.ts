import { DEFAULTS } from "@ambit/contract/names.ts";
import { stringify } from "yaml";

/** The Pod object of a node's proxy as YAML, which the ca checks its caller against. `ip`: its own address, where it has one. */
export function proxyPod(name: string, node: string, ip?: string): string {
  return stringify({
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
      ...(ip === undefined ? {} : { podIP: ip, podIPs: [{ ip }] }),
      conditions: [{ type: "Ready", status: "True" }],
    },
  });
}
