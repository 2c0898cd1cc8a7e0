import { AgentError } from "../../agent-error.ts";

/** The bridge's own address: the control plane listens there. */
export const UNDERLAY_GATEWAY = "172.30.0.1";
export const UNDERLAY_PREFIX = 24;
/** IPv6 of the bridge. */
export const UNDERLAY_GATEWAY_6 = "fd00:172:30::1";
/** Address of the cluster's name service in every node's namespace. */
export const CLUSTER_DNS = "10.96.0.10";
/** First host number of the simulated nodes on the underlay. */
const FIRST_NODE_HOST = 11;
/** Host numbers of pods; 1 is the node's own end. */
const FIRST_POD_HOST = 2;
const LAST_POD_HOST = 254;

/** The addresses of one simulated node. */
export interface NodeAddresses {
  readonly name: string;
  /** Counted from 1; the third byte of the pods' addresses. */
  readonly number: number;
  readonly underlay: string;
  readonly underlay6: string;
  readonly podCidr: string;
  readonly podCidr6: string;
  /** The pods' default gateway, and the source of what the node itself sends to them. */
  readonly gateway: string;
  /** Links the node's namespace to the bridge; its end on the bridge. */
  readonly bridgePort: string;
  readonly netnsPath: string;
}

/** Addresses of every node, by the order of the names. */
export function planNodes(names: readonly string[]): readonly NodeAddresses[] {
  return names.map((name, index) => ({
    name,
    number: index + 1,
    underlay: `172.30.0.${FIRST_NODE_HOST + index}`,
    underlay6: `fd00:172:30::${FIRST_NODE_HOST + index}`,
    podCidr: `10.244.${index + 1}.0/24`,
    podCidr6: `fd00:10:244:${index + 1}::/64`,
    gateway: `10.244.${index + 1}.1`,
    bridgePort: `node${index + 1}`,
    netnsPath: `/run/netns/${name}`,
  }));
}

/** The place of one pod on its node. */
export interface PodAddresses {
  /** Unique on the node while the pod lives. */
  readonly host: number;
  readonly ip: string;
  readonly ip6: string;
}

/** Hands out the pod addresses of one node; a freed one is used again as late as possible. */
export class PodAddressPool {
  readonly #node: NodeAddresses;
  readonly #taken = new Set<number>();
  #last = FIRST_POD_HOST - 1;

  constructor(node: NodeAddresses) {
    this.#node = node;
  }

  /** Throws an AgentError `addresses` when the node is full. */
  allocate(): PodAddresses {
    const count = LAST_POD_HOST - FIRST_POD_HOST + 1;
    for (let step = 0; step < count; step++) {
      const host = FIRST_POD_HOST + ((this.#last - FIRST_POD_HOST + 1 + step) % count);
      if (this.#taken.has(host)) continue;
      this.#taken.add(host);
      this.#last = host;
      const { number } = this.#node;
      return { host, ip: `10.244.${number}.${host}`, ip6: `fd00:10:244:${number}::${host.toString(16)}` };
    }
    throw new AgentError("addresses", `Node ${this.#node.name} has no pod address left`, {
      facts: { limit: count },
      hint: "start the mesh with more nodes",
    });
  }

  release(host: number): void {
    this.#taken.delete(host);
  }
}
