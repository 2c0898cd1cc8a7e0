/** The identity of a workload: `spiffe://<trustDomain>/ns/<namespace>/sa/<serviceAccount>`. */
export interface SpiffeId {
  readonly trustDomain: string;
  readonly namespace: string;
  readonly serviceAccount: string;
}

// SPIFFE-ID section 2.1: trust domain is lower-case letters, digits, '.', '-', '_'; path segments add upper case.
const PATTERN = /^spiffe:\/\/([a-z0-9._-]{1,255})\/ns\/([A-Za-z0-9._-]{1,253})\/sa\/([A-Za-z0-9._-]{1,253})$/;

/** Parses exactly the mesh's form; anything else (extra segments, userinfo, port, escapes) is undefined. */
export function parseSpiffeId(uri: string): SpiffeId | undefined {
  if (uri.length > 2048) return undefined;
  const match = PATTERN.exec(uri);
  if (match === null) return undefined;
  const [, trustDomain = "", namespace = "", serviceAccount = ""] = match;
  if (isDots(namespace) || isDots(serviceAccount)) return undefined;
  return { trustDomain, namespace, serviceAccount };
}

// SPIFFE-ID section 2.2: relative path segments are not allowed.
function isDots(segment: string): boolean {
  return segment === "." || segment === "..";
}

/** The URI form. */
export function formatSpiffeId(id: SpiffeId): string {
  return `spiffe://${formatPrincipal(id)}`;
}

/** The form policies compare with: the URI without its scheme. */
export function formatPrincipal(id: SpiffeId): string {
  return `${id.trustDomain}/ns/${id.namespace}/sa/${id.serviceAccount}`;
}

export function sameSpiffeId(left: SpiffeId, right: SpiffeId): boolean {
  return (
    left.serviceAccount === right.serviceAccount &&
    left.namespace === right.namespace &&
    left.trustDomain === right.trustDomain
  );
}
