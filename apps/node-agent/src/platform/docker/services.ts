import type { ContainerPod, NamedPort } from "./container-pod.ts";

/** A container's part in its service. */
export interface ServiceMember {
  readonly pod: Pick<ContainerPod, "namespace" | "service" | "serviceAccount" | "namedPorts">;
  readonly exposedPorts: readonly number[];
  /** Ports somebody listened on at the last look. */
  readonly listening: readonly number[];
}

/** A service as its containers make it. */
export interface DerivedService {
  readonly namespace: string;
  readonly name: string;
  readonly ports: readonly NamedPort[];
}

/**
 * The services of all members, one for each name, in the order of their names. The ports are those labels name; where no
 * member's do, everything the members expose and listen on, so that a name leads to what it led to before.
 */
export function deriveServices(members: readonly ServiceMember[]): readonly DerivedService[] {
  const groups = new Map<string, ServiceMember[]>();
  for (const member of members) {
    const { namespace, service } = member.pod;
    if (service === "") continue;
    const key = `${namespace}/${service}`;
    groups.set(key, [...(groups.get(key) ?? []), member]);
  }
  return [...groups.entries()]
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
    .map(([key, group]) => {
      const [namespace = "", name = ""] = key.split("/");
      return { namespace, name, ports: portsOf(group) };
    });
}

function portsOf(members: readonly ServiceMember[]): readonly NamedPort[] {
  const named = members.flatMap(({ pod }) => pod.namedPorts ?? []);
  const found = members.flatMap(({ exposedPorts, listening }) => [...exposedPorts, ...listening]);
  const all = named.length > 0 ? named : found.map((port) => ({ protocol: "tcp", port }));
  // One entry a port: the first that names it says how it is spoken to.
  const ports = new Map(all.toReversed().map((entry) => [entry.port, entry]));
  return [...ports.values()].toSorted((left, right) => left.port - right.port);
}
