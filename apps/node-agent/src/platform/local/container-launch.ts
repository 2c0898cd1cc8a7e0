import { dirname } from "node:path";
import type { Container } from "@ambit/kube/resources/pod-spec.ts";
import type { ImageCommand } from "./images.ts";

/** The facts of a pod that its containers may ask for by `fieldRef`. */
export interface PodFacts {
  readonly uid: string;
  readonly name: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly serviceAccount: string;
  readonly node: string;
  readonly ips: readonly string[];
  readonly hostIp: string;
}

/** How a container is started. */
export interface Launch {
  readonly command: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

export interface LaunchContext {
  readonly facts: PodFacts;
  /** What stands for the image; undefined when nothing is known about it. */
  readonly image: ImageCommand | undefined;
  /** Runs when neither the image nor the container says what to run. */
  readonly fallback: ImageCommand;
  /** The runtime whose folder comes first on PATH. */
  readonly nodeProgram: string;
  /** The agent's own environment, of which PATH and HOME are handed on. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** TCP ports the built-in sample server listens on. */
  readonly ports: readonly number[];
  /** Address a process is asked to listen on, in HOST, when it has no network of its own. */
  readonly listenOn: string | undefined;
}

/** Decides command, folder and environment as a container runtime would. `sample` tells that the built-in server runs. */
export function planLaunch(
  container: Container,
  context: LaunchContext,
): Launch & { readonly sample: boolean } {
  const { image, fallback } = context;
  const sample = image === undefined && container.command.length === 0;
  const entry = image ?? fallback;
  const env = environmentOf(container, entry, context, sample);
  const expand = (text: string): string => expandReferences(text, env);
  const program = container.command.length > 0 ? container.command.map(expand) : entry.command;
  const args =
    container.args.length > 0 ? container.args.map(expand) : container.command.length > 0 ? [] : entry.args;
  return {
    command: sample ? entry.command : [...program, ...args],
    cwd: container.workingDir ?? entry.cwd,
    env,
    sample,
  };
}

function environmentOf(
  container: Container,
  entry: ImageCommand,
  context: LaunchContext,
  sample: boolean,
): Record<string, string> {
  const { facts, environment, nodeProgram, ports } = context;
  const env: Record<string, string> = {
    PATH: `${dirname(nodeProgram)}:${environment["PATH"] ?? "/usr/bin:/bin"}`,
    HOME: environment["HOME"] ?? "/",
    HOSTNAME: facts.name,
    NODE_NO_WARNINGS: "1",
    ...(context.listenOn === undefined ? {} : { HOST: context.listenOn }),
    ...entry.env,
  };
  if (sample) {
    Object.assign(env, {
      PORTS: ports.join(","),
      POD_NAME: facts.name,
      POD_NAMESPACE: facts.namespace,
      POD_IP: facts.ips[0] ?? "",
      NODE_NAME: facts.node,
      APP: facts.labels["app"] ?? facts.labels["app.kubernetes.io/name"] ?? container.name,
      VERSION: facts.labels["version"] ?? "",
    });
  }
  for (const { name, value, fieldPath } of container.env) {
    env[name] =
      fieldPath === undefined ? expandReferences(value, env) : (resolveField(fieldPath, facts) ?? "");
  }
  return env;
}

/** `$(NAME)` becomes the variable's value, `$$(NAME)` stays `$(NAME)`, an unknown name is left alone (Kubernetes). */
export function expandReferences(text: string, env: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\$\$|\$\(([^()]*)\)/g, (match, name: string | undefined) => {
    if (match === "$$") return "$";
    return name === undefined ? match : (env[name] ?? match);
  });
}

/** The value of a downward-API field; undefined when there is no such field. */
export function resolveField(path: string, facts: PodFacts): string | undefined {
  const keyed = /^metadata\.(labels|annotations)\['([^']+)'\]$/.exec(path);
  if (keyed !== null) return (keyed[1] === "labels" ? facts.labels : facts.annotations)[keyed[2] ?? ""] ?? "";
  switch (path) {
    case "metadata.name":
      return facts.name;
    case "metadata.namespace":
      return facts.namespace;
    case "metadata.uid":
      return facts.uid;
    case "spec.nodeName":
      return facts.node;
    case "spec.serviceAccountName":
      return facts.serviceAccount;
    case "status.podIP":
      return facts.ips[0] ?? "";
    case "status.podIPs":
      return facts.ips.join(",");
    case "status.hostIP":
    case "status.hostIPs":
      return facts.hostIp;
    default:
      return undefined;
  }
}
