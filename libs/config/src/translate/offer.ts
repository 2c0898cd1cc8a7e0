import type { Service } from "@ambit/model/service.ts";
import type { AppProtocol } from "@ambit/model/workload.ts";

/** A port of a service with what a workload needs to resolve its own side of it. */
export interface OfferPort {
  readonly name: string;
  readonly servicePort: number;
  /** A number, or the name of a container port. */
  readonly target: number | string;
  readonly appProtocol: AppProtocol;
}

/** One service as one resource offers it, before it is known which resource wins the name. */
export interface ServiceOffer {
  /** Without `canonical`, which only the comparison with other offers can tell. */
  readonly service: Omit<Service, "canonical">;
  /** Key of the resource: `Kind/namespace/name`. */
  readonly owner: string;
  readonly namespace: string;
  readonly kubernetes: boolean;
  /** Milliseconds since the epoch; see `creationTime`. */
  readonly createdAt: number;
  /** Labels of its workloads; undefined when it selects none. */
  readonly selector: Readonly<Record<string, string>> | undefined;
  readonly ports: readonly OfferPort[];
}

/** A service together with the offer that won its name. */
export interface OfferedService {
  readonly service: Service;
  readonly offer: ServiceOffer;
}

/** True when `left` wins a name against `right`: Kubernetes services first, then the older, then by name. */
export function offerWins(left: ServiceOffer, right: ServiceOffer): boolean {
  if (left.kubernetes !== right.kubernetes) return left.kubernetes;
  if (left.createdAt !== right.createdAt) return left.createdAt < right.createdAt;
  return left.owner < right.owner;
}

/** Age of what does not say it: younger than everything that does. */
const UNKNOWN_AGE = Number.MAX_SAFE_INTEGER;

/** Milliseconds since the epoch of an RFC 3339 time. Absent or unreadable, it is younger than any other. */
export function creationTime(text: string | undefined): number {
  const time = text === undefined ? Number.NaN : Date.parse(text);
  return Number.isNaN(time) ? UNKNOWN_AGE : time;
}
