import { formatIp, parseIp } from "@ambit/base/ip.ts";
import type { Service } from "@ambit/model/service.ts";
import { parseSpiffeId } from "@ambit/model/spiffe-id.ts";
import type { Workload } from "@ambit/model/workload.ts";
import type { Mesh } from "@ambit/config/mesh.ts";

/** Everything that answers to a text. */
export interface Found {
  readonly services: readonly Service[];
  readonly workloads: readonly Workload[];
}

/**
 * Looks a text up: an address, an identity (`spiffe://...`), a host name, `namespace/name` or a name. Names are those of
 * services, of workloads, and of what workloads belong to, such as a Deployment.
 */
export function find(mesh: Mesh, text: string): Found {
  const ip = parseIp(text);
  if (ip !== undefined) {
    const address = formatIp(ip);
    return { services: mesh.servicesByAddress(address), workloads: byAddress(mesh, address) };
  }
  const id = parseSpiffeId(text);
  if (id !== undefined) {
    const workloads = [...mesh.workloads.all()].filter(
      (one) =>
        one.serviceAccount === id.serviceAccount &&
        one.namespace === id.namespace &&
        one.trustDomain === id.trustDomain,
    );
    return { services: [], workloads };
  }
  const slash = text.indexOf("/");
  const namespace = slash < 0 ? undefined : text.slice(0, slash);
  const name = text.slice(slash + 1);
  return { services: servicesNamed(mesh, name, namespace), workloads: workloadsNamed(mesh, name, namespace) };
}

// Host-network workloads share their node's address, so the index by address leaves them out.
function byAddress(mesh: Mesh, address: string): readonly Workload[] {
  const indexed = mesh.workloadsByAddress(address);
  if (indexed.length > 0) return indexed;
  return [...mesh.workloads.all()].filter((workload) => workload.addresses.includes(address));
}

function servicesNamed(mesh: Mesh, name: string, namespace: string | undefined): readonly Service[] {
  const found: Service[] = [];
  for (const { service } of mesh.services.services.values()) {
    if (namespace !== undefined && service.namespace !== namespace) continue;
    const short = `${service.name}.${service.namespace}`;
    if ([service.name, service.hostname, short, `${short}.svc`].includes(name)) found.push(service);
  }
  return found;
}

function workloadsNamed(mesh: Mesh, name: string, namespace: string | undefined): readonly Workload[] {
  const exact: Workload[] = [];
  const owned: Workload[] = [];
  for (const workload of mesh.workloads.all()) {
    if (namespace !== undefined && workload.namespace !== namespace) continue;
    if (workload.name === name || workload.uid === name) exact.push(workload);
    else if (workload.workloadName === name || workload.canonicalName === name) owned.push(workload);
  }
  return exact.length > 0 ? exact : owned;
}
