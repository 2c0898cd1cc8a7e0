import { systemRandom, type Random } from "@ambit/base/random.ts";
import type { ConnectOptions, ListenOptions, Memory, SocketAddress } from "./driver.ts";
import { IoError, systemError } from "./io-error.ts";
import * as linux from "./linux.ts";
import { withNamespace } from "./netns.ts";
import { SOCKADDR_BYTES, decodeSocketAddress, encodeSocketAddress, familyOf } from "./sockaddr.ts";
import { SourcePorts } from "./source-ports.ts";
import type { Sys } from "./sys.ts";

const DEFAULT_BACKLOG = 1024;
/** Ports tried for a foreign source before the kernel chooses: the port of a listener is refused. */
const PORT_ATTEMPTS = 4;
/** IPv6's "any" address; a socket bound to it takes IPv4 as well. */
const ANY_IPV6 = "::";

/** What a socket is bound with, wherever it is made. */
export interface BindOptions {
  readonly ip: string;
  readonly port: number;
  readonly namespaceFd?: number;
  readonly reusePort?: boolean;
  readonly mark?: number;
  readonly transparent?: boolean;
}

const NOBODY: SocketAddress = { ip: "", port: 0 };

/** Makes and configures sockets by system calls. One for each thread: it has one piece of scratch memory. */
export class SocketMaker {
  readonly #sys: Sys;
  readonly #scratch: Memory;
  readonly #ports: SourcePorts;

  constructor(sys: Sys, random: Random = systemRandom) {
    this.#sys = sys;
    this.#ports = new SourcePorts(random);
    this.#scratch = sys.allocate(4096);
  }

  /** A listening TCP socket's descriptor. Throws an IoError. */
  listen(options: ListenOptions): number {
    const fd = this.bound(options, linux.SOCK_STREAM);
    // What a listener has set, its accepted sockets have.
    this.noDelay(fd);
    this.#congestionControl(fd, options.congestionControl);
    const result = this.#sys.listen(fd, options.backlog ?? DEFAULT_BACKLOG);
    if (result < 0) throw this.#abandon(fd, "listen", result, { ip: options.ip, port: options.port });
    return fd;
  }

  /** Makes a descriptor that came from elsewhere non-blocking, as all of ours are. Throws an IoError `socket`. */
  adopt(fd: number): number {
    const flags = this.#sys.control(fd, linux.F_GETFL, 0);
    const result = flags < 0 ? flags : this.#sys.control(fd, linux.F_SETFL, flags | linux.O_NONBLOCK);
    if (result < 0) throw systemError("fcntl", result, { fd });
    this.noDelay(fd);
    return fd;
  }

  /** A bound socket of `type` (SOCK_STREAM or SOCK_DGRAM). Throws an IoError. */
  bound(options: BindOptions, type: number): number {
    const family = familyOf(options.ip);
    const fd = this.#open(family, type, options.namespaceFd);
    const facts = { ip: options.ip, port: options.port };
    if (type === linux.SOCK_STREAM) this.#demand(fd, linux.SOL_SOCKET, linux.SO_REUSEADDR, 1, facts);
    if (options.reusePort === true) this.#demand(fd, linux.SOL_SOCKET, linux.SO_REUSEPORT, 1, facts);
    if (options.ip === ANY_IPV6) this.#demand(fd, linux.SOL_IPV6, linux.IPV6_V6ONLY, 0, facts);
    this.#applyMark(fd, family, options, facts);
    const length = encodeSocketAddress(this.#scratch.bytes, 0, options.ip, options.port);
    const result = this.#sys.bind(fd, this.#scratch, length);
    if (result < 0) throw this.#abandon(fd, "bind", result, facts);
    return fd;
  }

  /**
   * A TCP socket for a connection, configured and bound to its source, not yet connecting. A foreign source address
   * (`transparent`) gets a port of ours unless `portChoice` is "kernel". Throws an IoError.
   */
  unconnected(options: ConnectOptions, portChoice: "ours" | "kernel" = "ours"): number {
    const family = familyOf(options.ip);
    const fd = this.#open(family, linux.SOCK_STREAM, options.namespaceFd);
    const facts = { ip: options.ip, port: options.port };
    this.noDelay(fd);
    this.#congestionControl(fd, options.congestionControl);
    this.#applyMark(fd, family, options, facts);
    const { sourceIp } = options;
    if (sourceIp === undefined) return fd;
    if (options.transparent === true && portChoice === "ours" && this.#bindForeign(fd, sourceIp)) return fd;
    // The port is chosen at connect, by the whole connection: cheaper, and a port can serve several peers.
    this.setNumber(fd, linux.SOL_IP, linux.IP_BIND_ADDRESS_NO_PORT, 1);
    const length = encodeSocketAddress(this.#scratch.bytes, 0, sourceIp, 0);
    const result = this.#sys.bind(fd, this.#scratch, length);
    if (result < 0) throw this.#abandon(fd, "bind", result, { sourceIp });
    return fd;
  }

  /** Binds to somebody else's address at the next free port of ours; false when none of a few was free. */
  #bindForeign(fd: number, sourceIp: string): boolean {
    this.setNumber(fd, linux.SOL_SOCKET, linux.SO_REUSEADDR, 1);
    for (let attempt = 0; attempt < PORT_ATTEMPTS; attempt++) {
      const length = encodeSocketAddress(this.#scratch.bytes, 0, sourceIp, this.#ports.next());
      if (this.#sys.bind(fd, this.#scratch, length) === 0) return true;
    }
    return false;
  }

  /** Starts the connection of a socket from `unconnected`; -EINPROGRESS is the ordinary answer. */
  connect(fd: number, ip: string, port: number): number {
    return this.#sys.connect(fd, this.#scratch, encodeSocketAddress(this.#scratch.bytes, 0, ip, port));
  }

  /** The connection stands: over loopback it does when `connect` returns, whatever that answers. */
  isConnected(fd: number): boolean {
    return this.#sys.peerAddress(fd, this.#scratch) >= 0;
  }

  /** Accepts one connection: its descriptor and its peer, or -errno. */
  accept(listener: number): { fd: number; remote: SocketAddress } {
    const fd = this.#sys.accept(listener, this.#scratch, linux.SOCK_NONBLOCK_CLOEXEC);
    return { fd, remote: fd < 0 ? NOBODY : (decodeSocketAddress(this.#scratch.bytes, 0) ?? NOBODY) };
  }

  /** Our own address; an empty one when the kernel has none to tell. */
  localAddress(fd: number): SocketAddress {
    if (this.#sys.localAddress(fd, this.#scratch) < 0) return NOBODY;
    return decodeSocketAddress(this.#scratch.bytes, 0) ?? NOBODY;
  }

  /**
   * Where the peer of a socket that was accepted at `listenerPort` wanted to go before a redirect; undefined when there
   * was none. `socket` is asked for its own address only when the port does not tell.
   */
  originalDestination(
    fd: number,
    remote: SocketAddress,
    listenerPort: number,
    socket: { readonly local: SocketAddress },
  ): SocketAddress | undefined {
    const level = remote.ip.includes(":") ? linux.SOL_IPV6 : linux.SOL_IP;
    const name = level === linux.SOL_IP ? linux.SO_ORIGINAL_DST : linux.IP6T_SO_ORIGINAL_DST;
    if (this.#sys.getOption(fd, level, name, this.#scratch, SOCKADDR_BYTES) < 0) return undefined;
    const found = decodeSocketAddress(this.#scratch.bytes, 0);
    if (found === undefined || found.port !== listenerPort) return found;
    return found.ip === socket.local.ip ? undefined : found;
  }

  /** Sends small writes at once. */
  noDelay(fd: number): void {
    this.setNumber(fd, linux.IPPROTO_TCP, linux.TCP_NODELAY, 1);
  }

  /** Makes room for `bytes` of datagrams that wait; without CAP_NET_ADMIN only as far as the system allows anybody. */
  receiveRoom(fd: number, bytes: number): void {
    if (this.setNumber(fd, linux.SOL_SOCKET, linux.SO_RCVBUFFORCE, bytes) < 0)
      this.setNumber(fd, linux.SOL_SOCKET, linux.SO_RCVBUF, bytes);
  }

  // A wish: where the algorithm is not loaded or not allowed, the host's own does.
  #congestionControl(fd: number, name: string | undefined): void {
    if (name === undefined) return;
    const length = this.#scratch.bytes.write(name, 0, "latin1");
    this.#sys.setOption(fd, linux.IPPROTO_TCP, linux.TCP_CONGESTION, this.#scratch, length);
  }

  /** Makes the next close send RST. */
  abortOnClose(fd: number): void {
    this.#scratch.bytes.writeInt32LE(1, 0);
    this.#scratch.bytes.writeInt32LE(0, 4);
    this.#sys.setOption(fd, linux.SOL_SOCKET, linux.SO_LINGER, this.#scratch, 8);
  }

  /** The error a connection attempt ended with, as a positive errno; 0 when it succeeded. */
  takeError(fd: number): number {
    const result = this.#sys.getOption(fd, linux.SOL_SOCKET, linux.SO_ERROR, this.#scratch, 4);
    return result < 0 ? -result : this.#scratch.bytes.readInt32LE(0);
  }

  /** Sets an int option; 0 or -errno. */
  setNumber(fd: number, level: number, name: number, value: number): number {
    this.#scratch.bytes.writeInt32LE(value, 0);
    return this.#sys.setOption(fd, level, name, this.#scratch, 4);
  }

  #open(family: number, type: number, namespaceFd: number | undefined): number {
    const make = (): number => this.#sys.socket(family, type | linux.SOCK_NONBLOCK_CLOEXEC);
    const fd = namespaceFd === undefined ? make() : withNamespace(namespaceFd, make);
    if (fd < 0) throw systemError("socket", fd);
    return fd;
  }

  #applyMark(
    fd: number,
    family: number,
    options: { mark?: number; transparent?: boolean },
    facts: Record<string, unknown>,
  ): void {
    if (options.mark !== undefined) this.#demand(fd, linux.SOL_SOCKET, linux.SO_MARK, options.mark, facts);
    if (options.transparent !== true) return;
    if (family === linux.AF_INET) this.#demand(fd, linux.SOL_IP, linux.IP_TRANSPARENT, 1, facts);
    else this.#demand(fd, linux.SOL_IPV6, linux.IPV6_TRANSPARENT, 1, facts);
  }

  #demand(fd: number, level: number, name: number, value: number, facts: Record<string, unknown>): void {
    const result = this.setNumber(fd, level, name, value);
    if (result < 0) throw this.#abandon(fd, "setsockopt", result, { ...facts, level, name });
  }

  #abandon(fd: number, call: string, result: number, facts: Record<string, unknown>): IoError {
    this.#sys.close(fd);
    return systemError(call, result, facts);
  }
}
