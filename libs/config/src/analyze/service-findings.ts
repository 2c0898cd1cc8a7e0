import { LABELS } from "@ambit/contract/labels.ts";
import { SERVICE_NAME_LABEL } from "@ambit/kube/resources/endpoint-slice.ts";
import type { ObjectMeta } from "@ambit/kube/resources/metadata.ts";
import type { Service } from "@ambit/kube/resources/service.ts";
import { inputKey } from "../collections/inputs.ts";
import type { Mesh } from "../mesh.ts";
import { waypointWish } from "../translate/waypoint.ts";
import type { Finding } from "./finding.ts";
import { populatedNamespaces, selectedInhabitants, templates, type Inhabitant } from "./population.ts";

/** Namespaces every cluster has without anybody defining them. */
const GIVEN_NAMESPACES = new Set(["default", "kube-system", "kube-public", "kube-node-lease"]);

/** What is to be said about services, waypoints, namespaces and accounts. */
export function* serviceFindings(mesh: Mesh): Generator<Finding> {
  const sliced = servicesWithSlices(mesh);
  for (const service of mesh.inputs.Service.values()) {
    yield* endpointFindings(mesh, service, sliced);
    yield* waypointFinding(mesh, "Service", service.metadata);
  }
  for (const entry of mesh.inputs.ServiceEntry.values())
    yield* waypointFinding(mesh, "ServiceEntry", entry.metadata);
  for (const namespace of mesh.inputs.Namespace.values()) {
    yield* waypointFinding(mesh, "Namespace", namespace.metadata);
  }
  yield* nameClashes(mesh);
  yield* missingParents(mesh);
}

function* endpointFindings(mesh: Mesh, service: Service, sliced: ReadonlySet<string>): Generator<Finding> {
  const { metadata, spec } = service;
  if (spec.type === "ExternalName") return;
  const resource = { kind: "Service", namespace: metadata.namespace, name: metadata.name } as const;
  if (Object.keys(spec.selector).length === 0) {
    if (sliced.has(inputKey(metadata.namespace, metadata.name))) return;
    const message = "the service has no selector, and no EndpointSlice gives it endpoints";
    yield { code: "AMB0104", resource, field: "spec", message, remedy: "add spec.selector" };
    return;
  }
  // Looked at one by one: the first that fits ends the search, and a service may have thousands.
  const chosen = (): Generator<Inhabitant> => selectedInhabitants(mesh, metadata.namespace, spec.selector);
  if (chosen().next().done === true) {
    const wanted = Object.entries(spec.selector).map(([key, value]) => `${key}=${value}`);
    const message = `the service has no endpoint: no workload in namespace ${metadata.namespace} with ${wanted.join(", ")}`;
    yield { code: "AMB0104", resource, field: "spec.selector", message, remedy: "correct the labels" };
    return;
  }
  for (const [index, port] of spec.ports.entries()) {
    const { targetPort } = port;
    if (typeof targetPort === "number" || hasPort(chosen(), targetPort)) continue;
    const message = `no selected workload has a container port named "${targetPort}"`;
    const remedy = "name the container's port, or use its number";
    yield { code: "AMB0108", resource, field: `spec.ports[${index}].targetPort`, message, remedy };
  }
}

function hasPort(inhabitants: Iterable<Inhabitant>, name: string): boolean {
  for (const one of inhabitants) if (one.portNames.includes(name)) return true;
  return false;
}

function servicesWithSlices(mesh: Mesh): ReadonlySet<string> {
  const found = new Set<string>();
  for (const { metadata } of mesh.inputs.EndpointSlice.values()) {
    found.add(inputKey(metadata.namespace, metadata.labels[SERVICE_NAME_LABEL] ?? ""));
  }
  return found;
}

function* waypointFinding(
  mesh: Mesh,
  kind: "Service" | "ServiceEntry" | "Namespace",
  metadata: ObjectMeta,
): Generator<Finding> {
  const namespace = kind === "Namespace" ? metadata.name : metadata.namespace;
  const wish = waypointWish(metadata.labels, {}, namespace);
  if (wish === undefined || mesh.services.waypoints.has(wish)) return;
  yield {
    code: "AMB0106",
    resource: { kind, namespace: metadata.namespace, name: metadata.name },
    field: `metadata.labels["${LABELS.useWaypoint}"]`,
    message: `the waypoint ${wish} is not there, so traffic goes directly and no layer 7 policy is enforced`,
    remedy: "create the waypoint, or remove the label",
  };
}

/** Host names in one namespace that several resources offer: one of them wins, the rest is not seen. */
function* nameClashes(mesh: Mesh): Generator<Finding> {
  for (const offers of mesh.services.offers.values()) {
    for (const { owner, service } of offers) {
      const winner = mesh.services.services.get(`${service.namespace}/${service.hostname}`);
      if (winner === undefined || winner.offer.owner === owner) continue;
      const [kind = "", namespace = "", name = ""] = owner.split("/");
      yield {
        code: "AMB0114",
        resource: { kind: kind as "Service" | "ServiceEntry", namespace, name },
        field: "",
        message: `${service.hostname} is already offered by ${winner.offer.owner}, which wins`,
        remedy: "remove one of them",
      };
    }
  }
}

function* missingParents(mesh: Mesh): Generator<Finding> {
  for (const namespace of populatedNamespaces(mesh)) {
    if (GIVEN_NAMESPACES.has(namespace) || namespace === mesh.options.rootNamespace) continue;
    if (mesh.inputs.Namespace.has(inputKey("", namespace))) continue;
    const example = selectedInhabitants(mesh, namespace, {}).next().value;
    if (example === undefined) continue;
    const message = `namespace ${namespace} is not defined, so no label of it can put workloads into the mesh`;
    const resource = { kind: example.kind, namespace, name: example.name };
    yield { code: "AMB0107", resource, field: "metadata.namespace", message, remedy: "add a Namespace" };
  }
  for (const one of templates(mesh)) {
    const { serviceAccount, namespace } = one;
    if (serviceAccount === "default" || mesh.inputs.ServiceAccount.has(inputKey(namespace, serviceAccount)))
      continue;
    yield {
      code: "AMB0113",
      resource: { kind: one.kind, namespace, name: one.name },
      field: "spec.template.spec.serviceAccountName",
      message: `service account ${serviceAccount} is not defined in namespace ${namespace}`,
      remedy: "add a ServiceAccount; Kubernetes starts no pod without it",
    };
  }
}
