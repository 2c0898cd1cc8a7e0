import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { constants, type ServerHttp2Stream } from "node:http2";

/** Node publishes each stream here before anybody else sees it. */
const CREATED = "http2.server.stream.created";
const TIMEOUT = "grpc-timeout";
/** `TimeoutValue TimeoutUnit` of the gRPC protocol: at most eight digits. */
const TIMEOUT_FORM = /^([0-9]{1,8})([HMSmun])$/;
const UNIT_MS: Readonly<Record<string, number>> = { H: 3_600_000, M: 60_000, S: 1_000 };
/** A timer of the platform holds 31 bits of milliseconds; so many hours are well below. */
const LONGEST_HOURS = 500;
const HEAD_BYTES = 5;
/** How long a peer may leave its half open once it has its answer. */
const AFTER_ANSWER_MS = 1_000;

interface Created {
  readonly stream: ServerHttp2Stream;
  readonly headers: Record<string, string | undefined>;
}

/**
 * What the gRPC library (1.14) lets pass on a server's streams, put right before it looks at them: a time limit that is
 * none is answered INTERNAL (the library finds "1S" in "-1S") and one beyond its timers is cut to 500 h; a request that
 * ends within a message ends without a status, an error to every client, instead of passing for a shorter one; and a peer that goes on for a second after
 * its answer is told to send no more, as its open half would hold the stream. `isOurs` tells by the peer's `ip:port` whose stream it is.
 * Returns what ends it.
 */
export function guardStreams(isOurs: (peer: string) => boolean): () => void {
  const look = (message: unknown): void => {
    const { stream, headers } = message as Created;
    const socket = stream.session?.socket;
    if (socket === undefined || !isOurs(`${socket.remoteAddress}:${socket.remotePort}`)) return;
    const timeout = headers[TIMEOUT];
    if (timeout !== undefined) headers[TIMEOUT] = bounded(timeout);
    // Reading must not begin before the library has paused the stream.
    stream.once("resume", () => watchMessages(stream));
    stream.once("finish", () => {
      // Trailers follow the end of writing, and a reset would overtake them. Most peers end by themselves meanwhile.
      const timer = setTimeout(() => {
        if (!stream.readableEnded && !stream.destroyed) stream.close(constants.NGHTTP2_NO_ERROR);
      }, AFTER_ANSWER_MS);
      stream.once("close", () => clearTimeout(timer));
    });
  };
  subscribe(CREATED, look);
  return () => void unsubscribe(CREATED, look);
}

/** The time limit as the library understands it; what is none becomes something that it refuses. */
function bounded(timeout: string): string {
  const [, digits = "", unit = ""] = TIMEOUT_FORM.exec(timeout) ?? [];
  if (unit === "") return "invalid";
  const tooLong = Number(digits) * (UNIT_MS[unit] ?? 0) > LONGEST_HOURS * 3_600_000;
  return tooLong ? `${LONGEST_HOURS}H` : timeout;
}

function watchMessages(stream: ServerHttp2Stream): void {
  const head = Buffer.alloc(HEAD_BYTES);
  let headBytes = 0;
  let left = 0;
  stream.on("data", (chunk: Buffer) => {
    for (let at = 0; at < chunk.length;) {
      const taken = Math.min(left > 0 ? left : HEAD_BYTES - headBytes, chunk.length - at);
      if (left > 0) left -= taken;
      else headBytes += chunk.copy(head, headBytes, at, at + taken);
      at += taken;
      if (headBytes < HEAD_BYTES) continue;
      left = head.readUInt32BE(1);
      headBytes = 0;
    }
  });
  // Before the library's own, which would take it for the end of the call.
  stream.prependOnceListener("end", () => {
    if (left > 0 || headBytes > 0) stream.close(constants.NGHTTP2_INTERNAL_ERROR);
  });
}
