import { PORTS } from "@ambit/contract/ports.ts";
import type { AcceptedSocket, Driver, Listener, ListenOptions, SocketAddress } from "@ambit/io/driver.ts";
import { IoError } from "@ambit/io/io-error.ts";
import type { DataSettings } from "../messages.ts";
import type { DnsForwarder } from "./dns-forward.ts";
import type { DnsServer } from "./dns-server.ts";
import { DnsTcp } from "./dns-tcp.ts";
import { fitUdp } from "./dns-wire.ts";
import type { Inbound } from "./inbound.ts";
import type { InboundPassthrough } from "./inbound-passthrough.ts";
import type { Outbound } from "./outbound.ts";
import type { Pod } from "./pod.ts";
import type { TunnelPool } from "./tunnels.ts";

/** A bound UDP socket, as libs/io opens it. */
export interface UdpListener {
  sendTo(bytes: Uint8Array, to: SocketAddress): void;
  /** Leaves what comes next to another socket of the port; what waits already is still answered. */
  leave(): void;
  close(): void;
}

/** What serves one pod; made before any listener is open. */
export interface PodParts {
  readonly outbound: Outbound;
  readonly inbound: Inbound;
  readonly passthrough: InboundPassthrough;
  readonly pool: TunnelPool;
  readonly dns: DnsServer;
  readonly forwarder: DnsForwarder;
}

export interface PodProxyDeps {
  readonly driver: Driver;
  /** Sets what the proxy needs in the pod's namespace. */
  readonly prepareNamespace: (namespaceFd: number) => void;
  readonly openUdp: (
    options: ListenOptions,
    onDatagram: (bytes: Uint8Array, from: SocketAddress) => void,
  ) => Promise<UdpListener>;
}

/** The listen backlog of the contract (ambient.md 4.1). */
const BACKLOG = 1024;
const LOOPBACK = "127.0.0.1";

/** One pod's listeners, opened inside its namespace, and what stands behind them. */
export class PodProxy {
  readonly pod: Pod;
  readonly #settings: DataSettings;
  readonly #parts: PodParts;
  readonly #deps: PodProxyDeps;
  readonly #listeners: Listener[] = [];
  #dnsTcp: DnsTcp | undefined;
  #dnsUdp: UdpListener | undefined;

  constructor(pod: Pod, settings: DataSettings, parts: PodParts, deps: PodProxyDeps) {
    this.pod = pod;
    this.#settings = settings;
    this.#parts = parts;
    this.#deps = deps;
  }

  /** Opens every listener or none. Rejects with the IoError of the one that could not be opened. */
  async start(): Promise<void> {
    const { outbound, inbound, passthrough } = this.#parts;
    this.#deps.prepareNamespace(this.pod.namespaceFd);
    try {
      // The only accepted sockets whose other end is on this node for certain: the pod itself.
      this.#listen(PORTS.ztunnelOutbound, true, (socket) => outbound.accept(socket), {
        congestionControl: this.#settings.localCongestionControl,
      });
      this.#listen(PORTS.ztunnelInboundPlaintext, true, (socket) => passthrough.accept(socket));
      this.#listen(PORTS.hbone, false, (socket) => inbound.accept(socket));
      if (this.#settings.dnsProxy) await this.#startDns();
    } catch (thrown) {
      this.#closeListeners();
      this.#closeDns();
      throw thrown;
    }
  }

  /** No new connections and questions from now on; sessions are told to go. */
  drain(): void {
    this.#closeListeners();
    this.#dnsUdp?.leave();
    this.#parts.inbound.drain();
    this.#parts.pool.drain();
  }

  /** True while clients wait for something that no connection is counted for: a handshake, a forwarded question. */
  get busy(): boolean {
    return !this.#parts.inbound.idle || !this.#parts.forwarder.idle;
  }

  /** Ends what is left after a drain. */
  close(): void {
    this.#closeDns();
    this.#parts.inbound.close();
    this.#parts.pool.close();
  }

  /** The sessions it opened take no new tunnels: the pod has another certificate now. */
  retire(): void {
    this.#parts.pool.retire();
  }

  #closeListeners(): void {
    for (const listener of this.#listeners.splice(0)) listener.close();
  }

  #closeDns(): void {
    this.#dnsUdp?.close();
    this.#dnsUdp = undefined;
    this.#dnsTcp?.close();
    this.#dnsTcp = undefined;
    this.#parts.forwarder.close();
  }

  async #startDns(): Promise<void> {
    const { dns } = this.#parts;
    const tcp = new DnsTcp(this.#deps.driver, dns);
    this.#dnsTcp = tcp;
    const options = this.#socketOptions(LOOPBACK, PORTS.ztunnelDns);
    this.#listeners.push(this.#deps.driver.listen(options, (socket) => tcp.accept(socket)));
    this.#dnsUdp = await this.#deps.openUdp(options, (bytes, from) => {
      dns.handle(bytes, "udp", (answer, query) => this.#dnsUdp?.sendTo(fitUdp(query, answer), from));
    });
  }

  #listen(
    port: number,
    isRedirected: boolean,
    accept: (socket: AcceptedSocket) => void,
    more: Pick<ListenOptions, "congestionControl"> = {},
  ): void {
    const attempts = this.#settings.ipv6 ? ["::", "0.0.0.0"] : ["0.0.0.0"];
    let failure: unknown;
    for (const ip of attempts) {
      try {
        this.#listeners.push(this.#open({ ...this.#socketOptions(ip, port), ...more }, isRedirected, accept));
        return;
      } catch (thrown) {
        // A namespace without IPv6 refuses the dual-stack address; a port that is taken is taken in either family.
        if (thrown instanceof IoError && thrown.facts["errno"] === "EADDRINUSE") throw thrown;
        failure = thrown;
      }
    }
    throw failure;
  }

  // Whether a transparent listener can be made tells whether foreign source addresses can be used later on.
  #open(options: ListenOptions, isRedirected: boolean, accept: (socket: AcceptedSocket) => void): Listener {
    const { driver } = this.#deps;
    const full = { ...options, originalDestination: isRedirected };
    if (this.#settings.originalSource === "false") return driver.listen(full, accept);
    try {
      const listener = driver.listen({ ...full, transparent: true }, accept);
      this.pod.transparent = true;
      return listener;
    } catch (thrown) {
      if (this.#settings.originalSource === "true") throw thrown;
      this.pod.transparent = false;
      return driver.listen(full, accept);
    }
  }

  #socketOptions(ip: string, port: number): ListenOptions {
    const { mark, reusePort } = this.#settings;
    return { ip, port, namespaceFd: this.pod.namespaceFd, mark, reusePort, backlog: BACKLOG };
  }
}
