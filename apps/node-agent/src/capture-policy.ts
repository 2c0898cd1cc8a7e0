import { ANNOTATIONS, LABELS } from "@ambit/contract/labels.ts";
import { DEFAULTS } from "@ambit/contract/names.ts";
import type { PodSandbox } from "./platform/platform.ts";
import type { CaptureOptions } from "./rules-nft.ts";

/** Namespaces that are never captured. */
const EXCLUDED_NAMESPACES: readonly string[] = ["kube-system", DEFAULTS.systemNamespace];

/** True when the pod belongs to the mesh (ambient.md 7.4): by its own label, or else by its namespace's. */
export function wantsCapture(pod: PodSandbox): boolean {
  if (pod.hostNetwork || EXCLUDED_NAMESPACES.includes(pod.namespace)) return false;
  if (pod.annotations[ANNOTATIONS.sidecarStatus] !== undefined) return false;
  const own = pod.labels[LABELS.dataplaneMode];
  if (own === "ambient") return true;
  return own !== "none" && pod.namespaceLabels[LABELS.dataplaneMode] === "ambient";
}

/** How the pod is captured, by its annotations. `dnsCapture` is the setting that holds when the pod says nothing. */
export function captureOptions(
  pod: PodSandbox,
  defaults: { readonly dnsCapture: boolean; readonly ipv6: boolean },
): CaptureOptions {
  const dns = pod.annotations[ANNOTATIONS.dnsCapture];
  return {
    // Without an address of the family nothing of it leaves the pod, and the kernel may have it switched off there.
    ipv6: defaults.ipv6 && pod.ips.some((ip) => ip.includes(":")),
    ...(pod.localResolver === undefined ? {} : { localResolver: pod.localResolver }),
    dnsCapture: dns === "true" || (dns !== "false" && defaults.dnsCapture),
    bypassInbound: pod.annotations[ANNOTATIONS.bypassInboundCapture] === "true",
    rerouteInterfaces: (pod.annotations[ANNOTATIONS.rerouteInterfaces] ?? "")
      .split(",")
      .map((name) => name.trim())
      // Names of interfaces end up in the rules' text.
      .filter((name) => /^[a-zA-Z0-9_.-]{1,15}$/.test(name)),
  };
}
