import { SUBJECTS } from "@ambit/contract/subjects.ts";
import { covers, isLiteral } from "./subject.ts";

/** What one user may do; allow lists only. */
export interface BusPermissions {
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
}

export interface BusUser {
  readonly name: string;
  readonly permissions: BusPermissions;
}

/** A waypoint or gateway with a credential of its own. */
export interface BusProxy {
  readonly kind: "waypoint" | "gateway";
  readonly namespace: string;
  readonly name: string;
}

/** Who may say and hear what (security.md 5.2). A stolen key hears what its owner's place hears, and no more. */
const MATRIX = {
  ca: { publish: [SUBJECTS.anyCertRotated, SUBJECTS.caBundle], subscribe: [] },
  discovery: {
    publish: [SUBJECTS.anyPolicyInvalidated, SUBJECTS.configVersion],
    subscribe: [SUBJECTS.anyCertRotated, SUBJECTS.caBundle],
  },
  telemetry: { publish: [], subscribe: [SUBJECTS.anyHeartbeat, SUBJECTS.configVersion] },
  // The command line goes through discovery.
  operator: { publish: [], subscribe: [] },
  ztunnel: (node: string): BusPermissions => ({
    publish: [SUBJECTS.heartbeat(node)],
    subscribe: [SUBJECTS.certRotated(node), SUBJECTS.anyPolicyInvalidated, SUBJECTS.caBundle],
  }),
  proxy: ({ namespace, name }: BusProxy): BusPermissions => ({
    publish: [SUBJECTS.proxyHeartbeat(namespace, name)],
    subscribe: [SUBJECTS.policyInvalidated(namespace), SUBJECTS.caBundle],
  }),
} as const;

/** The users of a mesh with these nodes and proxies. */
export function meshUsers(nodes: readonly string[], proxies: readonly BusProxy[] = []): readonly BusUser[] {
  const { ca, discovery, telemetry, operator } = MATRIX;
  return [
    ...Object.entries({ ca, discovery, telemetry, operator }).map(([name, permissions]) => ({
      name,
      permissions,
    })),
    ...nodes.map((node) => ({ name: `ztunnel-${node}`, permissions: MATRIX.ztunnel(node) })),
    ...proxies.map((proxy) => ({
      name: `${proxy.kind}-${proxy.namespace}-${proxy.name}`,
      permissions: MATRIX.proxy(proxy),
    })),
  ];
}

/** True when a publication to `subject` is allowed. */
export function mayPublish(permissions: BusPermissions, subject: string): boolean {
  return isLiteral(subject) && permissions.publish.some((pattern) => covers(pattern, subject));
}

/** True when everything that `pattern` could match is allowed. */
export function maySubscribe(permissions: BusPermissions, pattern: string): boolean {
  return permissions.subscribe.some((allowed) => covers(allowed, pattern));
}
