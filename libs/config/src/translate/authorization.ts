import { ANNOTATIONS } from "@ambit/contract/labels.ts";
import type { AuthorizationPolicy } from "@ambit/kube/resources/authorization-policy.ts";
import type { PeerAuthentication } from "@ambit/kube/resources/peer-authentication.ts";
import { convertAuthorizationPolicy, type ConvertedPolicy } from "@ambit/policy/authorization-policy.ts";
import type { PeerAuthenticationInput } from "@ambit/policy/peer-auth.ts";
import type { MeshOptions } from "../options.ts";
import { creationTime } from "./offer.ts";

/** An AuthorizationPolicy as the node proxies evaluate it, with what could not be taken over. */
export function translateAuthorizationPolicy(
  resource: AuthorizationPolicy,
  options: MeshOptions,
): ConvertedPolicy {
  const { metadata, spec } = resource;
  return convertAuthorizationPolicy(
    {
      name: metadata.name,
      namespace: metadata.namespace,
      dryRun: metadata.annotations[ANNOTATIONS.dryRun],
      spec,
    },
    { rootNamespace: options.rootNamespace, dryRun: options.dryRun },
  );
}

/** A PeerAuthentication in the form libs/policy compares. An empty selector selects the namespace, as none does. */
export function translatePeerAuthentication(resource: PeerAuthentication): PeerAuthenticationInput {
  const { metadata, spec } = resource;
  const labels = spec.selector?.matchLabels;
  return {
    name: metadata.name,
    namespace: metadata.namespace,
    selectorLabels: labels === undefined || Object.keys(labels).length === 0 ? undefined : labels,
    mode: spec.mode,
    portLevel: spec.portLevelMtls,
    createdAt: creationTime(metadata.creationTimestamp),
  };
}
