import type { CallerIdentity } from "@ambit/identity/caller.ts";
import { formatSpiffeId, parseSpiffeId, type SpiffeId } from "@ambit/model/spiffe-id.ts";
import { CaError } from "./ca-error.ts";
import type { PodDirectory } from "./pods.ts";

export interface AuthorizeOptions {
  readonly trustDomain: string;
  readonly systemNamespace: string;
  /** `namespace/account`. */
  readonly trustedNodeAccounts: readonly string[];
}

/** Who a certificate is for. */
export interface Grant {
  readonly identity: string;
  readonly subject: SpiffeId;
  /** Node it is used on; empty when the caller is bound to none. */
  readonly node: string;
}

/**
 * Decides whose certificate a caller gets: its own, or, for a node's proxy, that of a workload which runs on its
 * node. Nothing inside the request decides. Throws a CaError `refused` with the full reason, for the audit log only.
 */
export function authorize(
  caller: CallerIdentity,
  impersonated: string | undefined,
  pods: PodDirectory,
  options: AuthorizeOptions,
): Grant {
  const { trustDomain } = options;
  if (impersonated === undefined) {
    const subject = { trustDomain, namespace: caller.namespace, serviceAccount: caller.serviceAccount };
    return { identity: formatSpiffeId(subject), subject, node: caller.node };
  }
  const account = `${caller.namespace}/${caller.serviceAccount}`;
  if (!options.trustedNodeAccounts.includes(account)) throw refused(`${account} is no trusted node account`);
  const node = provenNode(caller, pods);
  const subject = parseSpiffeId(impersonated);
  if (subject === undefined)
    throw refused(`"${impersonated.slice(0, 200)}" is no identity of the mesh's form`);
  if (subject.trustDomain !== trustDomain) throw refused(`${impersonated} is of another trust domain`);
  const isOwn = subject.namespace === caller.namespace && subject.serviceAccount === caller.serviceAccount;
  if (subject.namespace === options.systemNamespace && !isOwn) {
    throw refused(`${impersonated} belongs to the control plane and is never given by impersonation`);
  }
  if (!isOwn && !pods.runsOn(node, subject.namespace, subject.serviceAccount)) {
    throw refused(`no pod of ${subject.namespace}/${subject.serviceAccount} runs on ${node}`);
  }
  return { identity: impersonated, subject, node };
}

// The token's pod must exist now, with that uid and account: a stolen token of a pod that is gone proves nothing.
function provenNode(caller: CallerIdentity, pods: PodDirectory): string {
  if (caller.podName === "" || caller.podUid === "")
    throw refused("the caller's credentials are not bound to a pod");
  const pod = pods.pod(caller.namespace, caller.podName);
  if (pod === undefined)
    throw refused(`the caller's pod ${caller.namespace}/${caller.podName} does not exist`);
  if (pod.uid !== caller.podUid) throw refused(`the caller's pod ${pod.name} has another uid now`);
  if (pod.serviceAccount !== caller.serviceAccount)
    throw refused(`the caller's pod ${pod.name} has another account`);
  if (pod.node === "") throw refused(`the caller's pod ${pod.name} is on no node`);
  if (caller.node !== "" && caller.node !== pod.node)
    throw refused(`the caller's pod ${pod.name} is on another node`);
  return pod.node;
}

function refused(reason: string): CaError {
  return new CaError("refused", reason);
}
