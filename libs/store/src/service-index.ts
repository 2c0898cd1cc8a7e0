import { parseIp } from "@ambit/base/ip.ts";
import type { Cidr } from "@ambit/base/ip.ts";
import { serviceKey } from "@ambit/model/service.ts";
import type { Service, ServiceAddress } from "@ambit/model/service.ts";
import type { Workload } from "@ambit/model/workload.ts";
import { CidrTrie } from "./cidr-trie.ts";
import type { CidrHit } from "./cidr-trie.ts";
import { ClaimIndex } from "./claims.ts";
import { EndpointSet } from "./endpoint-set.ts";
import type { Endpoint } from "./endpoint-set.ts";

/** What is chosen among for one kind of source, remembered until the service or an endpoint changes. */
export interface Candidates {
  readonly endpoints: readonly Endpoint[];
  /** Running sums of the weights; undefined when all are 1. */
  readonly sums: readonly number[] | undefined;
}

/** A service with its endpoints. Without `service` it only stages endpoints of workloads that came first. */
export interface ServiceRecord {
  /** `namespace/hostname`. */
  readonly key: string;
  readonly service: Service | undefined;
  readonly endpoints: EndpointSet;
  /** Load balancing's memory; emptied whenever the record changes. */
  readonly candidates: Map<string, Candidates>;
}

/** A record whose service has arrived. */
export interface KnownService extends ServiceRecord {
  readonly service: Service;
}

interface MutableRecord extends ServiceRecord {
  service: Service | undefined;
}

/** Services by key, hostname and virtual address, and the endpoints behind them. */
export class ServiceIndex {
  readonly #byKey = new Map<string, MutableRecord>();
  readonly #byHostname = new Map<string, MutableRecord[]>();
  readonly #byAddress = new ClaimIndex<MutableRecord>();
  readonly #byBlock = new Map<string, CidrTrie<MutableRecord>>();
  #known = 0;

  /** Services, staged ones not counted. */
  get size(): number {
    return this.#known;
  }

  get addresses(): number {
    return this.#byAddress.size;
  }

  get(key: string): KnownService | undefined {
    return known(this.#byKey.get(key));
  }

  /** In the order they came. */
  byHostname(hostname: string): readonly KnownService[] {
    return (this.#byHostname.get(hostname) ?? []) as KnownService[];
  }

  /** Services that own exactly this address, in the order they came. */
  byAddress(network: string, ip: string): readonly KnownService[] {
    return this.#byAddress.all(network, ip) as readonly KnownService[];
  }

  /** Services that own a block with this address, longest block first. */
  byBlock(network: string, ip: string): readonly CidrHit<KnownService>[] {
    const trie = this.#byBlock.get(network);
    const bytes = trie === undefined ? undefined : parseIp(ip);
    if (trie === undefined || bytes === undefined) return [];
    return trie.find(bytes) as unknown as readonly CidrHit<KnownService>[];
  }

  /** All records, staged ones too. */
  records(): IterableIterator<ServiceRecord> {
    return this.#byKey.values();
  }

  /** Adds or replaces; the endpoints stay. Returns the former service. */
  put(service: Service): Service | undefined {
    const record = this.#record(serviceKey(service));
    const before = record.service;
    if (before !== undefined) this.#unlink(record, before);
    record.service = service;
    record.candidates.clear();
    const held = this.#byHostname.get(service.hostname);
    if (held === undefined) this.#byHostname.set(service.hostname, [record]);
    else held.push(record);
    for (const address of service.addresses) this.#linkAddress(record, address);
    this.#known += 1;
    return before;
  }

  /** Returns the removed service. Its endpoints are staged again, in case the service comes back. */
  remove(key: string): Service | undefined {
    const record = this.#byKey.get(key);
    const before = record?.service;
    if (record === undefined || before === undefined) return undefined;
    this.#unlink(record, before);
    record.service = undefined;
    record.candidates.clear();
    this.#forget(record);
    return before;
  }

  /** Attaches the workload to every service it names, known or not. */
  attach(workload: Workload): void {
    for (const [key, ports] of workload.services) {
      const record = this.#record(key);
      record.endpoints.put(workload, ports);
      record.candidates.clear();
    }
  }

  detach(workload: Workload): void {
    for (const key of workload.services.keys()) {
      const record = this.#byKey.get(key);
      if (record === undefined) continue;
      record.endpoints.remove(workload.uid);
      record.candidates.clear();
      this.#forget(record);
    }
  }

  #record(key: string): MutableRecord {
    let record = this.#byKey.get(key);
    if (record === undefined) {
      record = { key, service: undefined, endpoints: new EndpointSet(), candidates: new Map() };
      this.#byKey.set(key, record);
    }
    return record;
  }

  #forget(record: MutableRecord): void {
    if (record.service === undefined && record.endpoints.size(true) === 0) this.#byKey.delete(record.key);
  }

  #linkAddress(record: MutableRecord, address: ServiceAddress): void {
    const block = blockOf(address);
    if (block === undefined) {
      this.#byAddress.add(address.network, address.ip, record, () => false);
      return;
    }
    let trie = this.#byBlock.get(address.network);
    if (trie === undefined) this.#byBlock.set(address.network, (trie = new CidrTrie()));
    trie.add(block, record);
  }

  #unlink(record: MutableRecord, service: Service): void {
    this.#known -= 1;
    const rest = (this.#byHostname.get(service.hostname) ?? []).filter((other) => other !== record);
    if (rest.length === 0) this.#byHostname.delete(service.hostname);
    else this.#byHostname.set(service.hostname, rest);
    for (const address of service.addresses) {
      const block = blockOf(address);
      if (block === undefined) this.#byAddress.remove(address.network, address.ip, record);
      else {
        const trie = this.#byBlock.get(address.network);
        if (trie?.remove(block, record) === true && trie.size === 0) this.#byBlock.delete(address.network);
      }
    }
  }
}

/** The block of a CIDR address; undefined for a single address, also when written as a block of full length. */
export function blockOf(address: ServiceAddress): Cidr | undefined {
  if (address.length === undefined) return undefined;
  const bytes = parseIp(address.ip);
  return bytes === undefined || address.length >= bytes.length * 8
    ? undefined
    : { bytes, length: address.length };
}

function known(record: ServiceRecord | undefined): KnownService | undefined {
  return record?.service === undefined ? undefined : (record as KnownService);
}
