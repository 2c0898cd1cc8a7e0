import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";

type Json = Record<string, unknown>;

/** A container of the fake engine; everything but the id has a default. */
export interface FakeContainer {
  readonly id: string;
  readonly name?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly status?: string;
  readonly pid?: number;
  readonly startedAt?: string;
  readonly health?: string;
  readonly networkMode?: string;
  readonly sandboxKey?: string;
  readonly networks?: Readonly<Record<string, string>>;
  readonly exposed?: readonly number[];
}

/** A container engine on a real unix socket of its own folder, with exactly the calls the platform makes. */
export class FakeEngine {
  readonly socketPath: string;
  readonly requests: string[] = [];
  readonly containers = new Map<string, FakeContainer>();
  apiVersion = "1.41";
  /** Answers a request itself and returns true, or leaves it to the engine. */
  intercept: (request: IncomingMessage, response: ServerResponse) => boolean = () => false;
  readonly #folder = mkdtempSync(join(tmpdir(), "ambit-engine-"));
  readonly #streams = new Set<ServerResponse>();
  readonly #waiting: (() => void)[] = [];
  #server: Server | undefined;

  constructor() {
    this.socketPath = join(this.#folder, "engine.sock");
  }

  /** Event streams that are open. */
  get streams(): number {
    return this.#streams.size;
  }

  async start(): Promise<void> {
    const server = createServer((request, response) => this.#serve(request, response));
    this.#server = server;
    await new Promise<void>((resolve) => server.listen(this.socketPath, resolve));
  }

  /** Ends like a killed engine: every connection breaks and the socket answers nobody. */
  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeAllConnections();
    this.#streams.clear();
    await closed;
  }

  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Resolves when the next event stream is open. */
  nextStream(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Sends an event about a container to whoever follows. */
  emit(action: string, id: string, fields: Json = {}): void {
    const attributes = { ...this.containers.get(id)?.labels };
    this.write(
      `${JSON.stringify({ Type: "container", Action: action, Actor: { ID: id, Attributes: attributes }, time: 1_700_000_000, ...fields })}\n`,
    );
  }

  /** Writes to every event stream as it is. */
  write(text: string): void {
    for (const stream of this.#streams) stream.write(text);
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const url = request.url ?? "";
    this.requests.push(`${request.method} ${url}`);
    if (this.intercept(request, response)) return;
    const path = url.replace(/^\/v[\d.]+/, "").split("?")[0] ?? "";
    response.setHeader("Api-Version", this.apiVersion);
    const [, id] = /^\/containers\/([^/]+)\/json$/.exec(path) ?? [];
    if (path === "/_ping") response.end("OK");
    else if (path === "/events") this.#follow(response);
    else if (path === "/containers/json") answer(response, 200, [...this.containers.values()].map(listed));
    else if (id !== undefined) {
      const found = this.containers.get(id);
      if (found === undefined) answer(response, 404, { message: `No such container: ${id}` });
      else answer(response, 200, described(found));
    } else answer(response, 404, { message: "page not found" });
  }

  #follow(response: ServerResponse): void {
    this.#streams.add(response);
    response.once("close", () => this.#streams.delete(response));
    response.writeHead(200, { "content-type": "application/json" });
    response.flushHeaders();
    for (const run of this.#waiting.splice(0)) run();
  }
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}

function listed({ id, name = id, labels = {}, status = "running" }: FakeContainer): Json {
  return { Id: id, Names: [`/${name}`], Labels: labels, State: status };
}

function described(container: FakeContainer): Json {
  const { id, name = id, labels = {}, status = "running", pid = 100, networks = {} } = container;
  const { startedAt = "2026-01-01T00:00:00Z", health, networkMode = "app_default" } = container;
  return {
    Id: id,
    Name: `/${name}`,
    State: {
      Status: status,
      Pid: pid,
      StartedAt: startedAt,
      ...(health === undefined ? {} : { Health: { Status: health } }),
    },
    RestartCount: 0,
    HostConfig: { NetworkMode: networkMode },
    Config: {
      Image: "any/image",
      Labels: labels,
      ExposedPorts: Object.fromEntries((container.exposed ?? []).map((port) => [`${port}/tcp`, {}])),
    },
    NetworkSettings: {
      SandboxKey: container.sandboxKey ?? "",
      Networks: Object.fromEntries(
        Object.entries(networks).map(([network, ip]) => [network, { IPAddress: ip, GlobalIPv6Address: "" }]),
      ),
    },
  };
}
