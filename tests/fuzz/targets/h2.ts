import type { Memory } from "@ambit/io/driver.ts";
import { TransportError } from "@ambit/transport/transport-error.ts";
import { encodeHeaders } from "../../../libs/transport/src/h2/hpack-encoder.ts";
import type { HeaderField } from "../../../libs/transport/src/h2/hpack-decoder.ts";
import type { SessionStream } from "../../../libs/transport/src/h2/session-stream.ts";
import { H2Session } from "../../../libs/transport/src/h2/session.ts";
import { MemoryPool } from "../../../libs/transport/src/hbone/memory-pool.ts";
import { Staging } from "../../../libs/transport/src/hbone/staging.ts";
import { CLIENT_START, someFrame } from "../h2-bytes.ts";
import { cuttings } from "../pieces.ts";
import { mustEqual, type FuzzTarget } from "../target.ts";

const pool = new MemoryPool({ allocate: (bytes) => ({ bytes: Buffer.alloc(bytes), address: 0 }) });
const OK = encodeHeaders([[":status", "200"]]);
const REQUEST = encodeHeaders([
  [":method", "CONNECT"],
  [":authority", "10.0.0.8:80"],
]);

/** Frames into a session of either role: the first byte of the input chooses it, and whether a preface is put in front. */
export function create(): FuzzTarget {
  return {
    valid: (random) => {
      const frames = Array.from({ length: 1 + random.below(8) }, () => someFrame(random));
      return Buffer.concat([Buffer.of(random.below(4)), ...frames]);
    },
    check: (input) => {
      const choice = input[0] ?? 0;
      const role = (choice & 1) === 0 ? "server" : "client";
      const start = role === "server" ? CLIENT_START : CLIENT_START.subarray(-9);
      const bytes = Buffer.concat([(choice & 2) === 0 ? start : Buffer.alloc(0), input.subarray(1)]);
      const [whole, ...others] = cuttings(bytes).map((pieces) => new Peer(role).feed(pieces));
      for (const other of others) mustEqual("the same bytes in other pieces", other, whole);
    },
  };
}

interface Stream extends SessionStream {
  readonly received: Buffer[];
}

/** A session with an owner that answers everything, and what came of it. */
class Peer {
  readonly #staging = new Staging(pool);
  readonly #session: H2Session<Stream>;
  readonly #log: string[] = [];
  readonly #streams: Stream[] = [];

  constructor(role: "client" | "server") {
    const log = this.#log;
    this.#session = new H2Session<Stream>(role, this.#staging, {
      onRequest: (id, fields) => this.#request(id, fields),
      onResponse: (stream, fields) => {
        stream.answered = true;
        log.push(`response ${stream.id} ${JSON.stringify(fields)}`);
      },
      onData: (stream, memory, offset, length) => this.#data(stream, memory, offset, length),
      onEnd: (stream) => log.push(`end ${stream.id}`),
      onReset: (stream, code) => log.push(`reset ${stream.id} ${code}`),
      onWindow: (stream) => log.push(`window ${stream?.id}`),
      onGoaway: (last, code) => log.push(`goaway ${last} ${code}`),
      onPong: () => log.push("pong"),
    });
    for (let left = role === "client" ? 3 : 0; left > 0; left--) {
      const stream = this.#make(this.#session.takeStreamId());
      this.#session.open(stream, REQUEST);
    }
  }

  /** Bytes that are not used come again before the next piece, as a connection does it. */
  feed(pieces: readonly Uint8Array[]): unknown {
    const outcome = this.#receive(pieces);
    const sent: Buffer[] = [];
    for (let segment = this.#staging.peek(); segment !== undefined; segment = this.#staging.peek()) {
      sent.push(Buffer.from(segment.memory.bytes.subarray(0, segment.used)));
      this.#staging.shift();
    }
    const { sendWindow, closing, settled, peer } = this.#session;
    const streams = this.#streams.map(({ received, ...stream }) => [stream, Buffer.concat(received)]);
    return { outcome, log: this.#log, sent, streams, sendWindow, closing, settled, peer };
  }

  #receive(pieces: readonly Uint8Array[]): string {
    let rest = Buffer.alloc(0);
    try {
      for (const piece of pieces) {
        const bytes = Buffer.concat([rest, piece]);
        const used = this.#session.receive({ bytes, address: 0 }, 0, bytes.length);
        rest = bytes.subarray(used);
      }
      return `waits with ${rest.length}`;
    } catch (thrown) {
      if (!(thrown instanceof TransportError)) throw thrown;
      return `${thrown.h2Code}: ${thrown.message}`;
    }
  }

  #request(id: number, fields: readonly HeaderField[]): Stream | undefined {
    this.#log.push(`request ${id} ${JSON.stringify(fields)}`);
    const stream = this.#make(id);
    this.#session.adopt(stream);
    if (id % 5 === 0) this.#session.reset(stream, 8);
    else this.#session.respond(stream, OK, id % 7 === 0);
    return this.#session.streams.get(id);
  }

  #data(stream: Stream, memory: Memory, offset: number, length: number): void {
    stream.received.push(Buffer.from(memory.bytes.subarray(offset, offset + length)));
    if (stream.id !== 3) this.#session.consumed(stream, length);
  }

  #make(id: number): Stream {
    const stream: Stream = {
      id,
      sendWindow: 0,
      receiveUsed: 0,
      receiveFreed: 0,
      remoteEnded: false,
      localEnded: false,
      answered: false,
      received: [],
    };
    this.#streams.push(stream);
    return stream;
  }
}
