import { UdpSocket } from "@ambit/io/udp.ts";
import type { Clock, Timer } from "@ambit/base/clock.ts";
import { describeError } from "@ambit/base/errors.ts";
import type { Logger } from "@ambit/base/logger.ts";
import type { Service } from "@ambit/kube/resources/service.ts";
import { ClusterDns } from "./cluster-dns.ts";
import { inNamespace, runCommand } from "./command.ts";
import { CLUSTER_DNS, type NodeAddresses } from "./platform/local/address-plan.ts";
import { serviceRules } from "./service-rules.ts";
import { ServiceAddresses, viewServices, type BackendPod, type ServiceView } from "./service-view.ts";

/** Several changes within this time become one load of rules. */
const SETTLE_MS = 20;

export interface ServiceNetworkDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly services: () => readonly Service[];
  readonly pods: () => readonly BackendPod[];
  /** Descriptor of a node's network namespace. */
  readonly nodeNamespace: (node: string) => number | undefined;
  /** Called after `views` changed. */
  readonly onViews: () => void;
}

/**
 * What kube-proxy and the cluster's name service do in every node's namespace, for pods outside the mesh. Captured pods
 * need neither: their node proxy resolves names and virtual addresses itself.
 */
export class ServiceNetwork {
  readonly #nodes: readonly NodeAddresses[];
  readonly #ipv6: boolean;
  readonly #hasNamespaces: boolean;
  readonly #deps: ServiceNetworkDeps;
  readonly #addresses = new ServiceAddresses();
  readonly #dns: ClusterDns;
  readonly #sockets: UdpSocket[] = [];
  #views: readonly ServiceView[] = [];
  #timer: Timer | undefined;
  #loaded = "";
  #loading: Promise<void> = Promise.resolve();

  constructor(
    options: {
      /** Without namespaces there is nothing to load rules into and nowhere to answer names. */
      readonly hasNamespaces: boolean;
      readonly nodes: readonly NodeAddresses[];
      readonly ipv6: boolean;
      readonly clusterDomain: string;
    },
    deps: ServiceNetworkDeps,
  ) {
    this.#nodes = options.nodes;
    this.#hasNamespaces = options.hasNamespaces;
    this.#ipv6 = options.ipv6;
    this.#deps = deps;
    this.#dns = new ClusterDns(options.clusterDomain);
  }

  /** Services as they were at the last change. */
  get views(): readonly ServiceView[] {
    return this.#views;
  }

  /** Starts to answer names on every node; the nodes' namespaces are there. */
  async start(): Promise<void> {
    for (const node of this.#nodes) {
      const namespaceFd = this.#deps.nodeNamespace(node.name);
      if (namespaceFd === undefined) continue;
      const socket: UdpSocket = await UdpSocket.open(
        { ip: CLUSTER_DNS, port: 53, namespaceFd },
        (bytes, from) => {
          const answer = this.#dns.respond(bytes);
          if (answer !== undefined) socket.sendTo(answer, from);
        },
      );
      this.#sockets.push(socket);
    }
    this.changed();
  }

  /** Services or pods changed. */
  changed(): void {
    if (this.#timer !== undefined) return;
    this.#timer = this.#deps.clock.after(SETTLE_MS, () => {
      this.#timer = undefined;
      this.#update();
    });
  }

  stop(): void {
    this.#timer?.cancel();
    for (const socket of this.#sockets.splice(0)) socket.close();
  }

  #update(): void {
    this.#views = viewServices(this.#deps.services(), this.#deps.pods(), this.#addresses);
    this.#dns.update(this.#views);
    this.#deps.onViews();
    const rules = serviceRules(this.#views, this.#ipv6);
    if (rules === this.#loaded || !this.#hasNamespaces) return;
    this.#loaded = rules;
    this.#loading = this.#loading.then(() => this.#load(rules));
  }

  async #load(rules: string): Promise<void> {
    for (const node of this.#nodes) {
      try {
        await runCommand(inNamespace(node.netnsPath, ["nft", "-f", "-"]), rules);
      } catch (thrown) {
        this.#loaded = "";
        this.#deps.logger.error("service rules cannot be loaded", {
          node: node.name,
          error: describeError(thrown),
        });
      }
    }
  }
}
