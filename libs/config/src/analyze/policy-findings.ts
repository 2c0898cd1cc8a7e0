import type { AuthorizationPolicy } from "@ambit/kube/resources/authorization-policy.ts";
import type { PolicyProblem } from "@ambit/policy/policy-problem.ts";
import { inputKey } from "../collections/inputs.ts";
import type { Mesh } from "../mesh.ts";
import { serviceHostname } from "../translate/service.ts";
import type { Finding } from "./finding.ts";
import { isEnrolled, selectedInhabitants } from "./population.ts";

/** What is to be said about AuthorizationPolicies and PeerAuthentications. */
export function* policyFindings(mesh: Mesh): Generator<Finding> {
  for (const policy of mesh.inputs.AuthorizationPolicy.values()) yield* authorizationFindings(mesh, policy);
  yield* peerFindings(mesh);
}

function* authorizationFindings(mesh: Mesh, policy: AuthorizationPolicy): Generator<Finding> {
  const resource = nameOf(policy);
  const key = inputKey(resource.namespace, resource.name);
  for (const problem of mesh.policies.authorization.get(key)?.problems ?? []) {
    yield { ...conversionFinding(problem), resource };
  }
  for (const [index, target] of policy.spec.targetRefs.entries()) {
    const complaint = targetComplaint(mesh, policy, target);
    if (complaint === undefined) continue;
    yield { code: "AMB0105", resource, field: `spec.targetRefs[${index}]`, ...complaint };
  }
  if (policy.spec.targetRefs.length > 0) return;
  yield* selectionFindings(mesh, resource, policy.spec.selector?.matchLabels ?? {});
}

function conversionFinding(problem: PolicyProblem): Omit<Finding, "resource"> {
  const { path: field, message, remedy } = problem;
  switch (problem.code) {
    case "DryRun":
      return { code: "AMB0115", field, message, remedy };
    case "Invalid":
      // The policy stands without the value, so this is no error that keeps it from taking effect.
      return { code: "AMB0007", field, message, remedy, severity: "warning" };
    case "UnsupportedValue":
      return { code: field === "spec.action" ? "AMB0103" : "AMB0102", field, message, remedy };
  }
}

function targetComplaint(
  mesh: Mesh,
  policy: AuthorizationPolicy,
  target: AuthorizationPolicy["spec"]["targetRefs"][number],
): { message: string; remedy: string } | undefined {
  const { namespace } = policy.metadata;
  const { kind, name } = target;
  const quoted = `${kind} ${name} in namespace ${namespace}`;
  if (target.namespace !== "" && target.namespace !== namespace) {
    return {
      message: "a policy can only be attached within its namespace",
      remedy: "remove the target's namespace",
    };
  }
  if (kind === "Service") {
    const service = mesh.service(
      `${namespace}/${serviceHostname(namespace, name, mesh.options.clusterDomain)}`,
    );
    if (service === undefined)
      return { message: `there is no ${quoted}`, remedy: "correct the target's name" };
    if (service.waypoint !== undefined) return undefined;
    return {
      message: `${quoted} uses no waypoint, so nobody enforces the policy`,
      remedy: "label the service istio.io/use-waypoint",
    };
  }
  if (kind === "Gateway" || kind === "GatewayClass") {
    if (kind === "GatewayClass" || mesh.services.waypoints.has(inputKey(namespace, name))) return undefined;
    return {
      message: `there is no waypoint ${name} in namespace ${namespace}`,
      remedy: "correct the target's name",
    };
  }
  if (kind === "ServiceEntry" && mesh.inputs.ServiceEntry.has(inputKey(namespace, name))) return undefined;
  return {
    message: `${quoted} is nothing a policy can be attached to`,
    remedy: "use Service, ServiceEntry or Gateway",
  };
}

function* selectionFindings(
  mesh: Mesh,
  resource: Finding["resource"],
  selector: Readonly<Record<string, string>>,
): Generator<Finding> {
  const inRoot = resource.namespace === mesh.options.rootNamespace;
  const wholeMesh = inRoot && resource.kind === "AuthorizationPolicy";
  const isSelective = Object.keys(selector).length > 0;
  const where = wholeMesh || (inRoot && !isSelective) ? "*" : resource.namespace;
  const chosen = [...selectedInhabitants(mesh, where, selector)];
  const field = isSelective ? "spec.selector" : "";
  if (chosen.length === 0) {
    const place = where === "*" ? "the mesh" : `namespace ${where}`;
    const labels = isSelective
      ? ` with ${Object.entries(selector)
          .map(([key, value]) => `${key}=${value}`)
          .join(", ")}`
      : "";
    const message = `the policy has no effect: no workload in ${place}${labels}`;
    yield { code: "AMB0101", resource, field, message, remedy: "correct the labels or the namespace" };
    return;
  }
  if (where === "*" && !isSelective) return;
  const outside = [...new Set(chosen.filter((one) => !isEnrolled(mesh, one)).map((one) => one.name))];
  if (outside.length === 0) return;
  const named =
    outside.slice(0, 3).join(", ") + (outside.length > 3 ? ` and ${outside.length - 3} more` : "");
  yield {
    code: "AMB0111",
    resource,
    field,
    message: `the policy is not enforced for ${named}: not in the mesh`,
    remedy: "label the namespace or the pods istio.io/dataplane-mode=ambient",
  };
}

function* peerFindings(mesh: Mesh): Generator<Finding> {
  const { rootNamespace } = mesh.options;
  const first = new Map<string, string>();
  const peers = [...mesh.policies.peers.values()].sort(
    (left, right) => left.createdAt - right.createdAt || (left.name < right.name ? -1 : 1),
  );
  for (const peer of peers) {
    const resource = { kind: "PeerAuthentication", namespace: peer.namespace, name: peer.name } as const;
    yield* selectionFindings(mesh, resource, peer.selectorLabels ?? {});
    if (peer.selectorLabels !== undefined) {
      if (peer.namespace === rootNamespace) {
        const message = "a selector in the root namespace selects only workloads of that namespace";
        yield {
          code: "AMB0110",
          resource,
          field: "spec.selector",
          message,
          remedy: "move it to the workloads' namespace",
        };
      }
      continue;
    }
    const winner = first.get(peer.namespace);
    if (winner === undefined) first.set(peer.namespace, peer.name);
    else {
      const message = `PeerAuthentication ${winner} of the same namespace is older and counts instead`;
      yield { code: "AMB0109", resource, field: "", message, remedy: "keep one of them" };
    }
  }
}

function nameOf(policy: AuthorizationPolicy): Finding["resource"] {
  return { kind: policy.kind, namespace: policy.metadata.namespace, name: policy.metadata.name };
}
