import { SUBJECTS } from "@ambit/contract/subjects.ts";

/** What one user may do; allow lists only. */
export interface BusPermissions {
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
}

export interface BusUser {
  readonly name: string;
  readonly permissions: BusPermissions;
}

const CERT_ANY = "mesh.cert.rotated.>";
const POLICY_ANY = "mesh.policy.invalidated.>";

/** The users of a mesh with these nodes; a node's key hears its own node only. */
export function meshUsers(nodes: readonly string[]): readonly BusUser[] {
  return [
    { name: "ca", permissions: { publish: [CERT_ANY, SUBJECTS.caBundle], subscribe: [] } },
    {
      name: "discovery",
      permissions: {
        publish: [POLICY_ANY, SUBJECTS.configVersion],
        subscribe: [CERT_ANY, SUBJECTS.caBundle],
      },
    },
    { name: "telemetry", permissions: { publish: [], subscribe: ["mesh.hb.>", SUBJECTS.configVersion] } },
    ...nodes.map((node) => ({
      name: `ztunnel-${node}`,
      permissions: {
        publish: [SUBJECTS.heartbeat(node)],
        subscribe: [SUBJECTS.certRotated(node), POLICY_ANY, SUBJECTS.caBundle],
      },
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

/** True when a literal subject matches a pattern. */
export function subjectMatches(pattern: string, subject: string): boolean {
  return covers(pattern, subject);
}

/** A subject that may be published to: tokens without wildcards or blanks. */
export function isLiteral(subject: string): boolean {
  return isPattern(subject) && !subject.split(".").some((part) => part === "*" || part === ">");
}

/** A subject or pattern that is well formed: no empty tokens, `>` only at the end. */
export function isPattern(pattern: string): boolean {
  const parts = pattern.split(".");
  return (
    pattern.length <= 255 &&
    !/[\s\0]/.test(pattern) &&
    parts.every((part, index) => part !== "" && (part !== ">" || index === parts.length - 1))
  );
}

// True when every subject that `inner` matches is matched by `outer`.
function covers(outer: string, inner: string): boolean {
  const left = outer.split(".");
  const right = inner.split(".");
  for (const [index, part] of left.entries()) {
    if (part === ">") return right.length > index;
    const other = right[index];
    if (other === undefined || other === ">") return false;
    if (part === "*") continue;
    if (part !== other) return false;
  }
  return left.length === right.length;
}
