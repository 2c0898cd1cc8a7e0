import type { Diagnostic } from "@ambit/kube/diagnostics.ts";
import { CONDITIONS, type ConditionDraft } from "@ambit/kube/conditions.ts";
import type { AuthorizationPolicy } from "@ambit/kube/resources/authorization-policy.ts";
import type { PeerAuthentication } from "@ambit/kube/resources/peer-authentication.ts";
import type { StatusDraft } from "@ambit/kube/status-writer.ts";
import type { Mesh } from "@ambit/config/mesh.ts";
import { waypointWish } from "@ambit/config/translate/waypoint.ts";

const SECURITY_API = "security.istio.io/v1";

/**
 * The status of every resource the mesh has something to say about: policies always, services that ask for a waypoint, and
 * whatever was rejected. `findings` are the source's diagnostics and those of the mesh together.
 */
export function meshStatus(mesh: Mesh, findings: readonly Diagnostic[]): readonly StatusDraft[] {
  const byResource = new Map<string, Diagnostic[]>();
  for (const finding of findings) {
    if (finding.resource === undefined) continue;
    const { kind, namespace, name } = finding.resource;
    const key = `${kind}/${namespace}/${name}`;
    byResource.set(key, [...(byResource.get(key) ?? []), finding]);
  }
  const drafts = new Map<string, StatusDraft>();
  const add = (draft: StatusDraft): void => {
    const { kind, namespace, name } = draft.resource;
    drafts.set(`${kind}/${namespace}/${name}`, draft);
  };
  for (const policy of mesh.inputs.AuthorizationPolicy.values()) {
    add(authorizationStatus(mesh, policy, byResource.get(`AuthorizationPolicy/${keyOf(policy)}`) ?? []));
  }
  for (const peer of mesh.inputs.PeerAuthentication.values()) {
    add(peerStatus(peer, byResource.get(`PeerAuthentication/${keyOf(peer)}`) ?? []));
  }
  for (const kind of ["Service", "ServiceEntry"] as const) {
    for (const { metadata } of mesh.inputs[kind].values()) {
      const wish = waypointWish(metadata.labels, {}, metadata.namespace);
      if (wish === undefined) continue;
      const { namespace, name } = metadata;
      const apiVersion = kind === "Service" ? "v1" : "networking.istio.io/v1";
      add({ apiVersion, resource: { kind, namespace, name }, conditions: [waypointBound(mesh, wish)] });
    }
  }
  for (const [key, list] of byResource) if (!drafts.has(key)) addRejected(list, add);
  return [...drafts.values()];
}

function authorizationStatus(
  mesh: Mesh,
  policy: AuthorizationPolicy,
  findings: readonly Diagnostic[],
): StatusDraft {
  const { namespace, name, generation } = policy.metadata;
  const converted = mesh.policies.authorization.get(`${namespace}/${name}`);
  const conditions: ConditionDraft[] = [acceptance(findings, true)];
  if (converted?.reason !== undefined) {
    const { reason, problems } = converted;
    const messages = problems.map((problem) => `${problem.path}: ${problem.message}`);
    conditions.push({
      type: CONDITIONS.ztunnelAccepted,
      status: reason === "Accepted" || reason === "PartiallyInvalid" ? "True" : "False",
      reason,
      message: messages.length === 0 ? "the policy is enforced by the node proxies" : messages.join("; "),
    });
  }
  if (policy.spec.targetRefs.length > 0) conditions.push(waypointAccepted(findings));
  conditions.push(attachment(findings));
  return {
    apiVersion: SECURITY_API,
    resource: { kind: "AuthorizationPolicy", namespace, name },
    conditions: conditions.map((condition) => observed(condition, generation)),
  };
}

function peerStatus(peer: PeerAuthentication, findings: readonly Diagnostic[]): StatusDraft {
  const { namespace, name, generation } = peer.metadata;
  const conditions = [acceptance(findings, true), attachment(findings)];
  return {
    apiVersion: SECURITY_API,
    resource: { kind: "PeerAuthentication", namespace, name },
    conditions: conditions.map((condition) => observed(condition, generation)),
  };
}

/** Whether the resource as it is written now was understood; `inForce` when a version of it is in effect. */
function acceptance(findings: readonly Diagnostic[], inForce: boolean): ConditionDraft {
  const errors = findings.filter((finding) => finding.severity === "error" && finding.code < "AMB0100");
  const [first] = errors;
  if (first === undefined) {
    return {
      type: CONDITIONS.accepted,
      status: "True",
      reason: "Accepted",
      message: "the resource was understood",
    };
  }
  const consequence = inForce ? "the last good version stays in force" : "it is NOT in force";
  const place = first.origin === undefined ? "" : `${first.origin.file}:${first.origin.line}: `;
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : "";
  const field = first.field === "" ? "" : `${first.field}: `;
  return {
    type: CONDITIONS.accepted,
    status: "False",
    reason: first.code === "AMB0008" ? "Conflicted" : "Invalid",
    message: `${place}${field}${first.message}${more}; ${consequence}`,
  };
}

function attachment(findings: readonly Diagnostic[]): ConditionDraft {
  const problem = findings.find(({ code }) => ["AMB0101", "AMB0105", "AMB0109", "AMB0111"].includes(code));
  if (problem === undefined) {
    return {
      type: CONDITIONS.attached,
      status: "True",
      reason: "Attached",
      message: "it concerns workloads of the mesh",
    };
  }
  const reasons: Readonly<Record<string, string>> = {
    AMB0101: "NothingSelected",
    AMB0105: "TargetNotFound",
    AMB0109: "Superseded",
    AMB0111: "NotInMesh",
  };
  return {
    type: CONDITIONS.attached,
    status: "False",
    reason: reasons[problem.code] ?? "NothingSelected",
    message: problem.message,
  };
}

function waypointAccepted(findings: readonly Diagnostic[]): ConditionDraft {
  const problem = findings.find((finding) => finding.code === "AMB0105");
  return {
    type: CONDITIONS.waypointAccepted,
    status: problem === undefined ? "Unknown" : "False",
    reason: problem === undefined ? "AncestorNotBound" : "TargetNotFound",
    message: problem?.message ?? "no waypoint has reported that it enforces the policy",
  };
}

function waypointBound(mesh: Mesh, wish: string): ConditionDraft {
  const waypoint = mesh.services.waypoints.get(wish);
  const type = CONDITIONS.waypointBound;
  if (waypoint === undefined) {
    return { type, status: "False", reason: "WaypointIsNotReady", message: `waypoint ${wish} is not there` };
  }
  if (!waypoint.forServices) {
    const message = `waypoint ${wish} does not take traffic to services`;
    return { type, status: "False", reason: "UnsupportedTrafficType", message };
  }
  const message = `Successfully attached to waypoint ${wish}`;
  return { type, status: "True", reason: "WaypointAccepted", message };
}

function addRejected(findings: readonly Diagnostic[], add: (draft: StatusDraft) => void): void {
  const { resource } = findings[0] ?? {};
  if (resource === undefined || !findings.some((finding) => finding.severity === "error")) return;
  const isPolicy = resource.kind === "AuthorizationPolicy" || resource.kind === "PeerAuthentication";
  const inForce = !isPolicy || !findings.some((finding) => finding.code === "AMB0112");
  const apiVersion = isPolicy ? SECURITY_API : "v1";
  add({ apiVersion, resource, conditions: [acceptance(findings, inForce)] });
}

function observed(condition: ConditionDraft, generation: number | undefined): ConditionDraft {
  return generation === undefined ? condition : { ...condition, observedGeneration: generation };
}

function keyOf(resource: {
  readonly metadata: { readonly namespace: string; readonly name: string };
}): string {
  return `${resource.metadata.namespace}/${resource.metadata.name}`;
}
