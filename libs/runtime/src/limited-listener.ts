import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { AmbitError } from "@ambit/base/errors.ts";

/** Connections that wait to be accepted; the kernel takes no more than net.core.somaxconn. A crowd keeps others out for seconds with fewer. */
const BACKLOG = 4_096;

export interface ConnectionLimits {
  /** Connections at once; further ones are closed. @default 10000 */
  readonly maxConnections?: number;
  /** Connections at once from one address; further ones are closed. @default 1000 */
  readonly maxConnectionsPerAddress?: number;
}

/** A listening TCP socket that takes so many connections and no more, altogether and from one address. */
export class LimitedListener {
  readonly #server: Server;
  readonly #maxPerAddress: number;
  readonly #perAddress = new Map<string, number>();
  readonly #sockets = new Map<string, Socket>();

  constructor(take: (socket: Socket) => void, limits: ConnectionLimits = {}) {
    this.#maxPerAddress = limits.maxConnectionsPerAddress ?? 1_000;
    this.#server = createServer((socket) => {
      if (this.#admit(socket)) take(socket);
      else socket.destroy();
    });
    this.#server.maxConnections = limits.maxConnections ?? 10_000;
  }

  /** Connections that are open. */
  get connections(): number {
    return this.#sockets.size;
  }

  /** `address` is `host:port`, `[host]:port` for IPv6; resolves with the port. Rejects with an AmbitError. */
  listen(address: string): Promise<number> {
    const colon = address.lastIndexOf(":");
    const host = address.slice(0, colon).replace(/^\[(.*)\]$/, "$1");
    return new Promise((resolve, reject) => {
      const refuse = (cause: unknown): void => {
        reject(new AmbitError("cannot-listen", `Cannot listen on ${address}`, { cause }));
      };
      this.#server.once("error", refuse);
      try {
        this.#server.listen({ host, port: Number(address.slice(colon + 1)), backlog: BACKLOG }, () => {
          this.#server.off("error", refuse);
          // An error of a later accept concerns that one connection.
          this.#server.on("error", () => undefined);
          resolve((this.#server.address() as AddressInfo).port);
        });
      } catch (cause) {
        refuse(cause);
      }
    });
  }

  /** Whether there is a connection from this `ip:port`. */
  has(peer: string): boolean {
    return this.#sockets.has(peer);
  }

  /** Ends the connection from this `ip:port`, if there is one. */
  cut(peer: string): void {
    this.#sockets.get(peer)?.destroy();
  }

  /** Takes no more connections; calls back when those that are open have ended. */
  close(ended?: () => void): void {
    // It complains when it listens no more, which is what is wanted.
    this.#server.close(() => ended?.());
  }

  /** Ends every connection. */
  cutAll(): void {
    for (const socket of this.#sockets.values()) socket.destroy();
  }

  #admit(socket: Socket): boolean {
    const { remoteAddress, remotePort } = socket;
    // Gone before it was looked at.
    if (remoteAddress === undefined) return false;
    const ofAddress = this.#perAddress.get(remoteAddress) ?? 0;
    if (ofAddress >= this.#maxPerAddress) return false;
    const peer = `${remoteAddress}:${remotePort ?? 0}`;
    this.#perAddress.set(remoteAddress, ofAddress + 1);
    this.#sockets.set(peer, socket);
    socket.once("close", () => {
      this.#sockets.delete(peer);
      this.#forget(remoteAddress);
    });
    return true;
  }

  #forget(address: string): void {
    const left = (this.#perAddress.get(address) ?? 0) - 1;
    if (left > 0) this.#perAddress.set(address, left);
    else this.#perAddress.delete(address);
  }
}
