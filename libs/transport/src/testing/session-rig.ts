import { encodeHeaders } from "../h2/hpack-encoder.ts";
import type { HeaderField } from "../h2/hpack-decoder.ts";
import type { SessionStream } from "../h2/session-stream.ts";
import { H2Session } from "../h2/session.ts";
import { MemoryPool } from "../hbone/memory-pool.ts";
import { Staging } from "../hbone/staging.ts";
import { TransportError } from "../transport-error.ts";
import { CLIENT_START, framesOf, settingsFrame, type Frame } from "./frame-bytes.ts";

/** A stream that keeps what it was told. */
export interface RigStream extends SessionStream {
  readonly received: Buffer[];
}

const OK = encodeHeaders([[":status", "200"]]);
const REQUEST = encodeHeaders([
  [":method", "CONNECT"],
  [":authority", "10.0.0.8:80"],
]);

export interface RigOptions {
  /** What happens to each new request. @default "accept" */
  readonly onRequest?: (rig: SessionRig, stream: RigStream) => void;
  /** Give bytes back as they come. @default true */
  readonly consume?: boolean;
}

const pool = new MemoryPool({ allocate: (bytes) => ({ bytes: Buffer.alloc(bytes), address: 0 }) });

/** An HTTP/2 session over byte windows with an owner that writes down what it is told; no socket, no clock. */
export class SessionRig {
  readonly session: H2Session<RigStream>;
  readonly log: string[] = [];
  readonly streams = new Map<number, RigStream>();
  readonly #staging = new Staging(pool);
  #rest = Buffer.alloc(0);

  constructor(role: "client" | "server", options: RigOptions = {}) {
    const { log } = this;
    this.session = new H2Session<RigStream>(role, this.#staging, {
      onRequest: (id, fields, ended) => this.#request(id, fields, ended, options),
      onResponse: (stream, fields) => {
        stream.answered = true;
        log.push(`response ${stream.id} ${JSON.stringify(fields)}`);
      },
      onData: (stream, memory, offset, length) => {
        stream.received.push(Buffer.from(memory.bytes.subarray(offset, offset + length)));
        if (options.consume !== false) this.session.consumed(stream, length);
      },
      onEnd: (stream) => log.push(`end ${stream.id}`),
      onReset: (stream, code) => log.push(`reset ${stream.id} ${code}`),
      onWindow: (stream) => log.push(`window ${stream?.id ?? "all"}`),
      onGoaway: (last, code) => log.push(`goaway ${last} ${code}`),
      onPong: () => log.push("pong"),
    });
  }

  /** A session whose peer has said hello; what was said so far is forgotten. */
  static begun(role: "client" | "server", options: RigOptions = {}): SessionRig {
    const rig = new SessionRig(role, options);
    rig.receive(role === "server" ? CLIENT_START : settingsFrame());
    rig.sent();
    rig.log.length = 0;
    return rig;
  }

  /** Bytes that were not used come again before the next piece, as a connection does it. Throws what the session throws. */
  receive(...pieces: readonly Uint8Array[]): void {
    for (const piece of pieces) {
      const bytes = Buffer.concat([this.#rest, piece]);
      const used = this.session.receive({ bytes, address: 0 }, 0, bytes.length);
      this.#rest = Buffer.from(bytes.subarray(used));
    }
  }

  /** The HTTP/2 code with which the session refuses these bytes; undefined when it takes them. */
  refusal(...pieces: readonly Uint8Array[]): number | undefined {
    try {
      this.receive(...pieces);
      return undefined;
    } catch (thrown) {
      if (!(thrown instanceof TransportError)) throw thrown;
      return thrown.h2Code;
    }
  }

  /** Bytes that wait for the rest of their frame. */
  get waiting(): number {
    return this.#rest.length;
  }

  /** Frames written since the last call. */
  sent(): Frame[] {
    const bytes: Buffer[] = [];
    for (let segment = this.#staging.peek(); segment !== undefined; segment = this.#staging.peek()) {
      bytes.push(Buffer.from(segment.memory.bytes.subarray(0, segment.used)));
      this.#staging.shift();
    }
    return framesOf(Buffer.concat(bytes));
  }

  /** Client: a new request. */
  open(): RigStream {
    const stream = this.#make(this.session.takeStreamId());
    this.session.open(stream, REQUEST);
    return stream;
  }

  #request(
    id: number,
    fields: readonly HeaderField[],
    ended: boolean,
    options: RigOptions,
  ): RigStream | undefined {
    this.log.push(`request ${id} ${JSON.stringify(fields)}`);
    const stream = this.#make(id);
    this.session.adopt(stream, ended);
    if (options.onRequest === undefined) this.session.respond(stream, OK, false);
    else options.onRequest(this, stream);
    return this.session.streams.get(id);
  }

  #make(id: number): RigStream {
    const stream: RigStream = {
      id,
      sendWindow: 0,
      receiveUsed: 0,
      receiveFreed: 0,
      remoteEnded: false,
      localEnded: false,
      answered: false,
      received: [],
    };
    this.streams.set(id, stream);
    return stream;
  }
}

/** The block of a CONNECT request. */
export const CONNECT_BLOCK = REQUEST;
/** The block of a 200. */
export const OK_BLOCK = OK;
