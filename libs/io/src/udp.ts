import { createSocket } from "node:dgram";
import type { Socket } from "node:dgram";
import { formatIp, parseIp } from "@ambit/base/ip.ts";
import type { SocketAddress } from "./driver.ts";
import { IoError } from "./io-error.ts";
import { AF_INET6, SOCK_DGRAM } from "./linux.ts";
import { familyOf } from "./sockaddr.ts";
import { SocketMaker } from "./socket-maker.ts";
import type { BindOptions } from "./socket-maker.ts";
import { createSys, ffiSockets } from "./sys.ts";

/** Nobody's source port (RFC 863). */
const DISCARD_PORT = 9;

/**
 * Room for some 5,000 small datagrams while the thread is busy: whoever lost a question to a full queue would ask again
 * only after 5 s (resolv.conf's own timeout).
 */
const RECEIVE_ROOM_BYTES = 4 * 1024 * 1024;

export type UdpOptions = BindOptions;

/** Called with each datagram; `bytes` may be kept. */
export type DatagramHandler = (bytes: Uint8Array, from: SocketAddress) => void;

function bind(options: UdpOptions): number {
  const maker = new SocketMaker(createSys());
  const fd = maker.bound(options, SOCK_DGRAM);
  maker.receiveRoom(fd, RECEIVE_ROOM_BYTES);
  return fd;
}

/**
 * A bound UDP socket, made in a namespace and with the options Node lacks, then given to node:dgram. It works on the
 * ordinary event loop and beside the engine, whose loop wakes for the ordinary one.
 */
export class UdpSocket {
  readonly local: SocketAddress;
  readonly #socket: Socket;
  readonly #fd: number;
  readonly #mapped: boolean;

  private constructor(socket: Socket, fd: number, local: SocketAddress, mapped: boolean) {
    this.#socket = socket;
    this.#fd = fd;
    this.local = local;
    this.#mapped = mapped;
  }

  /**
   * Resolves once datagrams can arrive. Rejects with an IoError: `address`, `socket` when it cannot be bound,
   * `namespace`, or `unsupported` when an option needs FFI that is not there.
   */
  static async open(options: UdpOptions, onDatagram: DatagramHandler): Promise<UdpSocket> {
    const ipv6 = familyOf(options.ip) === AF_INET6;
    const native = ffiSockets();
    const special =
      options.namespaceFd !== undefined || options.mark !== undefined || options.transparent === true;
    if (special && !native.available) {
      throw new IoError("unsupported", "This UDP socket needs native calls", {
        facts: { reason: native.reason },
      });
    }
    const fd = native.available ? bind(options) : -1;
    const socket = createSocket({
      type: ipv6 ? "udp6" : "udp4",
      reusePort: fd < 0 && options.reusePort === true,
    });
    socket.on("message", (bytes, from) =>
      onDatagram(bytes, { ip: canonical(from.address), port: from.port }),
    );
    return new Promise((resolve, reject) => {
      socket.once("error", (cause) => {
        reject(new IoError("socket", "The UDP socket cannot be bound", { facts: { ip: options.ip }, cause }));
      });
      socket.once("listening", () => {
        // From here on errors are the network's answers to datagrams we sent (such as port unreachable): lost, as UDP is.
        socket.removeAllListeners("error").on("error", () => undefined);
        const { address, port } = socket.address();
        resolve(new UdpSocket(socket, fd, { ip: canonical(address), port }, ipv6 && options.ip === "::"));
      });
      if (fd < 0) socket.bind(options.port, options.ip);
      else socket.bind({ fd });
    });
  }

  /** Sends one datagram; what the network loses or refuses is not reported. */
  sendTo(bytes: Uint8Array, to: SocketAddress): void {
    const ip = this.#mapped && !to.ip.includes(":") ? `::ffff:${to.ip}` : to.ip;
    this.#socket.send(bytes, to.port, ip, () => undefined);
  }

  /**
   * Leaves new datagrams to another socket of the same port (`reusePort`); those that wait here already still arrive, and
   * answers can be sent on. Does nothing where the socket was made without native calls, or is bound to every address.
   */
  leave(): void {
    if (this.#fd < 0 || this.local.ip === "::" || this.local.ip === "0.0.0.0") return;
    // A connected socket is given its peer's datagrams alone, and nobody sends from the discard port.
    new SocketMaker(createSys()).connect(this.#fd, this.local.ip, DISCARD_PORT);
  }

  close(): void {
    this.#socket.close();
  }
}

function canonical(ip: string): string {
  const bytes = parseIp(ip);
  return bytes === undefined ? ip : formatIp(bytes);
}
