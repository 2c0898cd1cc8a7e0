import type { MeshChanges } from "@ambit/config/mesh.ts";

/** Tells the mesh over the bus that policies of these namespaces changed; a hint, the truth travels on the stream. */
export interface Announcer {
  policiesInvalidated(namespaces: readonly string[]): void;
}

/** Announces the namespaces whose policies a flush changed; global policies belong to the root namespace. */
export function announcePolicies(changes: MeshChanges, announcer: Announcer): void {
  const namespaces = new Set<string>();
  for (const { before, after } of changes.policies) {
    const policy = after ?? before;
    if (policy !== undefined) namespaces.add(policy.namespace);
  }
  if (namespaces.size > 0) announcer.policiesInvalidated([...namespaces].sort());
}
