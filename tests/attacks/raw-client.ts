import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { HELLO, TYPE } from "./frames.ts";

/** A certificate and its key, PEM. */
export interface Credentials {
  readonly chain: string;
  readonly key: string;
}

export interface Place {
  readonly ip: string;
  readonly port: number;
}

export interface RawOptions {
  readonly credentials?: Credentials | undefined;
  readonly alpn?: string;
  /** Say the preface and empty settings at once. @default true */
  readonly hello?: boolean;
}

/** What became of something: `status 200`, `reset 8`, `goaway 11`, `closed`, or `open` when nothing happened in time. */
export type Outcome = string;

interface Received {
  readonly type: number;
  readonly flags: number;
  readonly streamId: number;
  readonly payload: Buffer;
}

/** Statuses that have an entry of their own in HPACK's static table. */
const STATIC_STATUS: Readonly<Record<number, string>> = {
  0x88: "200",
  0x8b: "304",
  0x8c: "400",
  0x8d: "404",
  0x8e: "500",
};

/** HTTP/2 over TLS written frame by frame: it checks nothing and follows no rule that a row does not follow. */
export class RawClient {
  readonly socket: TLSSocket;
  readonly received: Received[] = [];
  closed = false;
  #rest = Buffer.alloc(0);
  #wake: (() => void)[] = [];

  readonly #wire: Socket | undefined;

  /** `wire` is the connection below TLS, for `reset`. */
  constructor(socket: TLSSocket, wire?: Socket) {
    this.socket = socket;
    this.#wire = wire;
    socket.on("data", (chunk: Buffer) => this.#take(chunk));
    socket.on("error", () => undefined);
    socket.on("close", () => {
      this.closed = true;
      this.#wakeAll();
    });
  }

  /** Rejects when TLS does not come about; a server that refuses our certificate does so after that (TLS 1.3). */
  static async open(place: Place, options: RawOptions = {}): Promise<RawClient> {
    const { credentials } = options;
    const wire = await dialTcp(place);
    return new Promise((resolve, reject) => {
      const socket = connectTls({
        socket: wire,
        ALPNProtocols: [options.alpn ?? "h2"],
        // The attacker does not mind who it talks to.
        rejectUnauthorized: false,
        ...(credentials === undefined ? {} : { cert: credentials.chain, key: credentials.key }),
      });
      const timer = setTimeout(() => {
        wire.destroy();
        reject(new Error("the handshake took too long"));
      }, 15_000);
      socket.once("error", reject);
      socket.once("close", () => {
        clearTimeout(timer);
        reject(new Error("closed"));
      });
      socket.once("secureConnect", () => {
        clearTimeout(timer);
        const client = new RawClient(socket, wire);
        if (options.hello !== false) client.greet();
        resolve(client);
      });
    });
  }

  /** Says what a client says first. */
  greet(): void {
    this.send(HELLO);
  }

  send(...pieces: readonly Uint8Array[]): void {
    if (!this.closed) this.socket.write(Buffer.concat(pieces));
  }

  /** Sends piece after piece as fast as the other side takes them; ends early when it closes. */
  async flood(pieces: Iterable<Uint8Array>): Promise<void> {
    for (const piece of pieces) {
      if (this.closed) return;
      if (!this.socket.write(piece)) await this.#writable();
    }
  }

  /** What becomes of a stream, or of the whole connection when `streamId` is 0. */
  async outcome(streamId = 0, timeoutMs = 5_000): Promise<Outcome> {
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      const found = this.#judge(streamId);
      if (found !== undefined) return found;
      const left = deadline - performance.now();
      if (left <= 0) return "open";
      await this.#change(left);
    }
  }

  /** Resolves once a frame like this has come; false when it has not in time. */
  async has(matches: (frame: Received) => boolean, timeoutMs = 5_000): Promise<boolean> {
    const deadline = performance.now() + timeoutMs;
    while (!this.received.some(matches)) {
      const left = deadline - performance.now();
      if (this.closed || left <= 0) return false;
      await this.#change(left);
    }
    return true;
  }

  /** Payload of all DATA of a stream so far. */
  data(streamId: number): Buffer {
    const frames = this.received.filter((frame) => frame.type === TYPE.data && frame.streamId === streamId);
    return Buffer.concat(frames.map((frame) => frame.payload));
  }

  end(): void {
    this.socket.destroy();
  }

  /** Ends by RST instead of FIN. */
  reset(): void {
    this.#wire?.resetAndDestroy();
  }

  #judge(streamId: number): Outcome | undefined {
    for (const { type, streamId: id, payload } of this.received) {
      if (type === TYPE.goaway && payload.readUInt32BE(4) !== 0) return `goaway ${payload.readUInt32BE(4)}`;
      if (streamId === 0 || id !== streamId) continue;
      if (type === TYPE.rstStream) return `reset ${payload.readUInt32BE(0)}`;
      if (type === TYPE.headers) return `status ${statusOf(payload)}`;
    }
    return this.closed ? "closed" : undefined;
  }

  #take(chunk: Buffer): void {
    let bytes = Buffer.concat([this.#rest, chunk]);
    while (bytes.length >= 9 && bytes.length >= 9 + bytes.readUIntBE(0, 3)) {
      const end = 9 + bytes.readUIntBE(0, 3);
      const streamId = bytes.readUInt32BE(5) & 0x7fffffff;
      this.received.push({
        type: bytes[3] ?? 0,
        flags: bytes[4] ?? 0,
        streamId,
        payload: bytes.subarray(9, end),
      });
      bytes = bytes.subarray(end);
    }
    this.#rest = Buffer.from(bytes);
    this.#wakeAll();
  }

  #change(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, timeoutMs);
      this.#wake.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  #wakeAll(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }

  #writable(): Promise<void> {
    return new Promise((resolve) => {
      if (this.closed) {
        resolve();
        return;
      }
      const timer = setTimeout(resolve, 10_000);
      const done = (): void => {
        clearTimeout(timer);
        this.socket.off("drain", done);
        this.socket.off("close", done);
        resolve();
      };
      this.socket.once("drain", done);
      this.socket.once("close", done);
    });
  }
}

/** A TCP connection; rejects when there is none within 10 s. */
export function dialTcp(place: Place): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connectTcp(place.port, place.ip, () => {
      socket.off("error", reject);
      socket.on("error", () => undefined);
      socket.setTimeout(0);
      socket.setNoDelay(true);
      resolve(socket);
    });
    socket.once("error", reject);
    socket.setTimeout(10_000, () => {
      socket.destroy();
      reject(new Error("no connection in time"));
    });
  });
}

/** A plain connection: sends `bytes`, and says what came back until `enough` has, the end, or the time is up. */
export function dial(
  place: Place,
  bytes: string | Uint8Array = "",
  timeoutMs = 3_000,
  enough?: RegExp,
): Promise<{ outcome: "refused" | "closed" | "open"; text: string; ms: number }> {
  return new Promise((resolve) => {
    const started = performance.now();
    const chunks: Buffer[] = [];
    let connected = false;
    const socket: Socket = connectTcp(place.port, place.ip, () => {
      connected = true;
      if (bytes.length > 0) socket.write(bytes);
    });
    const end = (outcome: "refused" | "closed" | "open"): void => {
      clearTimeout(timer);
      socket.destroy();
      const text = Buffer.concat(chunks).toString("latin1");
      resolve({ outcome, text, ms: Math.round(performance.now() - started) });
    };
    const timer = setTimeout(() => end(connected ? "open" : "refused"), timeoutMs);
    socket.on("data", (chunk: Buffer) => {
      chunks.push(chunk);
      if (enough?.test(chunk.toString("latin1")) === true) end("open");
    });
    socket.on("error", () => end(connected ? "closed" : "refused"));
    socket.on("close", () => end("closed"));
  });
}

function statusOf(payload: Buffer): string {
  const first = payload[0] ?? 0;
  // Else a literal whose name is the table's :status: three digits follow their length.
  return STATIC_STATUS[first] ?? /[1-5][0-9][0-9]/.exec(payload.toString("latin1"))?.[0] ?? "unreadable";
}
