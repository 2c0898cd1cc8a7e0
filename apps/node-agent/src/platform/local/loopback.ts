import { PodAddressPool, type NodeAddresses } from "./address-plan.ts";
import type { Sandbox } from "./pod-sandbox.ts";

/** Why a loopback mesh is no mesh; said once, loudly. */
export const LOOPBACK_NOTICE =
  "plain loopback: processes run on loopback addresses of this machine, WITHOUT capture, mutual TLS, policy or names of services";

/** A pod without namespaces: an address of 127.0.0.0/8 that its process is asked (by HOST) to listen on. */
export function loopbackSandbox(node: NodeAddresses, pool: PodAddressPool): Sandbox {
  const { host } = pool.allocate();
  return {
    netnsPath: "",
    holderPid: 0,
    ips: [`127.244.${node.number}.${host}`],
    // A shell changes the folder and is then replaced, so that the process keeps its id.
    enter: (command, cwd) => ["sh", "-c", 'cd "$0" && exec "$@"', cwd, ...command],
    remove: async () => pool.release(host),
  };
}
