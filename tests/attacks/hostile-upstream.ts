import { createServer, type Server, type TLSSocket } from "node:tls";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ACK, block, END_HEADERS, frame, settings, TYPE } from "./frames.ts";
import type { Credentials } from "./raw-client.ts";
import type { World } from "./world.ts";

/** What a server of tunnels says to a connection: at once, and to each request. */
export interface Behaviour {
  onOpen?(socket: TLSSocket): void;
  onRequest?(socket: TLSSocket, streamId: number): void;
}

/** Answers 200 and what the application would. */
export const POLITE: Behaviour = {
  onOpen: (socket) => socket.write(settings([3, 100])),
  onRequest: (socket, streamId) => {
    const text = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok";
    socket.write(
      Buffer.concat([
        frame(TYPE.headers, END_HEADERS, streamId, block([":status", "200"])),
        frame(TYPE.data, 1, streamId, Buffer.from(text)),
      ]),
    );
  },
};

/** A server of tunnels that a node's proxy is led to, and that behaves as it is told. */
export class HostileUpstream {
  readonly #server: Server;
  /** Connections that came, and requests on them. */
  connections = 0;
  requests = 0;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async listen(
    world: World,
    place: { readonly ip: string; readonly port: number },
    credentials: Credentials,
    behaviour: Behaviour,
  ): Promise<HostileUpstream> {
    const server = createServer({
      cert: credentials.chain,
      key: credentials.key,
      ca: readFileSync(join(world.state, "trust/root-cert.pem")),
      requestCert: true,
      rejectUnauthorized: false,
      minVersion: "TLSv1.3",
      ALPNProtocols: ["h2"],
    });
    const upstream = new HostileUpstream(server);
    server.on("tlsClientError", () => undefined);
    server.on("secureConnection", (socket) => upstream.#serve(socket, behaviour));
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(place.port, place.ip, resolve);
    });
    return upstream;
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  readonly #sockets = new Set<TLSSocket>();

  #serve(socket: TLSSocket, behaviour: Behaviour): void {
    this.connections++;
    this.#sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => this.#sockets.delete(socket));
    socket.setNoDelay(true);
    let rest = Buffer.alloc(0);
    let skipped = 24;
    socket.on("data", (chunk: Buffer) => {
      rest = Buffer.concat([rest, chunk]);
      if (skipped > 0) {
        const now = Math.min(skipped, rest.length);
        skipped -= now;
        rest = rest.subarray(now);
      }
      while (skipped === 0 && rest.length >= 9 && rest.length >= 9 + rest.readUIntBE(0, 3)) {
        const end = 9 + rest.readUIntBE(0, 3);
        this.#take(
          socket,
          behaviour,
          rest[3] ?? 0,
          rest[4] ?? 0,
          rest.readUInt32BE(5),
          rest.subarray(9, end),
        );
        rest = rest.subarray(end);
      }
    });
    behaviour.onOpen?.(socket);
  }

  #take(
    socket: TLSSocket,
    behaviour: Behaviour,
    type: number,
    flags: number,
    streamId: number,
    payload: Buffer,
  ): void {
    if (type === TYPE.settings && (flags & ACK) === 0) socket.write(frame(TYPE.settings, ACK, 0));
    if (type === TYPE.ping && (flags & ACK) === 0) socket.write(frame(TYPE.ping, ACK, 0, payload));
    if (type !== TYPE.headers) return;
    this.requests++;
    behaviour.onRequest?.(socket, streamId);
  }
}
