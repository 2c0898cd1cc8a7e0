import type { H2specCase } from "./h2spec.ts";

/** Why a case passes at one time and not at another. */
interface Race {
  readonly race: string;
}

/** Ids of cases that do not pass, or not always, with the reason why that is right or cannot be changed here. */
export type H2specExceptions = Readonly<Record<string, string | Race>>;

const PRIORITY = "RFC 9113, section 5.3.2, has no priorities: what depends on itself is passed over";
const TUNNEL = "a CONNECT has no content: its DATA is the tunnel's, whatever its content-length says";
const CLOSED = "nghttp2 drops frames of a closed stream, as RFC 9113, section 5.1, allows";
const LIBRARY = "of nghttp2 and node:http2, the same at a server with nothing of ours in it";
const BRIEF = "what is no gRPC call is answered at once and without DATA: there is nothing to see this by";
const ANSWERED: Race = {
  race: "what is no gRPC call is answered at once: a frame of its stream is refused before the answer, dropped after it",
};

/** Of the server of tunnels, our own HTTP/2. */
export const HBONE_EXCEPTIONS: H2specExceptions = {
  "http2/5.3.1: Sends HEADERS frame that depend on itself": PRIORITY,
  "http2/5.3.1: Sends PRIORITY frame that depend on itself": PRIORITY,
  'http2/8.1.2.6: Sends a HEADERS frame with the "content-length" header field which does not equal the DATA frame payload length':
    TUNNEL,
  'http2/8.1.2.6: Sends a HEADERS frame with the "content-length" header field which does not equal the sum of the multiple DATA frames payload length':
    TUNNEL,
};

/** Of the servers of gRPC calls, which stand on node:http2. */
export const GRPC_EXCEPTIONS: H2specExceptions = {
  "generic/2: Sends a WINDOW_UPDATE frame on half-closed (remote) stream": BRIEF,
  "generic/2: Sends a PRIORITY frame on half-closed (remote) stream": BRIEF,
  "http2/5.1: closed: Sends a DATA frame after sending RST_STREAM frame": CLOSED,
  "http2/5.1: closed: Sends a HEADERS frame after sending RST_STREAM frame": CLOSED,
  "http2/5.1: closed: Sends a DATA frame": CLOSED,
  "http2/5.1: closed: Sends a HEADERS frame": CLOSED,
  "http2/5.1: half closed (remote): Sends a HEADERS frame": ANSWERED,
  "http2/5.1: half closed (remote): Sends a DATA frame": ANSWERED,
  "http2/5.1.1: Sends stream identifier that is numerically smaller than previous": LIBRARY,
  "http2/5.1.2: Sends HEADERS frames that causes their advertised concurrent stream limit to be exceeded":
    BRIEF,
  "http2/5.3.1: Sends PRIORITY frame that depend on itself": PRIORITY,
  "http2/6.3: Sends a PRIORITY frame with 0x0 stream identifier": LIBRARY,
  "http2/6.5.3: Sends multiple values of SETTINGS_INITIAL_WINDOW_SIZE": BRIEF,
  "http2/6.7: Sends a PING frame with ACK": LIBRARY,
  "http2/6.9.1: Sends SETTINGS frame to set the initial window size to 1 and sends HEADERS frame": BRIEF,
  "http2/6.9.1: Sends multiple WINDOW_UPDATE frames increasing the flow control window to above 2^31-1 on a stream":
    LIBRARY,
  "http2/6.9.2: Changes SETTINGS_INITIAL_WINDOW_SIZE after sending HEADERS frame": BRIEF,
  "http2/6.9.2: Sends a SETTINGS frame for window size to be negative": BRIEF,
  "http2/8.1: Sends a second HEADERS frame without the END_STREAM flag": ANSWERED,
  "http2/8.1.2.1: Sends a HEADERS frame that contains a pseudo-header field as trailers": ANSWERED,
  'http2/8.1.2.6: Sends a HEADERS frame with the "content-length" header field which does not equal the DATA frame payload length':
    ANSWERED,
  'http2/8.1.2.6: Sends a HEADERS frame with the "content-length" header field which does not equal the sum of the multiple DATA frames payload length':
    ANSWERED,
};

/** Failures that nobody has explained, and exceptions that pass and are no race or that are of no case; empty when all is as expected. */
export function differences(cases: readonly H2specCase[], exceptions: H2specExceptions): string[] {
  const outcomes = new Map(cases.map(({ id, outcome }) => [id, outcome]));
  const unexplained = cases.filter(({ id, outcome }) => outcome !== "passed" && !(id in exceptions));
  const stale = Object.keys(exceptions).filter((id) => {
    const outcome = outcomes.get(id);
    return outcome === undefined || (outcome === "passed" && typeof exceptions[id] === "string");
  });
  return [
    ...unexplained.map(({ id, outcome }) => `${id}: ${outcome}`),
    ...stale.map(
      (id) => `${id}: ${outcomes.has(id) ? "an exception that passes" : "an exception of no case"}`,
    ),
  ];
}
