import { seededRandom, type Random } from "@ambit/base/random.ts";
import { decodeBaggage, encodeBaggage, type Baggage } from "@ambit/transport/hbone/baggage.ts";
import { decodeForwarded, encodeForwarded } from "@ambit/transport/hbone/forwarded.ts";
import { encodeProxyHeader } from "@ambit/transport/hbone/proxy-protocol.ts";
import { newTraceparent, traceIdOf } from "@ambit/transport/hbone/traceparent.ts";
import { parseSpiffeId, formatSpiffeId } from "@ambit/model/spiffe-id.ts";
import { parseCidr, parseIp, formatIp, splitHostPort, formatHostPort } from "@ambit/base/ip.ts";
import { must, mustEqual, type FuzzTarget } from "../target.ts";
import { ipText, once, pick, portNumber, word } from "../words.ts";

/** What HTTP/2 lets a header value hold: no control characters, one byte each. */
// oxlint-disable-next-line no-control-regex
const HEADER_VALUE = /^[^\x00-\x1f\x7f\u0100-\uffff]*$/;

const MAX_BAGGAGE_CHARS = 8_192;

/** Text that peers send in headers and that names mean: none of these decoders may throw. */
export function create(): FuzzTarget {
  return {
    valid: (random) => Buffer.from(someText(random), once(random, 2) ? "utf8" : "latin1"),
    check: (input) => {
      for (const text of [Buffer.from(input).toString("latin1"), Buffer.from(input).toString("utf8")])
        checkText(text);
    },
    prove: (random) => {
      const baggage = someBaggage(random);
      const text = encodeBaggage(baggage);
      must(`a header may hold ${JSON.stringify(text)}`, HEADER_VALUE.test(text));
      mustEqual("decode(encode(baggage))", decodeBaggage(text), wellFormed(baggage));
      const forwarded = {
        forAddress: formatHostPort(ipText(random), portNumber(random)),
        host: word(random),
      };
      const value = encodeForwarded(forwarded);
      must(`a header may hold ${JSON.stringify(value)}`, HEADER_VALUE.test(value));
      const read = decodeForwarded(value);
      must("forwarded says nothing that is not so", read.host === forwarded.host || read.host === "");
      mustEqual("decode(encode(forwarded))", read.forAddress, forwarded.forAddress);
      const header = encodeProxyHeader(someAddress(random), someAddress(random), word(random));
      must("the PROXY header has the length it names", header.readUInt16BE(14) === header.length - 16);
    },
  };
}

function checkText(text: string): void {
  const baggage = decodeBaggage(text);
  const encoded = encodeBaggage(baggage);
  // Beyond that it is cut off.
  if (encoded.length <= MAX_BAGGAGE_CHARS)
    mustEqual("baggage is stable", decodeBaggage(encoded), wellFormed(baggage));
  const forwarded = decodeForwarded(text);
  must("forwarded is text", typeof forwarded.forAddress === "string" && typeof forwarded.host === "string");
  const trace = traceIdOf(text);
  must("a trace id has 32 digits", trace === undefined || /^[0-9a-f]{32}$/.test(trace));
  const id = parseSpiffeId(text);
  if (id !== undefined) mustEqual("an identity has one form", formatSpiffeId(id), text);
  const target = splitHostPort(text);
  if (target !== undefined) {
    must("a port is a port", target.port >= 1 && target.port <= 65_535);
    const again = splitHostPort(formatHostPort(target.host, target.port));
    mustEqual("host and port", again, target);
  }
  const ip = parseIp(text);
  if (ip !== undefined) mustEqual("an address", formatIp(parseIp(formatIp(ip)) ?? ip), formatIp(ip));
  const block = parseCidr(text);
  must("a block fits its address", block === undefined || block.length <= block.bytes.length * 8);
}

function someText(random: Random): string {
  switch (random.below(8)) {
    case 0:
    case 1:
      return encodeBaggage(someBaggage(random));
    case 2:
      return encodeForwarded({ forAddress: `${ipText(random)}:${portNumber(random)}`, host: word(random) });
    case 3:
      return newTraceparent(seededRandom(random.below(1_000)));
    case 4:
      return `spiffe://${word(random)}/ns/${word(random)}/sa/${word(random)}`;
    case 5:
      return formatHostPort(once(random, 2) ? ipText(random) : word(random), portNumber(random));
    case 6:
      return `${ipText(random)}/${random.below(140)}`;
    default:
      return `for=${word(random)};by=x;host="${word(random)}", for=${word(random)}`;
  }
}

function someBaggage(random: Random): Baggage {
  const workloadType = pick(random, ["deployment", "cronjob", "pod", "job"]);
  return {
    cluster: word(random),
    namespace: word(random),
    workloadType,
    workloadName: `${word(random)}x`,
    serviceName: word(random),
    serviceVersion: word(random),
    region: word(random),
    zone: word(random),
  };
}

const MAX_NAME_CHARS = 253;

// A lone half of a surrogate pair is no text; it becomes the replacement character on any wire. What is longer than any
// name is passed over.
function wellFormed(baggage: Baggage): Baggage {
  const entries = Object.entries(baggage).map(([key, value]: [string, string]) => [
    key,
    value.length > MAX_NAME_CHARS ? "" : value.toWellFormed(),
  ]);
  const { workloadName } = baggage;
  const type = workloadName === "" || workloadName.length > MAX_NAME_CHARS ? { workloadType: "" } : {};
  return { ...(Object.fromEntries(entries) as unknown as Baggage), ...type };
}

function someAddress(random: Random): { ip: string; port: number } {
  return { ip: ipText(random), port: portNumber(random) };
}
