import type { Service } from "@ambit/model/service.ts";
import type { MeshStore } from "./mesh-store.ts";
import type { KnownService } from "./service-index.ts";

/** False for a namespace-scoped service seen from another namespace. */
export function isVisible(service: Service, namespace: string): boolean {
  return service.visibility === "PUBLIC" || service.namespace === namespace;
}

/**
 * One of several services with the same address or hostname, as a client in `namespace` sees them: the client's own
 * namespace, then the canonical one, then the preferred namespace, then the first (ambient.md 5.1 and 10).
 */
export function chooseService(
  records: readonly KnownService[],
  namespace: string,
  preferredNamespace?: string,
): KnownService | undefined {
  let best: KnownService | undefined;
  let bestRank = -1;
  for (const record of records) {
    const { service } = record;
    if (!isVisible(service, namespace)) continue;
    const rank = preference(service, namespace, preferredNamespace);
    if (rank > bestRank) {
      best = record;
      bestRank = rank;
    }
  }
  return best;
}

function preference(service: Service, namespace: string, preferredNamespace: string | undefined): number {
  if (service.namespace === namespace) return 3;
  if (service.canonical) return 2;
  return service.namespace === preferredNamespace ? 1 : 0;
}

/**
 * The service that owns a virtual address for a client in `namespace`: an exact address first, else a block by own
 * namespace, longest prefix, canonical. Undefined when none is visible.
 */
export function serviceByAddress(
  store: MeshStore,
  network: string,
  ip: string,
  namespace: string,
): KnownService | undefined {
  const exact = chooseService(store.servicesAt(network, ip), namespace);
  if (exact !== undefined) return exact;
  let best: { readonly record: KnownService; readonly length: number } | undefined;
  for (const { value: record, length } of store.serviceBlocksAt(network, ip)) {
    if (!isVisible(record.service, namespace)) continue;
    if (best === undefined || blockBefore(record, length, best.record, best.length, namespace))
      best = { record, length };
  }
  return best?.record;
}

function blockBefore(
  record: KnownService,
  length: number,
  other: KnownService,
  otherLength: number,
  namespace: string,
): boolean {
  const own = record.service.namespace === namespace;
  const otherOwn = other.service.namespace === namespace;
  if (own !== otherOwn) return own;
  if (length !== otherLength) return length > otherLength;
  return record.service.canonical && !other.service.canonical;
}
