import { ClusterIpAllocator, HOST_CIDR, SERVICE_CIDRS, type AddressWish } from "@ambit/kube/cluster-ip.ts";
import { isHeadless, type Service } from "@ambit/kube/resources/service.ts";
import type { ServiceEntry } from "@ambit/kube/resources/service-entry.ts";
import type { Collection } from "./collection.ts";
import type { Graph } from "./graph.ts";
import type { Inputs } from "./inputs.ts";

/** Addresses handed out to one resource. */
export interface HandedOut {
  /** Of a Service. */
  readonly addresses: readonly string[];
  /** Of a ServiceEntry, by host name. */
  readonly byHost: ReadonlyMap<string, string>;
}

/** Nothing was handed out. */
export const NOTHING_HANDED_OUT: HandedOut = { addresses: [], byHost: new Map() };

/**
 * Gives services their virtual addresses, and hosts of ServiceEntries without one an address that DNS can answer with.
 * Keyed `Kind/namespace/name`. Where a platform already allocates (Kubernetes), every Service brings its
 * own and nothing is handed out.
 */
export class Addresses {
  readonly collection: Collection<HandedOut>;
  readonly #inputs: Inputs;
  readonly #v4 = new ClusterIpAllocator(SERVICE_CIDRS.IPv4);
  readonly #v6 = new ClusterIpAllocator(SERVICE_CIDRS.IPv6);
  readonly #hosts = new ClusterIpAllocator(HOST_CIDR);

  constructor(graph: Graph, inputs: Inputs) {
    this.#inputs = inputs;
    this.collection = graph.input("addresses");
  }

  /** Serves the services that changed; call it before the flush. */
  update(): void {
    const services = [...this.#inputs.Service.changes()];
    const entries = [...this.#inputs.ServiceEntry.changes()];
    if (services.length === 0 && entries.length === 0) return;
    const v4: AddressWish[] = [];
    const v6: AddressWish[] = [];
    const touched = new Set<string>();
    for (const { key, after } of services) {
      touched.add(key);
      const wishes = after === undefined ? { v4: [], v6: [] } : serviceWishes(key, after);
      if (wishes.v4.length === 0) this.#v4.release(key);
      if (wishes.v6.length === 0) this.#v6.release(key);
      v4.push(...wishes.v4);
      v6.push(...wishes.v6);
    }
    // An explicit address can push an owner aside that did not change itself.
    for (const owner of [...this.#v4.allocate(v4), ...this.#v6.allocate(v6)]) touched.add(owner);
    for (const key of touched) this.collection.assign(`Service/${key}`, this.#ofService(key));
    this.#updateHosts(entries);
  }

  #ofService(key: string): HandedOut | undefined {
    const service = this.#inputs.Service.get(key);
    if (service === undefined || service.spec.clusterIPs.length > 0) return undefined;
    const addresses = [this.#v4.get(key), this.#v6.get(key)].filter((address) => address !== undefined);
    return { addresses, byHost: new Map() };
  }

  #updateHosts(
    changes: readonly { key: string; before: ServiceEntry | undefined; after: ServiceEntry | undefined }[],
  ) {
    const wishes: AddressWish[] = [];
    for (const { key, before, after } of changes) {
      const wanted = new Set(after === undefined ? [] : hostsWithoutAddress(after));
      for (const host of before === undefined ? [] : hostsWithoutAddress(before)) {
        if (!wanted.has(host)) this.#hosts.release(`${key}/${host}`);
      }
      for (const host of wanted) wishes.push({ owner: `${key}/${host}` });
    }
    this.#hosts.allocate(wishes);
    for (const { key, after } of changes) {
      const byHost = new Map<string, string>();
      for (const host of after === undefined ? [] : hostsWithoutAddress(after)) {
        const address = this.#hosts.get(`${key}/${host}`);
        if (address !== undefined) byHost.set(host, address);
      }
      this.collection.assign(
        `ServiceEntry/${key}`,
        byHost.size === 0 ? undefined : { addresses: [], byHost },
      );
    }
  }
}

function serviceWishes(owner: string, service: Service): { v4: AddressWish[]; v6: AddressWish[] } {
  const { spec } = service;
  if (spec.type === "ExternalName" || isHeadless(service)) return { v4: [], v6: [] };
  const explicitV4 = spec.clusterIPs.find((address) => !address.includes(":"));
  const explicitV6 = spec.clusterIPs.find((address) => address.includes(":"));
  if (spec.clusterIPs.length > 0) {
    return {
      v4: explicitV4 === undefined ? [] : [{ owner, explicit: explicitV4 }],
      v6: explicitV6 === undefined ? [] : [{ owner, explicit: explicitV6 }],
    };
  }
  const dual = spec.ipFamilyPolicy === "PreferDualStack" || spec.ipFamilyPolicy === "RequireDualStack";
  const wantsV6 = dual || spec.ipFamilies.includes("IPv6");
  const wantsV4 = dual || !wantsV6 || spec.ipFamilies.includes("IPv4");
  return { v4: wantsV4 ? [{ owner }] : [], v6: wantsV6 ? [{ owner }] : [] };
}

// Without resolution the destination address is all there is; a wildcard names no single host.
function hostsWithoutAddress(entry: ServiceEntry): string[] {
  if (entry.spec.addresses.length > 0 || entry.spec.resolution === "NONE") return [];
  return entry.spec.hosts.filter((host) => !host.startsWith("*")).map((host) => host.toLowerCase());
}
