import type { Random } from "@ambit/base/random.ts";
import type { AcceptedSocket, ByteSocket, ConnectOptions, SocketAddress } from "@ambit/io/driver.ts";
import type { Workload } from "@ambit/model/workload.ts";
import { workloadIdentity } from "@ambit/model/workload-identity.ts";
import type { MeshStore } from "@ambit/store/mesh-store.ts";
import { resolveOutbound } from "@ambit/store/outbound.ts";
import type {
  DoubleHboneDecision,
  HboneDecision,
  OutboundDecision,
  ResolveDecision,
  WaypointDecision,
} from "@ambit/store/outbound-decision.ts";
import type { Relay, RelayEvents } from "@ambit/transport/relay.ts";
import type { AccessLog } from "./access-log.ts";
import type { Certificates, LoadedIdentity } from "./certificates.ts";
import type { ConnectionFacts } from "./connection-facts.ts";
import type { Connections, OpenConnection } from "./connections.ts";
import type { DoubleTunnelJob } from "./double-tunnel.ts";
import type { HeldSocket, HoldingArea } from "./held-socket.ts";
import type { LocalWorkloads } from "./local-workloads.ts";
import type { Pod } from "./pod.ts";
import { relayOutcome } from "./relay-outcome.ts";
import type { TunnelHeaders } from "./tunnel-headers.ts";
import type { TcpRelay, TunnelPool } from "./tunnels.ts";

export interface OutboundOptions {
  readonly mark: number;
  readonly onDemand: boolean;
}

export interface OutboundDeps {
  readonly random: Random;
  readonly store: MeshStore;
  readonly local: LocalWorkloads;
  readonly certificates: Certificates;
  readonly connections: Connections;
  readonly accessLog: AccessLog;
  readonly holding: HoldingArea;
  readonly headers: TunnelHeaders;
  readonly relayTcp: TcpRelay;
  readonly doubleTunnel: DoubleTunnel;
  /** Asks discovery for a key; calls back when it was answered. */
  readonly askFor: (key: string, answered: () => void) => void;
  /** Addresses of a hostname by the node's resolver; empty when there are none. */
  readonly lookup: (hostname: string, done: (ips: readonly string[]) => void) => void;
}

/** Carries one connection through a tunnel inside a tunnel. */
export type DoubleTunnel = (job: DoubleTunnelJob, downstream: ByteSocket, events: RelayEvents) => Relay;

type TunnelDecision = HboneDecision | WaypointDecision | DoubleHboneDecision;

/** One captured connection on its way. */
interface Attempt {
  readonly held: HeldSocket;
  readonly source: Workload;
  readonly destination: SocketAddress;
  /** Whether discovery was asked already. */
  readonly asked: boolean;
}

/**
 * Captured outbound connections of one pod: decides by the table of ambient.md 5.1 and carries the bytes. A connection
 * waits in the kernel until its workload and its certificate are there; it is never sent in plaintext instead.
 */
export class Outbound {
  readonly #pod: Pod;
  readonly #pool: TunnelPool;
  readonly #options: OutboundOptions;
  readonly #deps: OutboundDeps;

  constructor(pod: Pod, pool: TunnelPool, options: OutboundOptions, deps: OutboundDeps) {
    this.#pod = pod;
    this.#pool = pool;
    this.#options = options;
    this.#deps = deps;
  }

  /** Takes a connection over. */
  accept(socket: AcceptedSocket): void {
    // Without a redirect the destination is ourselves: the table's first row refuses that.
    const destination = socket.originalDestination ?? socket.local;
    const held = this.#deps.holding.hold(socket);
    if (held === undefined) return;
    this.#deps.local.whenKnown(this.#pod, (source) => {
      if (source === undefined) this.#refuse(held, destination, "the local workload is not known yet");
      else this.#decide({ held, source, destination, asked: false });
    });
  }

  #decide(attempt: Attempt): void {
    const { held, source, destination } = attempt;
    if (held.gone) return;
    const origin = { workload: source, ip: held.socket.remote.ip };
    this.#follow(
      attempt,
      resolveOutbound(this.#deps.store, origin, destination, { random: this.#deps.random }),
    );
  }

  #follow(attempt: Attempt, decision: OutboundDecision): void {
    const { held, destination } = attempt;
    if (
      "missingKey" in decision &&
      decision.missingKey !== undefined &&
      this.#options.onDemand &&
      !attempt.asked
    ) {
      this.#deps.askFor(decision.missingKey, () => this.#decide({ ...attempt, asked: true }));
      return;
    }
    switch (decision.kind) {
      case "refuse":
        this.#refuse(held, destination, decision.message);
        return;
      case "fail":
        this.#open(attempt, decision, destination).end("CONNECT", decision.message);
        held.close();
        return;
      case "passthrough":
      case "tcp":
        this.#plain(attempt, decision);
        return;
      case "resolve":
        this.#resolve(attempt, decision);
        return;
      case "hbone":
      case "waypoint":
      case "double-hbone":
        this.#withCertificate(attempt, decision);
    }
  }

  #refuse(held: HeldSocket, destination: SocketAddress, error: string): void {
    if (held.gone) return;
    this.#deps.accessLog.refused({ source: held.socket.remote, destination, direction: "outbound", error });
    held.close();
  }

  #resolve(attempt: Attempt, decision: ResolveDecision): void {
    this.#deps.lookup(decision.hostname, (ips) => {
      const family = ips.filter((ip) => ip.includes(":") === decision.preferV6);
      const choices = family.length > 0 ? family : ips;
      const ip = choices[this.#deps.random.below(choices.length)];
      if (attempt.held.gone) return;
      if (ip !== undefined) {
        this.#follow(attempt, decision.complete(ip));
        return;
      }
      const error = `no address for ${decision.hostname}`;
      this.#open(attempt, decision, attempt.destination).end("CONNECT", error);
      attempt.held.close();
    });
  }

  #plain(attempt: Attempt, decision: OutboundDecision & { kind: "passthrough" | "tcp" }): void {
    const { held } = attempt;
    if (!held.release()) return;
    const connection = this.#open(attempt, decision, decision.target);
    const relay = this.#deps.relayTcp(held.socket, this.#connectOptions(decision.target), events(connection));
    connection.attach(relay);
  }

  #withCertificate(attempt: Attempt, decision: TunnelDecision): void {
    const { held, source } = attempt;
    this.#deps.certificates.whenReady(workloadIdentity(source), (loaded, error) => {
      if (held.gone) return;
      const connection = this.#open(attempt, decision, decision.target);
      if (loaded !== undefined) this.#tunnel(attempt, decision, loaded, connection);
      else {
        connection.end("IDENTITY_ERROR", `no identity to connect with: ${error}`);
        held.close();
      }
    });
  }

  #tunnel(
    attempt: Attempt,
    decision: TunnelDecision,
    loaded: LoadedIdentity,
    connection: OpenConnection,
  ): void {
    const { held, source } = attempt;
    const client = held.socket.remote;
    if (!held.release()) {
      connection.end("-", undefined);
      return;
    }
    const { expectedIdentities, target, authority } = decision;
    const headers = this.#deps.headers.request(source, client, decision.service);
    const connect = this.#connectOptions(target);
    const { context } = loaded;
    // The contract's key (ambient.md 4.6): identity, expected names, destination, source address.
    const key = `${loaded.identity}|${expectedIdentities.join(",")}|${target.ip}|${target.port}|${client.ip}`;
    if (decision.kind === "double-hbone") {
      const inner = {
        expectedIdentities: decision.innerIdentities,
        headers: [...headers, ["x-forwarded-network", source.network] as const],
      };
      const job = { authority, context, outer: { key, expectedIdentities, connect, headers }, inner };
      connection.attach(this.#deps.doubleTunnel(job, held.socket, events(connection)));
      return;
    }
    const destination = { key, expectedIdentities, context, connect };
    const relay = this.#pool.open(destination, { authority, headers }, held.socket, events(connection));
    connection.attach(relay);
  }

  #connectOptions(target: SocketAddress): ConnectOptions {
    return {
      ip: target.ip,
      port: target.port,
      namespaceFd: this.#pod.namespaceFd,
      mark: this.#options.mark,
    };
  }

  #open(attempt: Attempt, decision: OutboundDecision, target: SocketAddress): OpenConnection {
    const isTunnel =
      decision.kind === "hbone" || decision.kind === "waypoint" || decision.kind === "double-hbone";
    const facts: ConnectionFacts = {
      direction: "outbound",
      source: attempt.source,
      derivedSource: undefined,
      sourceIdentity: isTunnel ? workloadIdentity(attempt.source) : undefined,
      destination: "workload" in decision ? decision.workload : undefined,
      destinationIdentity: isTunnel ? decision.expectedIdentities[0] : undefined,
      service: decision.service,
      sourceAddress: attempt.held.socket.remote,
      destinationAddress: target,
      tunnelTarget: isTunnel ? decision.authority : undefined,
      originalAddress: attempt.destination,
    };
    const connection = this.#deps.connections.open(this.#pod, facts);
    connection.onCut((detail) => {
      connection.end("-", detail);
      attempt.held.close();
    });
    return connection;
  }
}

function events(connection: OpenConnection): RelayEvents {
  return {
    onEstablished: () => undefined,
    onEnd: (end) => {
      const { flag, error } = relayOutcome(end);
      connection.end(flag, error);
    },
  };
}
