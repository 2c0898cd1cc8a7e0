import { parseIp } from "@ambit/base/ip.ts";
import type { AcceptedSocket } from "@ambit/io/driver.ts";
import { evaluate } from "@ambit/policy/rbac-l4.ts";
import { resolveInboundPlaintext } from "@ambit/store/inbound.ts";
import type { MeshStore } from "@ambit/store/mesh-store.ts";
import type { AccessLog } from "./access-log.ts";
import type { ConnectionFacts } from "./connection-facts.ts";
import type { Connections } from "./connections.ts";
import type { Dialer } from "./dialer.ts";
import type { HeldSocket, HoldingArea } from "./held-socket.ts";
import { servedBy } from "./inbound-facts.ts";
import type { LocalWorkloads } from "./local-workloads.ts";
import type { Pod } from "./pod.ts";
import { relayOutcome } from "./relay-outcome.ts";
import type { TcpRelay } from "./tunnels.ts";

export interface InboundPassthroughDeps {
  readonly store: MeshStore;
  readonly local: LocalWorkloads;
  readonly connections: Connections;
  readonly accessLog: AccessLog;
  readonly holding: HoldingArea;
  readonly dialer: Dialer;
  readonly relayTcp: TcpRelay;
}

/** Plaintext connections to one pod: policy is asked with no identity, then bytes go to the original destination. */
export class InboundPassthrough {
  readonly #pod: Pod;
  readonly #network: string;
  readonly #deps: InboundPassthroughDeps;

  constructor(pod: Pod, network: string, deps: InboundPassthroughDeps) {
    this.#pod = pod;
    this.#network = network;
    this.#deps = deps;
  }

  /** Takes a connection over. */
  accept(socket: AcceptedSocket): void {
    const held = this.#deps.holding.hold(socket);
    if (held === undefined) return;
    this.#deps.local.whenKnown(this.#pod, () => {
      if (!held.gone) this.#decide(socket, held);
    });
  }

  #decide(socket: AcceptedSocket, held: HeldSocket): void {
    const destination = socket.originalDestination ?? socket.local;
    const target = resolveInboundPlaintext(this.#pod.workload, destination);
    const sourceIp = parseIp(socket.remote.ip);
    const destinationIp = parseIp(destination.ip);
    if (target.kind === "refuse" || sourceIp === undefined || destinationIp === undefined) {
      const error = target.kind === "refuse" ? target.message : "the addresses cannot be read";
      this.#deps.accessLog.refused({ source: socket.remote, destination, direction: "inbound", error });
      held.close();
      return;
    }
    const { workload } = target;
    const subject = { sourceIp, destinationIp, destinationPort: destination.port, identity: undefined };
    const decision = evaluate(this.#deps.store.policiesFor(workload), subject);
    const facts: ConnectionFacts = {
      direction: "inbound",
      source: this.#deps.store.workloadAt(this.#network, socket.remote.ip),
      derivedSource: undefined,
      sourceIdentity: undefined,
      destination: workload,
      destinationIdentity: undefined,
      service: servedBy(this.#deps.store, workload, destination.port, undefined),
      sourceAddress: socket.remote,
      destinationAddress: destination,
      tunnelTarget: undefined,
      originalAddress: destination,
    };
    const connection = this.#deps.connections.open(this.#pod, facts, { subject, peerCertificate: undefined });
    if (!decision.allow) {
      connection.end("DENY", `policy rejection: ${decision.message}`);
      held.close();
      return;
    }
    if (!held.release()) {
      connection.end("-", undefined);
      return;
    }
    const options = this.#deps.dialer.options(this.#pod, target.connect, socket.remote.ip);
    const relay = this.#deps.relayTcp(socket, options, {
      onEstablished: () => undefined,
      onEnd: (end) => {
        const { flag, error } = relayOutcome(end);
        connection.end(flag, error);
      },
    });
    connection.attach(relay);
  }
}
