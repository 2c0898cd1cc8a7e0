import fc from "fast-check";
import { expect, test } from "vitest";
import { BrokerParser, BrokerProtocolError, type ClientCommand } from "./broker-parser.ts";

const LIMITS = { maxControlLine: 64, maxPayload: 16 };

function parse(...parts: readonly (string | Uint8Array)[]): readonly ClientCommand[] {
  const parser = new BrokerParser(LIMITS);
  return parts.flatMap((part) => [...parser.push(Buffer.from(part as string))]);
}

test.each<[string, ClientCommand]>([
  ['CONNECT {"a": 1}\r\n', { verb: "CONNECT", options: '{"a": 1}' }],
  ["ping\r\n", { verb: "PING" }],
  ["PONG\r\n", { verb: "PONG" }],
  ["SUB a.b 1\r\n", { verb: "SUB", subject: "a.b", queue: "", sid: "1" }],
  ["sub\ta.b\tq  1\r\n", { verb: "SUB", subject: "a.b", queue: "q", sid: "1" }],
  ["UNSUB 1\r\n", { verb: "UNSUB", sid: "1", max: 0 }],
  ["UNSUB 1 5\r\n", { verb: "UNSUB", sid: "1", max: 5 }],
  ["PUB a 2\r\nhi\r\n", { verb: "PUB", subject: "a", reply: "", payload: Buffer.from("hi") }],
  ["PUB a r 0\r\n\r\n", { verb: "PUB", subject: "a", reply: "r", payload: Buffer.alloc(0) }],
  ["HPUB a 5 7\r\nhead!hi\r\n", { verb: "PUB", subject: "a", reply: "", payload: Buffer.from("hi") }],
  ["PUB a 4\r\n\r\n\r\n\r\n", { verb: "PUB", subject: "a", reply: "", payload: Buffer.from("\r\n\r\n") }],
])("push() reads %j, whole and byte by byte", (text, command) => {
  expect(parse(text)).toEqual([command]);
  expect(parse(...text.split(""))).toEqual([command]);
  expect(parse(`PING\r\n${text}PONG\r\n`)).toEqual([{ verb: "PING" }, command, { verb: "PONG" }]);
});

test.each([
  ["an unknown word", "GET / HTTP/1.1\r\n", "Unknown Protocol Operation"],
  ["a subscription without a name", "SUB a\r\n", "Parser Error"],
  ["a subscription with too much", "SUB a b c d\r\n", "Parser Error"],
  ["a publication without a size", "PUB a\r\n", "Parser Error"],
  ["a negative size", "PUB a -1\r\n", "Parser Error"],
  ["a size that is none", "PUB a 0x1\r\n", "Parser Error"],
  ["a huge size", "PUB a 99999999999999999999\r\n", "Parser Error"],
  ["a payload one too large", "PUB a 17\r\n", "Maximum Payload Violation"],
  ["headers larger than all", "HPUB a 5 4\r\n", "Parser Error"],
  ["a payload that does not end", "PUB a 2\r\nhixx", "Parser Error"],
  ["an end without a name", "UNSUB\r\n", "Parser Error"],
  ["a line one too long", `SUB ${"x".repeat(61)}\r\n`, "Maximum Control Line Exceeded"],
  ["a line without an end", "x".repeat(65), "Maximum Control Line Exceeded"],
])("push() refuses %s", (_name, text, message) => {
  expect(() => parse(text)).toThrow(new BrokerProtocolError(message));
});

test("push() takes a payload and a line of exactly the limit", () => {
  expect(parse(`PUB a 16\r\n${"x".repeat(16)}\r\n`)).toHaveLength(1);
  expect(parse(`SUB ${"x".repeat(58)} 1\r\n`)).toHaveLength(1);
});

test("push() takes a line of exactly the limit also when its end comes in two pieces", () => {
  const line = `SUB ${"x".repeat(58)} 1`;
  expect(parse(`${line}\r`, "\n")).toHaveLength(1);
  expect(() => parse(`${line}x\r`)).toThrow(BrokerProtocolError);
});

test("push() answers any bytes in any pieces the same, and raises nothing but its own error", () => {
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc
      .constantFrom("PUB a 2\r\n", "hi\r\n", "SUB a 1\r\n", "PING\r\n", "\r\n", "HPUB a 1 2\r\n")
      .map((text) => Buffer.from(text)),
  );
  const run = (parts: readonly Uint8Array[]): unknown => {
    const commands: ClientCommand[] = [];
    const parser = new BrokerParser(LIMITS);
    try {
      for (const part of parts) for (const command of parser.push(Buffer.from(part))) commands.push(command);
      return commands;
    } catch (thrown) {
      expect(thrown).toBeInstanceOf(BrokerProtocolError);
      return [...commands, (thrown as Error).message];
    }
  };
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (parts) => {
      const whole = Buffer.concat(parts);
      const bytes = [...whole].map((byte) => Buffer.from([byte]));
      expect(run(bytes)).toEqual(run([whole]));
    }),
    { numRuns: 500 },
  );
});
