/** Subjects of the bus. Messages on them are hints: the truth is re-read from discovery or the ca. */
export const SUBJECTS = {
  /** The trust bundle or the signer changed: fetch certificates again. */
  caBundle: "mesh.ca.bundle",
  /** Certificates of a node were rotated. */
  certRotated: (node: string): string => `mesh.cert.rotated.${token(node)}`,
  /** Every node's. */
  anyCertRotated: "mesh.cert.rotated.>",
  /** Policies of a namespace changed. */
  policyInvalidated: (namespace: string): string => `mesh.policy.invalidated.${token(namespace)}`,
  /** Every namespace's. */
  anyPolicyInvalidated: "mesh.policy.invalidated.>",
  /** Discovery's configuration moved on. */
  configVersion: "mesh.cfg.version",
  /** A node's proxy is alive. */
  heartbeat: (node: string): string => `mesh.hb.${token(node)}`,
  /** A waypoint or gateway is alive. */
  proxyHeartbeat: (namespace: string, name: string): string => `mesh.hb.${token(namespace)}.${token(name)}`,
  /** Everybody's. */
  anyHeartbeat: "mesh.hb.>",
} as const;

/** One token of a subject: everything that means something to the bus becomes an underscore. */
function token(text: string): string {
  return text.replaceAll(/[^A-Za-z0-9_-]/g, "_");
}
