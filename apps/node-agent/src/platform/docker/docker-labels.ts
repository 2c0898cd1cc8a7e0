/** Labels of a container that the mesh reads, beside Istio's own. */
export const DOCKER_LABELS = {
  /** The namespace; the compose project when left out. */
  namespace: "ambit.dev/namespace",
  /** The account its identity names; the service when left out. */
  serviceAccount: "ambit.dev/service-account",
  /** The service it is an endpoint of; the compose service when left out, or else the container's name. Also on its Pod. */
  service: "ambit.dev/service",
  /** The service's ports, such as `http:80,9080`; what it exposes and listens on when left out. */
  ports: "ambit.dev/ports",
  /** The network by whose address others reach it, where it has several. */
  network: "ambit.dev/network",
} as const;

/** Labels that compose gives its containers, the old command and the plugin alike. */
export const COMPOSE_LABELS = {
  project: "com.docker.compose.project",
  service: "com.docker.compose.service",
  /** `True` for what `compose run` started beside the service. */
  oneOff: "com.docker.compose.oneoff",
} as const;

/** Labels of tools, which say nothing to people who read policies. */
const TOOL_PREFIXES = ["com.docker.", "org.opencontainers.", "org.label-schema.", "desktop.docker.io/"];

/** What Kubernetes takes for a label's key and value. */
const LABEL_KEY = /^([a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?\/)?[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/;
const LABEL_VALUE = /^([A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?)?$/;
/** A name that may stand in an identity and in a host name (RFC 1123). */
const NAME = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/** True for a name of a namespace, an account or a service. */
export function isName(text: string): boolean {
  return NAME.test(text);
}

/** The nearest name of that kind: compose allows capitals, underscores and dots. Empty when nothing is left. */
export function toName(text: string): string {
  const plain = text.toLowerCase().replaceAll(/[^a-z0-9-]+/g, "-");
  return plain.replace(/^-+/, "").slice(0, 63).replace(/-+$/, "");
}

/** A container's labels as a Pod has them. What Kubernetes takes for no label becomes an annotation. */
export function splitLabels(all: Readonly<Record<string, string>>): {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
} {
  const labels: Record<string, string> = {};
  const annotations: Record<string, string> = {};
  for (const [key, value] of Object.entries(all)) {
    if (TOOL_PREFIXES.some((prefix) => key.startsWith(prefix)) || !LABEL_KEY.test(key)) continue;
    // Containers have no annotations of their own: what Istio reads from there is written as a label too.
    annotations[key] = value;
    if (LABEL_VALUE.test(value)) labels[key] = value;
  }
  return { labels, annotations };
}
