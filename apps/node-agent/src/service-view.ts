import { ClusterIpAllocator, SERVICE_CIDRS } from "@ambit/kube/cluster-ip.ts";
import type { ContainerPort } from "@ambit/kube/resources/pod-spec.ts";
import { isHeadless, type Service, type ServicePort } from "@ambit/kube/resources/service.ts";
import { matchesLabels } from "@ambit/kube/selector.ts";

/** A pod as services see it. */
export interface BackendPod {
  readonly namespace: string;
  readonly name: string;
  readonly node: string;
  readonly ips: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly ready: boolean;
  readonly ports: readonly ContainerPort[];
  /** Host name and subdomain of its spec, which give it a name below a headless service; empty when there are none. */
  readonly hostname: string;
  readonly subdomain: string;
}

/** A service with its addresses and the pods behind it. */
export interface ServiceView {
  readonly service: Service;
  /** Virtual addresses; none for headless services and external names. */
  readonly vips: readonly string[];
  /** Ready pods, and the others too where the service publishes them. */
  readonly backends: readonly BackendPod[];
}

/** Keeps the services' virtual addresses, which discovery computes the same way from the same names. */
export class ServiceAddresses {
  readonly #v4 = new ClusterIpAllocator(SERVICE_CIDRS.IPv4);
  readonly #v6 = new ClusterIpAllocator(SERVICE_CIDRS.IPv6);
  readonly #owners = new Set<string>();

  /** Gives the services that are there now their addresses and takes back those of services that are gone. */
  update(services: readonly Service[]): void {
    const v4: { owner: string; explicit?: string }[] = [];
    const v6: { owner: string; explicit?: string }[] = [];
    const gone = new Set(this.#owners);
    this.#owners.clear();
    for (const service of services) {
      const owner = serviceKey(service);
      const wanted = wishes(service);
      gone.delete(owner);
      this.#owners.add(owner);
      if (wanted.v4 === undefined) this.#v4.release(owner);
      else v4.push({ owner, ...wanted.v4 });
      if (wanted.v6 === undefined) this.#v6.release(owner);
      else v6.push({ owner, ...wanted.v6 });
    }
    for (const owner of gone) {
      this.#v4.release(owner);
      this.#v6.release(owner);
    }
    this.#v4.allocate(v4);
    this.#v6.allocate(v6);
  }

  of(service: Service): readonly string[] {
    const owner = serviceKey(service);
    return [this.#v4.get(owner), this.#v6.get(owner)].filter((address) => address !== undefined);
  }
}

interface Wish {
  readonly explicit?: string;
}

function wishes({ spec, ...rest }: Service): { v4: Wish | undefined; v6: Wish | undefined } {
  if (spec.type === "ExternalName" || isHeadless({ spec, ...rest })) return { v4: undefined, v6: undefined };
  if (spec.clusterIPs.length > 0) {
    const explicit = (address: string | undefined): Wish | undefined =>
      address === undefined ? undefined : { explicit: address };
    return {
      v4: explicit(spec.clusterIPs.find((address) => !address.includes(":"))),
      v6: explicit(spec.clusterIPs.find((address) => address.includes(":"))),
    };
  }
  const { v4, v6 } = families(spec);
  return { v4: v4 ? {} : undefined, v6: v6 ? {} : undefined };
}

/** The address families a service has: IPv4 alone unless it says otherwise. */
function families(spec: Service["spec"]): { readonly v4: boolean; readonly v6: boolean } {
  const dual = spec.ipFamilyPolicy === "PreferDualStack" || spec.ipFamilyPolicy === "RequireDualStack";
  const v6 =
    dual || spec.ipFamilies.includes("IPv6") || spec.clusterIPs.some((address) => address.includes(":"));
  const v4 =
    dual ||
    !v6 ||
    spec.ipFamilies.includes("IPv4") ||
    spec.clusterIPs.some((address) => address.includes("."));
  return { v4, v6 };
}

/** `namespace/name`. */
function serviceKey(service: Service): string {
  return `${service.metadata.namespace}/${service.metadata.name}`;
}

/** Services joined with the pods behind them. */
export function viewServices(
  services: readonly Service[],
  pods: readonly BackendPod[],
  addresses: ServiceAddresses,
): readonly ServiceView[] {
  addresses.update(services);
  return services.map((service) => ({
    service,
    vips: addresses.of(service),
    backends: pods.filter((pod) => isBackend(service, pod)).map((pod) => inFamilies(service, pod)),
  }));
}

function isBackend({ metadata, spec }: Service, pod: BackendPod): boolean {
  if (pod.namespace !== metadata.namespace || pod.ips.length === 0) return false;
  if (Object.keys(spec.selector).length === 0) return false;
  return (pod.ready || spec.publishNotReadyAddresses) && matchesLabels(spec.selector, pod.labels);
}

function inFamilies({ spec }: Service, pod: BackendPod): BackendPod {
  const { v4, v6 } = families(spec);
  return v4 && v6 ? pod : { ...pod, ips: pod.ips.filter((ip) => (ip.includes(":") ? v6 : v4)) };
}

/** The pod's number for a service's port; undefined when the pod has no port of that name. */
export function targetPort(port: ServicePort, pod: BackendPod): number | undefined {
  if (typeof port.targetPort === "number") return port.targetPort;
  return pod.ports.find(
    (candidate) => candidate.name === port.targetPort && candidate.protocol === port.protocol,
  )?.containerPort;
}
