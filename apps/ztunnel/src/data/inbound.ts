import type { Clock } from "@ambit/base/clock.ts";
import { parseIp } from "@ambit/base/ip.ts";
import type { AcceptedSocket, ByteSocket, SocketAddress } from "@ambit/io/driver.ts";
import { parseSpiffeId, type SpiffeId } from "@ambit/model/spiffe-id.ts";
import { workloadIdentity } from "@ambit/model/workload-identity.ts";
import { evaluate } from "@ambit/policy/rbac-l4.ts";
import { resolveInbound, type InboundAccept } from "@ambit/store/inbound.ts";
import type { MeshStore } from "@ambit/store/mesh-store.ts";
import type { AccessLog } from "./access-log.ts";
import type { Certificates } from "./certificates.ts";
import type { ConnectionFacts } from "./connection-facts.ts";
import type { Connections, OpenConnection } from "./connections.ts";
import type { Dialer } from "./dialer.ts";
import type { HoldingArea } from "./held-socket.ts";
import { describeSource, servedBy } from "./inbound-facts.ts";
import type { LocalWorkloads } from "./local-workloads.ts";
import type { Pod } from "./pod.ts";
import { relayOutcome } from "./relay-outcome.ts";
import type { TunnelHeaders } from "./tunnel-headers.ts";
import type { InboundTunnel, TunnelServer } from "./tunnels.ts";

export interface InboundOptions {
  readonly network: string;
  readonly localhostAppTunnel: boolean;
}

export interface InboundDeps {
  readonly clock: Clock;
  readonly store: MeshStore;
  readonly local: LocalWorkloads;
  readonly certificates: Certificates;
  readonly connections: Connections;
  readonly accessLog: AccessLog;
  readonly holding: HoldingArea;
  readonly headers: TunnelHeaders;
  readonly dialer: Dialer;
}

/** A request that was found to be for this pod. */
interface Accepted {
  readonly tunnel: InboundTunnel;
  readonly target: InboundAccept;
  readonly identity: SpiffeId;
}

/**
 * HBONE connections to one pod, in the contract's order (ambient.md 4.5): parse, destination check, upstream choice,
 * authorization, TCP connect, 200, PROXY header, bytes.
 */
export class Inbound {
  readonly #pod: Pod;
  readonly #server: TunnelServer;
  readonly #options: InboundOptions;
  readonly #deps: InboundDeps;

  constructor(
    pod: Pod,
    serverFor: (onConnect: (tunnel: InboundTunnel) => void) => TunnelServer,
    options: InboundOptions,
    deps: InboundDeps,
  ) {
    this.#pod = pod;
    this.#options = options;
    this.#deps = deps;
    this.#server = serverFor((tunnel) => this.#onConnect(tunnel));
  }

  /** Takes a connection over: it waits until the pod's own certificate is there, then the handshake begins. */
  accept(socket: AcceptedSocket): void {
    const held = this.#deps.holding.hold(socket);
    if (held === undefined) return;
    const refuse = (error: string): void => {
      if (held.gone) return;
      const { remote: source, local: destination } = socket;
      this.#deps.accessLog.refused({ source, destination, direction: "inbound", error });
      held.close();
    };
    this.#deps.local.whenKnown(this.#pod, (workload) => {
      if (workload === undefined) {
        refuse("the local workload is not known yet");
        return;
      }
      this.#deps.certificates.whenReady(workloadIdentity(workload), (loaded, error) => {
        if (loaded === undefined) refuse(`no identity to serve with: ${error}`);
        else if (held.release()) this.#server.serve(socket, loaded.context, workload.trustDomain);
      });
    });
  }

  /** True when there is no session, handshakes included. */
  get idle(): boolean {
    return this.#server.idle;
  }

  /** GOAWAY on every session. */
  drain(): void {
    this.#server.drain();
  }

  /** Ends every session at once. */
  close(): void {
    this.#server.close();
  }

  #onConnect(tunnel: InboundTunnel): void {
    const { method, authority } = tunnel.head;
    const request = {
      method,
      authority: authority === "" ? undefined : authority,
      localIp: tunnel.local.ip,
    };
    const { localhostAppTunnel } = this.#options;
    const target = resolveInbound(this.#deps.store, this.#pod.workload, request, { localhostAppTunnel });
    if (target.kind === "refuse") {
      this.#early(tunnel, target.message);
      tunnel.refuse(target.status);
      return;
    }
    const identity = parseSpiffeId(tunnel.peer.identity);
    // Such a peer does not get this far (ambient.md 4.2), unless the workload has changed since its connection began.
    if (identity === undefined || identity.trustDomain !== target.workload.trustDomain) {
      this.#early(tunnel, "the peer's identity is not of this trust domain");
      tunnel.refuse(401);
      return;
    }
    this.#authorize({ tunnel, target, identity });
  }

  #early(tunnel: InboundTunnel, error: string): void {
    const { remote: source, local: destination } = tunnel;
    this.#deps.accessLog.refused({ source, destination, direction: "inbound", error });
  }

  #authorize(accepted: Accepted): void {
    const { tunnel, target, identity } = accepted;
    const { destination, workload } = target;
    const sourceIp = parseIp(tunnel.remote.ip);
    const destinationIp = parseIp(destination.ip);
    if (sourceIp === undefined || destinationIp === undefined) {
      tunnel.refuse(400);
      return;
    }
    const subject = { sourceIp, destinationIp, destinationPort: destination.port, identity };
    const decision = evaluate(this.#deps.store.policiesFor(workload), subject);
    const authority = { subject, peerCertificate: tunnel.peer.certificate };
    const connection = this.#deps.connections.open(this.#pod, this.#facts(accepted), authority);
    if (decision.allow) this.#connect(accepted, connection);
    else {
      connection.end("DENY", `policy rejection: ${decision.message}`);
      tunnel.refuse(401);
    }
  }

  #connect(accepted: Accepted, connection: OpenConnection): void {
    const { tunnel, target } = accepted;
    const dial = this.#deps.dialer.dial(
      this.#pod,
      target.connect,
      // Over loopback the application knows the client from the PROXY header alone.
      target.proxyDestination === undefined ? tunnel.remote.ip : undefined,
      {
        onConnected: (upstream) => this.#relay(accepted, connection, upstream),
        onFailed: (detail) => {
          connection.end("CONNECT", `connection failed: ${detail}`);
          tunnel.refuse(503);
        },
      },
    );
    connection.onCut((detail) => {
      dial.cancel();
      connection.end("-", detail);
      tunnel.refuse(connection.facts.direction === "inbound" ? 401 : 503);
    });
  }

  #relay(accepted: Accepted, connection: OpenConnection, upstream: ByteSocket): void {
    const { tunnel, target } = accepted;
    if (target.proxyDestination !== undefined) {
      const header = this.#deps.headers.proxy(tunnel.remote, target.proxyDestination, tunnel.peer.identity);
      if (!this.#deps.dialer.writeAll(upstream, header)) {
        upstream.reset();
        connection.end("CONNECT", "connection failed: the PROXY header cannot be written");
        tunnel.refuse(503);
        return;
      }
    }
    const relay = tunnel.accept(upstream, this.#deps.headers.response(target.workload), {
      onEstablished: () => undefined,
      onEnd: (end) => {
        const { flag, error } = relayOutcome(end);
        connection.end(flag, error);
      },
    });
    connection.attach(relay);
  }

  #facts({ tunnel, target }: Accepted): ConnectionFacts {
    const { store } = this.#deps;
    const source = describeSource(store, this.#options.network, tunnel);
    return {
      direction: "inbound",
      source: source.workload,
      derivedSource: source.derived,
      sourceIdentity: tunnel.peer.identity,
      destination: target.workload,
      destinationIdentity: workloadIdentity(target.workload),
      service:
        target.service ?? servedBy(store, target.workload, target.destination.port, source.forwardedHost),
      sourceAddress: source.address,
      destinationAddress: tunnel.local,
      tunnelTarget: hostPort(target.destination),
      originalAddress: tunnel.local,
    };
  }
}

function hostPort(address: SocketAddress): string {
  return address.ip.includes(":") ? `[${address.ip}]:${address.port}` : `${address.ip}:${address.port}`;
}
