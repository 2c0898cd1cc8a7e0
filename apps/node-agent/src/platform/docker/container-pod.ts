import { createHash } from "node:crypto";
import { LABELS } from "@ambit/contract/labels.ts";
import { DEFAULTS } from "@ambit/contract/names.ts";
import { COMPOSE_LABELS, DOCKER_LABELS, isName, splitLabels, toName } from "./docker-labels.ts";
import { DockerError } from "./docker-error.ts";
import type { Container } from "./engine-answers.ts";

/** A port of a service. */
export interface NamedPort {
  /** Protocol by Istio's naming convention, such as `http`; `tcp` when nothing is known. */
  readonly protocol: string;
  readonly port: number;
}

/** Who a container is in the mesh. */
export interface ContainerPod {
  readonly uid: string;
  readonly name: string;
  readonly namespace: string;
  readonly serviceAccount: string;
  /** Name of the workload, which several containers may share: that of the compose service. */
  readonly owner: string;
  /** The service it is an endpoint of; empty for a one-off container. */
  readonly service: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** The primary address first, IPv4 before IPv6. */
  readonly ips: readonly string[];
  /** Ports that the labels name; undefined when they say nothing. */
  readonly namedPorts: readonly NamedPort[] | undefined;
}

export interface PodOptions {
  /** Namespace of containers that name none themselves; their compose project when undefined. */
  readonly namespace: string | undefined;
}

/** Protocols a port may be labelled with (Istio's naming convention). */
const PROTOCOLS = /^(http|http2|https|grpc|grpc-web|tcp|tls|mongo|mysql|redis)$/;

/** True when the container asks to be in the mesh. */
export function wantsMesh(labels: Readonly<Record<string, string>>): boolean {
  return labels[LABELS.dataplaneMode] === "ambient";
}

/** The container whose network this one shares; undefined when it has a network of its own. */
export function networkOwner(container: Pick<Container, "networkMode">): string | undefined {
  const { networkMode } = container;
  return networkMode.startsWith("container:") ? networkMode.slice("container:".length) : undefined;
}

/**
 * Who a container is, by its labels and by compose's. Throws a DockerError `labels` when a label cannot be used: an
 * identity that was not meant must not arise from a slip of the pen.
 */
export function containerPod(container: Container, options: PodOptions): ContainerPod {
  const { labels } = container;
  const workload = labels[COMPOSE_LABELS.service] ?? container.name;
  const service = chosen(labels, DOCKER_LABELS.service, workload);
  const project = labels[COMPOSE_LABELS.project] ?? "default";
  const namespace = chosen(labels, DOCKER_LABELS.namespace, options.namespace ?? project);
  if (namespace === DEFAULTS.systemNamespace)
    throw new DockerError("labels", `${container.name}: ${namespace} belongs to the mesh itself`);
  const oneOff = labels[COMPOSE_LABELS.oneOff]?.toLowerCase() === "true";
  const own = splitLabels(labels);
  return {
    uid: podUid(container),
    name: toName(container.name) || container.id.slice(0, 12),
    namespace,
    serviceAccount: chosen(labels, DOCKER_LABELS.serviceAccount, service),
    owner: toName(workload) || service,
    service: oneOff ? "" : service,
    labels: withDefaults(own.labels, service, oneOff),
    annotations: own.annotations,
    ips: addresses(container),
    namedPorts: namedPorts(labels[DOCKER_LABELS.ports]),
  };
}

/** The label's value as it is, or the nearest name to what compose says. */
function chosen(labels: Readonly<Record<string, string>>, key: string, fallback: string): string {
  const explicit = labels[key];
  const name = explicit ?? toName(fallback);
  if (isName(name)) return name;
  throw new DockerError("labels", `${key}: "${explicit ?? fallback}" is no name`, {
    hint: `give the container a label ${key} of small letters, digits and dashes`,
  });
}

function withDefaults(
  labels: Readonly<Record<string, string>>,
  service: string,
  oneOff: boolean,
): Readonly<Record<string, string>> {
  const { [DOCKER_LABELS.service]: _, ...rest } = labels;
  return { [LABELS.app]: service, ...rest, ...(oneOff ? {} : { [DOCKER_LABELS.service]: service }) };
}

/** Another one for every start: a restarted container has a new network namespace. The same after the agent's restart. */
function podUid({ id, startedAt }: Container): string {
  const hex = createHash("sha256").update(`${id} ${startedAt}`).digest("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
    "-",
  );
}

function addresses({ networks, labels }: Container): readonly string[] {
  const wanted = labels[DOCKER_LABELS.network];
  const project = labels[COMPOSE_LABELS.project] ?? "";
  // Docker tells networks in no order: the one asked for, then the project's default one, then by name.
  const rank = (name: string): number => {
    if (wanted !== undefined && (name === wanted || name === `${project}_${wanted}`)) return 0;
    return name === `${project}_default` ? 1 : 2;
  };
  const ordered = networks.toSorted((left, right) => {
    const difference = rank(left.name) - rank(right.name);
    return difference === 0 ? (left.name < right.name ? -1 : 1) : difference;
  });
  return [...ordered.map(({ ipv4 }) => ipv4), ...ordered.map(({ ipv6 }) => ipv6)].filter((ip) => ip !== "");
}

function namedPorts(text: string | undefined): readonly NamedPort[] | undefined {
  if (text === undefined) return undefined;
  return text.split(",").map((entry) => {
    const [, protocol = "tcp", port = ""] = /^(?:([a-z0-9-]+):)?(\d{1,5})$/.exec(entry.trim()) ?? [];
    const number = Number(port);
    if (PROTOCOLS.test(protocol) && number >= 1 && number <= 65_535) return { protocol, port: number };
    throw new DockerError("labels", `${DOCKER_LABELS.ports}: "${entry.trim()}" is no port`, {
      hint: `write ports as in ${DOCKER_LABELS.ports}=http:80,9080`,
    });
  });
}
