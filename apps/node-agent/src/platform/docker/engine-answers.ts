import { DockerError } from "./docker-error.ts";

/** One network a container is attached to. */
export interface ContainerNetwork {
  readonly name: string;
  readonly ipv4: string;
  /** Empty when the network has no IPv6. */
  readonly ipv6: string;
}

/** A container as far as the mesh is concerned. */
export interface Container {
  readonly id: string;
  /** Without the leading slash. */
  readonly name: string;
  readonly image: string;
  readonly labels: Readonly<Record<string, string>>;
  /** created, running, paused, restarting, removing, exited or dead. */
  readonly status: string;
  /** Process id of its first process as the engine's host sees it; 0 when nothing runs. */
  readonly pid: number;
  /** ISO time of the last start. */
  readonly startedAt: string;
  /** starting, healthy, unhealthy; empty without a health check. */
  readonly health: string;
  readonly restarts: number;
  /** `bridge`, a network's name, `host`, `none` or `container:<id>`. */
  readonly networkMode: string;
  /** The engine's own file of the network namespace; empty when there is none. */
  readonly sandboxKey: string;
  readonly networks: readonly ContainerNetwork[];
  /** TCP ports the image or its caller declares. */
  readonly exposedPorts: readonly number[];
}

/** One line of a container list. */
export interface ListedContainer {
  readonly id: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly status: string;
}

/** Something that happened to a container. */
export interface EngineEvent {
  readonly containerId: string;
  /** Such as `start`, `die`, `connect`. */
  readonly action: string;
  /** Seconds since the epoch. */
  readonly time: number;
  /** The container's labels and more, as far as the event carries them. */
  readonly attributes: Readonly<Record<string, string>>;
}

type Json = Readonly<Record<string, unknown>>;

/** Parses JSON. Throws a DockerError `answer` that names the path. */
export function parseJson(body: string, path: string): unknown {
  try {
    return JSON.parse(body);
  } catch (cause) {
    throw new DockerError("answer", `The engine's answer to ${path} is no JSON`, { cause });
  }
}

/** Reads the answer to `/containers/json`. Throws a DockerError `answer`. */
export function readList(value: unknown): readonly ListedContainer[] {
  if (!Array.isArray(value)) throw new DockerError("answer", "The engine's list of containers is none");
  return value.map((entry: unknown) => {
    const fields = object(entry);
    const id = text(fields["Id"]);
    if (id === "") throw new DockerError("answer", "The engine lists a container without an id");
    return { id, labels: texts(fields["Labels"]), status: text(fields["State"]) };
  });
}

/** Reads the answer to `/containers/{id}/json`. Throws a DockerError `answer` when it is no container. */
export function readContainer(value: unknown): Container {
  const fields = object(value);
  const id = text(fields["Id"]);
  if (id === "") throw new DockerError("answer", "The engine describes a container without an id");
  const state = object(fields["State"]);
  const config = object(fields["Config"]);
  const settings = object(fields["NetworkSettings"]);
  return {
    id,
    name: text(fields["Name"]).replace(/^\//, ""),
    image: text(config["Image"]),
    labels: texts(config["Labels"]),
    status: text(state["Status"]),
    pid: count(state["Pid"]),
    startedAt: text(state["StartedAt"]),
    health: text(object(state["Health"])["Status"]),
    restarts: count(fields["RestartCount"]),
    networkMode: text(object(fields["HostConfig"])["NetworkMode"]),
    sandboxKey: text(settings["SandboxKey"]),
    networks: Object.entries(object(settings["Networks"])).map(([name, entry]) => {
      const network = object(entry);
      return { name, ipv4: text(network["IPAddress"]), ipv6: text(network["GlobalIPv6Address"]) };
    }),
    exposedPorts: Object.keys(object(config["ExposedPorts"])).flatMap((port) => {
      const [, number] = /^(\d{1,5})\/tcp$/.exec(port) ?? [];
      return number === undefined ? [] : [Number(number)];
    }),
  };
}

/** Reads one event; undefined for one that is about no container. Throws a DockerError `answer` for what is no event. */
export function readEvent(value: unknown): EngineEvent | undefined {
  const fields = object(value);
  const actor = object(fields["Actor"]);
  const action = text(fields["Action"]);
  if (action === "") throw new DockerError("answer", "The engine sent something that is no event");
  const attributes = texts(actor["Attributes"]);
  const type = text(fields["Type"]);
  const containerId = type === "container" ? text(actor["ID"]) : (attributes["container"] ?? "");
  if (containerId === "") return undefined;
  return { containerId, action, time: count(fields["time"]), attributes };
}

function object(value: unknown): Json {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function count(value: unknown): number {
  return typeof value === "number" && Number.isSafeInteger(value) && value > 0 ? value : 0;
}

function texts(value: unknown): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(object(value)).map(([key, entry]) => [key, text(entry)]));
}
