import packet from "dns-packet";
import type { DnsRecord } from "@ambit/store/dns.ts";

/** A question as a pod asked it. */
export interface DnsQuery {
  readonly id: number;
  /** Without the final dot. What is no printable ASCII is written as `\\DDD`, a dot within a label as `\\.` (RFC 1035 5.1). */
  readonly name: string;
  /** The question's own bytes: an answer repeats them, whatever they say and in whatever case. */
  readonly question: Uint8Array;
  /** `A`, `AAAA`, ..., or `UNKNOWN_n`. */
  readonly type: string;
  /** Largest answer the asker takes over UDP. */
  readonly udpPayloadSize: number;
  readonly hasEdns: boolean;
  readonly recursionDesired: boolean;
}

export type DnsCode = "NOERROR" | "FORMERR" | "SERVFAIL" | "NXDOMAIN" | "NOTIMP" | "REFUSED";

const CODES: readonly DnsCode[] = ["NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED"];
/** RFC 1035 4.2.1. */
const CLASSIC_UDP_BYTES = 512;
/** What we take and offer over UDP; larger ones fragment (DNS flag day 2020). */
const OFFERED_UDP_BYTES = 1232;
const HEADER_BYTES = 12;
const QUESTION_COUNT_AT = 4;
/** Type and class after a question's name. */
const QUESTION_TAIL_BYTES = 4;
const MAX_LABEL_BYTES = 63;
const TRUNCATED = 0x02;

/** Reads a query. Undefined for anything that is not exactly one question of class IN in a query. */
export function readQuery(bytes: Uint8Array): DnsQuery | undefined {
  if (bytes.length < HEADER_BYTES || bytes.length > 4096) return undefined;
  try {
    const message = packet.decode(asBuffer(bytes));
    const [question, ...more] = message.questions ?? [];
    if (message.type !== "query" || question === undefined || more.length > 0) return undefined;
    if (question.class !== undefined && question.class !== "IN") return undefined;
    const name = readName(bytes);
    if (name === undefined) return undefined;
    const edns = (message.additionals ?? []).find((record) => record.type === "OPT");
    const offered = edns?.type === "OPT" ? edns.udpPayloadSize : CLASSIC_UDP_BYTES;
    return {
      id: message.id ?? 0,
      name: name.text,
      question: Uint8Array.from(bytes.subarray(HEADER_BYTES, name.end + QUESTION_TAIL_BYTES)),
      type: question.type,
      udpPayloadSize: Math.min(Math.max(offered, CLASSIC_UDP_BYTES), OFFERED_UDP_BYTES),
      hasEdns: edns !== undefined,
      recursionDesired: ((message.flags ?? 0) & packet.RECURSION_DESIRED) !== 0,
    };
  } catch {
    // The decoder meets hostile bytes; whatever it throws means that this is no query.
    return undefined;
  }
}

// A question's name is the first of its message: there is nothing that it could point back to.
function readName(bytes: Uint8Array): { readonly text: string; readonly end: number } | undefined {
  const labels: string[] = [];
  let at = HEADER_BYTES;
  for (let length = bytes[at++] ?? 0; length > 0; length = bytes[at++] ?? 0) {
    if (length > MAX_LABEL_BYTES || at + length > bytes.length) return undefined;
    labels.push(Array.from(bytes.subarray(at, at + length), printable).join(""));
    at += length;
  }
  return { text: labels.join("."), end: at };
}

function printable(byte: number): string {
  const text = String.fromCharCode(byte);
  if (text === "." || text === "\\") return `\\${text}`;
  return byte > 0x20 && byte < 0x7f ? text : `\\${String(byte).padStart(3, "0")}`;
}

/** An answer of our own: authoritative, recursion available. */
export function writeAnswer(query: DnsQuery, code: DnsCode, records: readonly DnsRecord[]): Uint8Array {
  const flags =
    packet.RECURSION_AVAILABLE |
    (query.recursionDesired ? packet.RECURSION_DESIRED : 0) |
    (code === "NOERROR" ? packet.AUTHORITATIVE_ANSWER : 0) |
    CODES.indexOf(code);
  const rest = packet.encode({
    type: "response",
    id: query.id,
    flags,
    questions: [],
    answers: records.map(toAnswer),
    additionals: query.hasEdns ? [edns()] : [],
  });
  // No name in it points to another place, so the question can be put in between.
  const answer = Buffer.concat([rest.subarray(0, HEADER_BYTES), query.question, rest.subarray(HEADER_BYTES)]);
  answer.writeUInt16BE(1, QUESTION_COUNT_AT);
  return answer;
}

/** The answer as it fits into a datagram: cut to the question with the truncation bit when it is too long. */
export function fitUdp(query: DnsQuery, answer: Uint8Array): Uint8Array {
  if (answer.length <= query.udpPayloadSize) return answer;
  const short = Uint8Array.from(writeAnswer(query, codeOf(answer), []));
  short[2] = (short[2] ?? 0) | TRUNCATED;
  return short;
}

/** The response code of an answer; SERVFAIL when it is unreadable or unknown. */
export function codeOf(answer: Uint8Array): DnsCode {
  return CODES[(answer[3] ?? 2) & 0x0f] ?? "SERVFAIL";
}

/** True when an answer has the id and the response bit that a question expects. */
export function isAnswerTo(answer: Uint8Array, id: number): boolean {
  return (
    answer.length >= HEADER_BYTES &&
    ((answer[0] ?? 0) << 8) + (answer[1] ?? 0) === id &&
    ((answer[2] ?? 0) & 0x80) !== 0
  );
}

/** A copy with another id, so that nobody outside can guess ours. */
export function withId(message: Uint8Array, id: number): Uint8Array {
  const copy = Uint8Array.from(message);
  copy[0] = id >> 8;
  copy[1] = id & 0xff;
  return copy;
}

function toAnswer(record: DnsRecord): packet.Answer {
  const { name, ttl } = record;
  return record.type === "CNAME"
    ? { type: "CNAME", name, ttl, class: "IN", data: record.target }
    : { type: record.type, name, ttl, class: "IN", data: record.ip };
}

function edns(): packet.Answer {
  return {
    type: "OPT",
    name: ".",
    udpPayloadSize: OFFERED_UDP_BYTES,
    extendedRcode: 0,
    ednsVersion: 0,
    flags: 0,
    flag_do: false,
    options: [],
  };
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
