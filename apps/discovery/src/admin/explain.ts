import { AmbitError } from "@ambit/base/errors.ts";
import { parseIp } from "@ambit/base/ip.ts";
import type { Explanation } from "@ambit/contract/admin-api.ts";
import type { Mesh } from "@ambit/config/mesh.ts";
import { serviceKey } from "@ambit/model/service.ts";
import { formatSpiffeId, type SpiffeId } from "@ambit/model/spiffe-id.ts";
import type { Workload } from "@ambit/model/workload.ts";
import { explain, type Explanation as PolicyExplanation, type PolicyTrace } from "@ambit/policy/explain.ts";
import { find } from "./find.ts";

export interface Question {
  readonly from: string;
  readonly to: string;
  readonly port: number;
}

/** Replicas of one name that are looked at; they differ in their addresses only. */
const MAX_SIDE = 50;

interface Target {
  readonly workload: Workload;
  readonly port: number;
}

/**
 * Would this connection be let through, and by which policy: the node proxies' own evaluator on the state they were sent. Of
 * several clients or endpoints with one name a refused pair is shown, if there is one. Throws an AmbitError
 * `not-found` when a side is unknown or the port leads nowhere.
 */
export function explainConnection(mesh: Mesh, question: Question): Explanation {
  const sources = find(mesh, question.from).workloads;
  if (sources.length === 0) throw unknown("from", question.from);
  const targets = findTargets(mesh, question);
  let shown: Explanation | undefined;
  for (const target of targets.slice(0, MAX_SIDE)) {
    for (const source of sources.slice(0, MAX_SIDE)) {
      const answer = explainPair(mesh, source, target);
      if (!answer.allow) return answer;
      shown ??= answer;
    }
  }
  if (shown === undefined) throw unknown("to", question.to);
  return shown;
}

function findTargets(mesh: Mesh, { to, port }: Question): readonly Target[] {
  const { services, workloads } = find(mesh, to);
  const [service] = services;
  if (service !== undefined) {
    const key = serviceKey(service);
    const targets = mesh.workloadsOf(service).flatMap((workload): Target[] => {
      const mapping = workload.services.get(key)?.find((candidate) => candidate.servicePort === port);
      return mapping === undefined ? [] : [{ workload, port: mapping.targetPort }];
    });
    if (targets.length > 0) return targets;
    // The name may also be that of a workload, asked for by its own port.
    if (workloads.length === 0) {
      throw new AmbitError(
        "not-found",
        `service ${service.namespace}/${service.name} has no endpoint on port ${port}`,
        {
          hint: `its ports are ${service.ports.map((one) => one.servicePort).join(", ")}`,
        },
      );
    }
  }
  if (workloads.length === 0) throw unknown("to", to);
  return workloads.map((workload) => ({ workload, port }));
}

function explainPair(mesh: Mesh, source: Workload, { workload, port }: Target): Explanation {
  const identity = tunnelIdentity(source, workload);
  const sourceIp = parseIp(source.addresses[0] ?? "0.0.0.0") ?? new Uint8Array(4);
  const destinationIp = parseIp(workload.addresses[0] ?? "0.0.0.0") ?? new Uint8Array(4);
  const ends = {
    from: {
      name: source.name,
      namespace: source.namespace,
      ip: source.addresses[0] ?? "",
      ...(identity === undefined ? {} : { identity: formatSpiffeId(identity) }),
    },
    to: { name: workload.name, namespace: workload.namespace, ip: workload.addresses[0] ?? "", port },
  };
  if (workload.tunnelProtocol === "NONE") {
    const message = "the destination is not in the mesh, so no policy is enforced";
    return { allow: true, message, ...ends, steps: [] };
  }
  const connection = { sourceIp, destinationIp, destinationPort: port, identity };
  const explained = explain(mesh.policySet(workload), connection);
  const { decision } = explained;
  return {
    allow: decision.allow,
    message: decision.message,
    ...(decision.policy === undefined ? {} : { policy: decision.policy }),
    ...ends,
    steps: stepsOf(explained),
  };
}

/** The identity a connection carries: only where both ends are in the mesh is there mutual TLS. */
function tunnelIdentity(source: Workload, destination: Workload): SpiffeId | undefined {
  if (source.tunnelProtocol !== "HBONE" || destination.tunnelProtocol !== "HBONE") return undefined;
  const { trustDomain, namespace, serviceAccount } = source;
  return { trustDomain, namespace, serviceAccount };
}

function stepsOf(explained: PolicyExplanation): Explanation["steps"] {
  const missing = explained.missing.map((policy) => ({
    policy,
    action: "UNKNOWN",
    matched: false,
    detail: "named by the workload, but there is no such policy",
  }));
  const considered = explained.policies.map((trace) => ({
    policy: trace.policy,
    action: trace.dryRun ? `${trace.action} (dry run)` : trace.action,
    matched: trace.matches,
    detail: detailOf(trace),
  }));
  return [...missing, ...considered];
}

function detailOf(trace: PolicyTrace): string {
  if (trace.groups.length === 0) return "it has no rule, so it never matches";
  const holding = trace.groups.find((group) => group.holds);
  if (holding !== undefined) return `rule ${holding.group} matches${trace.decides ? " and decides" : ""}`;
  const reasons = trace.groups.map((group) => {
    const failed = group.clauses.find((clause) => !clause.holds);
    const [failure] = failed?.failures ?? [];
    if (failure?.field === undefined) return `rule ${group.group} can never match`;
    return `rule ${group.group} wants ${failure.field} ${failure.wanted}, found ${failure.actual}`;
  });
  return reasons.join("; ");
}

function unknown(side: string, text: string): AmbitError {
  return new AmbitError("not-found", `nothing in the mesh answers to "${text.slice(0, 200)}" (${side})`, {
    hint: "name a pod, a workload, a service or an address; see ambit status",
  });
}
