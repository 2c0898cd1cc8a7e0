import type { Random } from "@ambit/base/random.ts";
import type { Service } from "@ambit/model/service.ts";
import type { Workload } from "@ambit/model/workload.ts";
import { defaultSearchDomains, dnsAliases, dnsWildcards } from "./dns-names.ts";
import type { MeshStore } from "./mesh-store.ts";
import { blockOf } from "./service-index.ts";
import type { KnownService } from "./service-index.ts";
import { chooseService } from "./visibility.ts";

/** Seconds an answer may be kept. */
export const DNS_TTL_SECONDS = 30;

export interface DnsQuestion {
  /** With or without the final dot, in any case. */
  readonly name: string;
  /** Other types than A and AAAA are forwarded. */
  readonly type: string;
}

export interface DnsOptions {
  readonly clusterDomain: string;
  /** Wins over other namespaces when neither the client's own nor a canonical service has the name. */
  readonly preferredNamespace?: string;
  /** @default what Kubernetes gives a pod of the client's namespace */
  readonly searchDomains?: readonly string[];
  /** When false, AAAA questions for known names have an empty answer. @default true */
  readonly ipv6?: boolean;
  readonly random: Random;
}

/** Names are without the final dot. */
export type DnsRecord =
  | { readonly type: "A" | "AAAA"; readonly name: string; readonly ip: string; readonly ttl: number }
  | { readonly type: "CNAME"; readonly name: string; readonly target: string; readonly ttl: number };

export type DnsResolution =
  /** The name is not ours (or the type is not): ask the upstream resolvers. */
  | { readonly kind: "forward" }
  /** NOERROR; without records when the name has no address of that family. */
  | { readonly kind: "answer"; readonly records: readonly DnsRecord[]; readonly service: Service };

/** Answers a pod's question from what the mesh knows (ambient.md 10). Pure apart from the order of addresses. */
export function resolveName(
  store: MeshStore,
  client: Workload,
  question: DnsQuestion,
  options: DnsOptions,
): DnsResolution {
  const { type } = question;
  if (type !== "A" && type !== "AAAA") return { kind: "forward" };
  const asked = question.name.replace(/\.$/, "");
  const found = find(store, client, asked.toLowerCase(), options);
  if (found === undefined) return { kind: "forward" };
  const { service } = found.record;
  const ips = type === "AAAA" && options.ipv6 === false ? [] : addressesOf(found.record, client, type);
  if (ips.length === 0) return { kind: "answer", records: [], service };
  const records: DnsRecord[] = [];
  const owner = found.stripped ?? asked;
  if (found.stripped !== undefined) {
    records.push({ type: "CNAME", name: asked, target: owner, ttl: DNS_TTL_SECONDS });
  }
  for (const ip of shuffled(ips, options.random))
    records.push({ type, name: owner, ip, ttl: DNS_TTL_SECONDS });
  return { kind: "answer", records, service };
}

interface Found {
  readonly record: KnownService;
  /** The name to point a CNAME at. */
  readonly stripped: string | undefined;
}

function find(store: MeshStore, client: Workload, name: string, options: DnsOptions): Found | undefined {
  const { clusterDomain, preferredNamespace } = options;
  const search = options.searchDomains ?? defaultSearchDomains(client.namespace, clusterDomain);
  const choose = (hostname: string): KnownService | undefined => {
    const records = store
      .servicesByHostname(hostname)
      .filter((record) => answers(record.service, clusterDomain));
    return chooseService(records, client.namespace, preferredNamespace);
  };
  for (const alias of dnsAliases(name, client.namespace, clusterDomain, search)) {
    const exact = choose(alias.name);
    if (exact !== undefined) return { record: exact, stripped: alias.stripped };
    for (const wildcard of dnsWildcards(alias.name)) {
      const record = choose(wildcard);
      if (record !== undefined) return { record, stripped: undefined };
    }
  }
  return undefined;
}

/** Has an address to give, or is a Kubernetes service (which may be headless). Blocks are no answer to a question. */
function answers(service: Service, clusterDomain: string): boolean {
  return singleAddresses(service).length > 0 || service.hostname.endsWith(`.svc.${clusterDomain}`);
}

function addressesOf(record: KnownService, client: Workload, type: "A" | "AAAA"): string[] {
  const wanted = (ip: string): boolean => ip.includes(":") === (type === "AAAA");
  const virtual = singleAddresses(record.service);
  if (virtual.length > 0) {
    return virtual
      .filter((address) => address.network === client.network && wanted(address.ip))
      .map((one) => one.ip);
  }
  const ips: string[] = [];
  const size = record.endpoints.size(record.service.loadBalancing?.healthPolicy === "ALLOW_ALL");
  for (let position = 0; position < size; position++) {
    const workload = record.endpoints.at(position)?.workload;
    // The client dials the answer directly, so an address of another network would lead elsewhere.
    if (workload === undefined || workload.network !== client.network) continue;
    const ip = workload.addresses.find(wanted);
    if (ip !== undefined) ips.push(ip);
  }
  return ips;
}

function singleAddresses(service: Service): Service["addresses"] {
  return service.addresses.filter((address) => blockOf(address) === undefined);
}

function shuffled(values: readonly string[], random: Random): string[] {
  const mixed = [...values];
  for (let index = mixed.length - 1; index > 0; index--) {
    const other = random.below(index + 1);
    const held = mixed[index];
    mixed[index] = mixed[other] as string;
    mixed[other] = held as string;
  }
  return mixed;
}
