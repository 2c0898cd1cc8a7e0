import { BrokerParser, BrokerProtocolError } from "../../../libs/bus/src/broker-parser.ts";
import { BROKER_LIMITS } from "../../../libs/bus/src/broker-limits.ts";
import { covers, isLiteral, isPattern } from "../../../libs/bus/src/subject.ts";
import type { Random } from "@ambit/base/random.ts";
import { cuttings } from "../pieces.ts";
import { must, mustEqual, type FuzzTarget } from "../target.ts";
import { once, pick, word } from "../words.ts";

const LIMITS = { maxControlLine: 96, maxPayload: 128 };

/** Commands of clients to the embedded broker, and the subjects in them. */
export function create(): FuzzTarget {
  return {
    valid: (random) => Buffer.concat(Array.from({ length: 1 + random.below(6) }, () => someCommand(random))),
    check: (input) => {
      const [whole, ...others] = cuttings(input).map((pieces) => parse(pieces));
      for (const other of others) mustEqual("the same bytes in other pieces", other, whole);
      const text = Buffer.from(input).toString("latin1");
      must("a literal is a pattern", !isLiteral(text) || isPattern(text));
      must("a literal covers itself", !isLiteral(text) || covers(text, text));
    },
    prove: (random) => {
      const [subject, reply] = [pick(random, ["a.b", "mesh.x"]), once(random, 2) ? "r" : ""];
      const payload = Buffer.from(random.bytes(random.below(LIMITS.maxPayload + 1)));
      const parser = new BrokerParser(LIMITS);
      const read = [...parser.push(publish(subject, reply, payload))];
      mustEqual("a publication", read, [{ verb: "PUB", subject, reply, payload }]);
    },
  };
}

function parse(pieces: readonly Uint8Array[]): unknown {
  const parser = new BrokerParser(LIMITS);
  const commands: unknown[] = [];
  try {
    for (const piece of pieces) {
      for (const command of parser.push(Buffer.from(piece))) {
        commands.push(command);
        if (command.verb === "PUB") must("a payload is limited", command.payload.length <= LIMITS.maxPayload);
      }
    }
  } catch (thrown) {
    if (!(thrown instanceof BrokerProtocolError)) throw thrown;
    commands.push(thrown.message);
  }
  return commands;
}

function publish(subject: string, reply: string, payload: Buffer): Buffer {
  const head = `PUB ${subject} ${reply === "" ? "" : `${reply} `}${payload.length}\r\n`;
  return Buffer.concat([Buffer.from(head), payload, Buffer.from("\r\n")]);
}

function someCommand(random: Random): Buffer {
  const subject = `${word(random)}.${pick(random, ["*", ">", "a", word(random)])}`;
  const payload = Buffer.from(random.bytes(random.below(once(random, 8) ? 200 : 20)));
  switch (random.below(8)) {
    case 0:
      return Buffer.from(`CONNECT {"user":"${word(random)}","pass":"x","verbose":true}\r\n`);
    case 1:
      return Buffer.from(pick(random, ["PING\r\n", "PONG\r\n", "\r\n", "ping\r\n"]));
    case 2:
      return Buffer.from(`SUB ${subject} ${once(random, 2) ? "q " : ""}${random.below(99)}\r\n`);
    case 3:
      return Buffer.from(`UNSUB ${random.below(99)} ${random.below(BROKER_LIMITS.maxSubscriptions)}\r\n`);
    case 4: {
      const headers = Buffer.from("NATS/1.0\r\nA: b\r\n\r\n");
      const head = `HPUB ${subject} ${headers.length} ${headers.length + payload.length}\r\n`;
      return Buffer.concat([Buffer.from(head), headers, payload, Buffer.from("\r\n")]);
    }
    default:
      return publish(subject, once(random, 2) ? "reply" : "", payload);
  }
}
