import { connect, type Socket } from "node:net";
import { withNamespace } from "@ambit/io/netns.ts";

/** A connection to be made from inside a network namespace. */
export interface NamespaceConnect {
  /** Descriptor of the namespace; undefined for the agent's own. */
  readonly namespaceFd: number | undefined;
  readonly ip: string;
  readonly port: number;
  /** Source address; the kernel chooses when left out. */
  readonly sourceIp?: string;
}

/**
 * Starts a TCP connection from inside a network namespace; events follow as for any socket of node:net.
 *
 * Node makes a socket's descriptor when it starts to connect, in the same turn in which the name lookup answers.
 * So the lookup is ours: it answers with the address while the thread is inside the namespace, and nothing else is.
 */
export function connectInNamespace(target: NamespaceConnect): Socket {
  const { namespaceFd, ip, port, sourceIp } = target;
  const source = sourceIp === undefined ? {} : { localAddress: sourceIp };
  if (namespaceFd === undefined) return connect({ host: ip, port, allowHalfOpen: true, ...source });
  return connect({
    host: "target.in.namespace",
    port,
    allowHalfOpen: true,
    autoSelectFamily: false,
    lookup: (_host, _options, answer) => {
      withNamespace(namespaceFd, () => answer(null, ip, ip.includes(":") ? 6 : 4));
    },
    ...source,
  });
}
