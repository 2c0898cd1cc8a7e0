import type { Service } from "@ambit/kube/resources/service.ts";

/** Annotation of a Service: `8080`, `8080:http` or `8080:80, 8443:https` publishes ports on the machine's loopback. */
const FORWARD_ANNOTATION = "ambit.dev/forward";

/** A port to be published on the machine: `port` of a service or pod. */
export interface ForwardSpec {
  readonly hostPort: number;
  readonly namespace: string;
  /** A service, or a pod when no service has that name. */
  readonly name: string;
  /** Number or name of the service's port; a pod's port by number. */
  readonly port: number | string;
}

/** What a service's annotation asks for; `problems` holds the parts that are not understood. */
export function annotatedForwards(service: Service): {
  readonly forwards: readonly ForwardSpec[];
  readonly problems: readonly string[];
} {
  const { name, namespace, annotations } = service.metadata;
  const forwards: ForwardSpec[] = [];
  const problems: string[] = [];
  for (const part of (annotations[FORWARD_ANNOTATION] ?? "").split(",").map((text) => text.trim())) {
    if (part === "") continue;
    const [host = "", wanted] = part.split(":", 2).map((text) => text.trim());
    const hostPort = Number(host);
    const first = service.spec.ports[0];
    const port =
      wanted === undefined
        ? first
        : service.spec.ports.find((entry) => entry.name === wanted || String(entry.port) === wanted);
    if (!isPort(hostPort)) problems.push(`"${part}": no port number before the colon`);
    else if (port === undefined) problems.push(`"${part}": the service has no such port`);
    else forwards.push({ hostPort, namespace, name, port: port.port });
  }
  return { forwards, problems };
}

/** Reads `8080=namespace/name:port` of the settings; undefined when it is not of that form. */
export function parseForward(text: string): ForwardSpec | undefined {
  const match = /^([0-9]+)=([^/:=]+)\/([^/:=]+):([^/:=]+)$/.exec(text.trim());
  if (match === null) return undefined;
  const [, host, namespace = "", name = "", port = ""] = match;
  const number = Number(port);
  if (!isPort(Number(host)) || (/^[0-9]+$/.test(port) && !isPort(number))) return undefined;
  return { hostPort: Number(host), namespace, name, port: /^[0-9]+$/.test(port) ? number : port };
}

function isPort(value: number): boolean {
  return Number.isInteger(value) && value > 0 && value < 65_536;
}
