/** A client's command. */
export type ClientCommand =
  | { readonly verb: "CONNECT"; readonly options: string }
  | { readonly verb: "PING" | "PONG" }
  | { readonly verb: "SUB"; readonly subject: string; readonly queue: string; readonly sid: string }
  | { readonly verb: "UNSUB"; readonly sid: string; readonly max: number }
  | { readonly verb: "PUB"; readonly subject: string; readonly reply: string; readonly payload: Buffer };

/** Why a client is cut off; the text of the broker's -ERR. */
export class BrokerProtocolError extends Error {}

export interface ParserLimits {
  readonly maxControlLine: number;
  readonly maxPayload: number;
}

const CRLF = Buffer.from("\r\n");

/** Cuts a client's bytes into commands of the core NATS protocol. Raises BrokerProtocolError alone. */
export class BrokerParser {
  readonly #limits: ParserLimits;
  #rest: Buffer = Buffer.alloc(0);
  #pending: { subject: string; reply: string; header: number; size: number } | undefined;

  constructor(limits: ParserLimits) {
    this.#limits = limits;
  }

  /** The commands that are complete with these bytes; an incomplete one is kept, within the limits. */
  *push(bytes: Buffer): Generator<ClientCommand> {
    this.#rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    for (;;) {
      const command = this.#pending === undefined ? this.#line() : this.#payload();
      if (command === undefined) return;
      if (command !== "more") yield command;
    }
  }

  #line(): ClientCommand | "more" | undefined {
    const end = this.#rest.indexOf(CRLF);
    if (end < 0) {
      // The first half of the line's end may be here already.
      const length = this.#rest.at(-1) === CRLF[0] ? this.#rest.length - 1 : this.#rest.length;
      if (length > this.#limits.maxControlLine)
        throw new BrokerProtocolError("Maximum Control Line Exceeded");
      return undefined;
    }
    if (end > this.#limits.maxControlLine) throw new BrokerProtocolError("Maximum Control Line Exceeded");
    const line = this.#rest.toString("latin1", 0, end);
    this.#rest = this.#rest.subarray(end + 2);
    const [verb = "", ...parts] = line.trim().split(/[ \t]+/);
    return this.#command(verb.toUpperCase(), parts, line);
  }

  #command(verb: string, parts: readonly string[], line: string): ClientCommand | "more" {
    switch (verb) {
      case "":
        return "more";
      case "PING":
      case "PONG":
        return { verb };
      case "CONNECT":
        return { verb, options: line.slice(line.indexOf(" ") + 1) };
      case "SUB":
        return subscription(parts);
      case "UNSUB":
        return { verb, sid: required(parts[0]), max: number(parts[1] ?? "0") };
      case "PUB":
      case "HPUB":
        this.#pending = publication(verb, parts, this.#limits.maxPayload);
        return "more";
      default:
        throw new BrokerProtocolError("Unknown Protocol Operation");
    }
  }

  #payload(): ClientCommand | undefined {
    const pending = this.#pending;
    if (pending === undefined || this.#rest.length < pending.size + 2) return undefined;
    if (this.#rest[pending.size] !== 0x0d || this.#rest[pending.size + 1] !== 0x0a) {
      throw new BrokerProtocolError("Parser Error");
    }
    // Headers are dropped: nobody may trust them.
    const payload = Buffer.from(this.#rest.subarray(pending.header, pending.size));
    this.#rest = this.#rest.subarray(pending.size + 2);
    this.#pending = undefined;
    return { verb: "PUB", subject: pending.subject, reply: pending.reply, payload };
  }
}

function subscription(parts: readonly string[]): ClientCommand {
  if (parts.length === 2)
    return { verb: "SUB", subject: required(parts[0]), queue: "", sid: required(parts[1]) };
  if (parts.length === 3) {
    return { verb: "SUB", subject: required(parts[0]), queue: required(parts[1]), sid: required(parts[2]) };
  }
  throw new BrokerProtocolError("Parser Error");
}

function publication(
  verb: string,
  parts: readonly string[],
  maxPayload: number,
): { subject: string; reply: string; header: number; size: number } {
  const sizes = verb === "HPUB" ? 2 : 1;
  if (parts.length !== 1 + sizes && parts.length !== 2 + sizes) throw new BrokerProtocolError("Parser Error");
  const size = number(parts.at(-1) ?? "");
  const header = verb === "HPUB" ? number(parts.at(-2) ?? "") : 0;
  if (size > maxPayload) throw new BrokerProtocolError("Maximum Payload Violation");
  if (header > size) throw new BrokerProtocolError("Parser Error");
  return {
    subject: required(parts[0]),
    reply: parts.length === 2 + sizes ? required(parts[1]) : "",
    header,
    size,
  };
}

function required(part: string | undefined): string {
  if (part === undefined || part === "") throw new BrokerProtocolError("Parser Error");
  return part;
}

function number(text: string): number {
  if (!/^[0-9]{1,9}$/.test(text)) throw new BrokerProtocolError("Parser Error");
  return Number(text);
}
