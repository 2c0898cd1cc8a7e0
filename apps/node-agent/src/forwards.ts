import { chmodSync, mkdirSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { describeError } from "@ambit/base/errors.ts";
import type { Logger } from "@ambit/base/logger.ts";
import type { Forward } from "@ambit/contract/admin-api.ts";
import { AgentError } from "./agent-error.ts";
import { annotatedForwards, type ForwardSpec } from "./forward-spec.ts";
import { targetPort, type BackendPod, type ServiceView } from "./service-view.ts";

export interface ForwardsDeps {
  readonly logger: Logger;
  readonly views: () => readonly ServiceView[];
  readonly pods: () => readonly BackendPod[];
  /** Starts a connection from a node's namespace. */
  readonly connect: (node: string, ip: string, port: number) => Socket;
}

interface OpenForward {
  readonly spec: ForwardSpec;
  readonly server: Server;
  readonly socketPath: string;
}

/**
 * Publishes ports: one unix socket each, whose connections are carried to a ready pod from that pod's own node, as
 * plaintext from outside the mesh. Whoever is outside of the sandbox listens on the machine's loopback.
 */
export class Forwards {
  readonly #folder: string;
  readonly #configured: readonly ForwardSpec[];
  readonly #deps: ForwardsDeps;
  readonly #open = new Map<number, OpenForward>();
  readonly #reported = new Set<string>();
  #turn = 0;

  /** `folder` holds the sockets; `configured` are published whatever the manifests say. */
  constructor(folder: string, configured: readonly ForwardSpec[], deps: ForwardsDeps) {
    this.#folder = folder;
    this.#configured = configured;
    this.#deps = deps;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }

  /** Makes the published ports equal to what settings and annotations want now. */
  update(): void {
    const wanted = this.#wanted();
    for (const [hostPort, forward] of this.#open) {
      if (sameTarget(wanted.get(hostPort), forward.spec)) continue;
      forward.server.close();
      rmSync(forward.socketPath, { force: true });
      this.#open.delete(hostPort);
    }
    for (const [hostPort, spec] of wanted) if (!this.#open.has(hostPort)) this.#listen(spec);
  }

  list(): readonly Forward[] {
    return [...this.#open.values()].map(({ spec, socketPath }) => ({
      name: `${spec.namespace}-${spec.name}-${spec.hostPort}`,
      hostPort: spec.hostPort,
      socketPath,
      target: `${spec.name}.${spec.namespace}:${spec.port}`,
    }));
  }

  close(): void {
    for (const { server, socketPath } of this.#open.values()) {
      server.close();
      rmSync(socketPath, { force: true });
    }
    this.#open.clear();
  }

  #wanted(): ReadonlyMap<number, ForwardSpec> {
    const wanted = new Map<number, ForwardSpec>();
    for (const { service } of this.#deps.views()) {
      const { forwards, problems } = annotatedForwards(service);
      for (const spec of forwards) wanted.set(spec.hostPort, spec);
      for (const problem of problems)
        this.#report(`${service.metadata.namespace}/${service.metadata.name}`, problem);
    }
    for (const spec of this.#configured) wanted.set(spec.hostPort, spec);
    return wanted;
  }

  #report(service: string, problem: string): void {
    if (this.#reported.has(`${service} ${problem}`)) return;
    this.#reported.add(`${service} ${problem}`);
    this.#deps.logger.warn("a port cannot be published", { service, problem });
  }

  #listen(spec: ForwardSpec): void {
    const socketPath = join(this.#folder, `${spec.hostPort}.sock`);
    rmSync(socketPath, { force: true });
    const server = createServer({ allowHalfOpen: true }, (client) => this.#carry(client, spec));
    server.on("error", (error) =>
      this.#deps.logger.error("a port cannot be published", { error: error.message }),
    );
    server.listen(socketPath, () => chmodSync(socketPath, 0o600));
    this.#open.set(spec.hostPort, { spec, server, socketPath });
  }

  #carry(client: Socket, spec: ForwardSpec): void {
    client.on("error", () => client.destroy());
    try {
      const { node, ip, port } = this.#target(spec);
      const target = this.#deps.connect(node, ip, port);
      target.setNoDelay(true);
      target.on("error", () => client.destroy());
      client.on("close", () => target.destroy());
      target.on("close", () => client.destroy());
      client.pipe(target);
      target.pipe(client);
    } catch (thrown) {
      this.#deps.logger.debug("a published port has no target", { error: describeError(thrown) });
      client.destroy();
    }
  }

  /** The next ready pod. Throws an AgentError `forward` when there is none. */
  #target(spec: ForwardSpec): { readonly node: string; readonly ip: string; readonly port: number } {
    const turn = this.#turn++;
    const view = this.#deps
      .views()
      .find(
        ({ service: { metadata } }) => metadata.namespace === spec.namespace && metadata.name === spec.name,
      );
    const port = view?.service.spec.ports.find(
      (entry) => entry.port === spec.port || entry.name === spec.port,
    );
    const choices =
      view === undefined
        ? this.#deps.pods().filter((pod) => pod.namespace === spec.namespace && pod.name === spec.name)
        : view.backends;
    const pod = choices[turn % Math.max(1, choices.length)];
    const number = pod === undefined || port === undefined ? spec.port : targetPort(port, pod);
    const ip = pod?.ips[0];
    if (pod === undefined || ip === undefined || typeof number !== "number") {
      throw new AgentError("forward", `Nothing is ready behind ${spec.name}.${spec.namespace}:${spec.port}`);
    }
    return { node: pod.node, ip, port: number };
  }
}

function sameTarget(left: ForwardSpec | undefined, right: ForwardSpec): boolean {
  return left?.namespace === right.namespace && left.name === right.name && left.port === right.port;
}
