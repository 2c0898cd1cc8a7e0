import { expect, test } from "vitest";
import { AsConnect } from "./as-connect.ts";
import { frame, HELLO, PADDED, TYPE } from "./frames.ts";

const TARGET = "10.0.0.8:80";
const AUTHORITY = Buffer.concat([Buffer.of(0x41, TARGET.length), Buffer.from(TARGET)]);
const CONNECT = Buffer.from("0207434f4e4e454354", "hex");
/** GET, http, "/", and an authority of three bytes. */
const GET = Buffer.from("828684410361623a", "hex");
const AGAIN = Buffer.from("838684be", "hex");
const MORE = Buffer.from("4001780131", "hex");

function taken(...chunks: readonly Buffer[]): Buffer {
  const requests = new AsConnect(TARGET);
  return Buffer.concat(chunks.map((chunk) => requests.take(chunk)));
}

function headers(block: Buffer, flags = 4): Buffer {
  return frame(TYPE.headers, flags, 1, block);
}

test("take() makes whole requests into those for a tunnel, fields behind them kept", () => {
  const sent = Buffer.concat([HELLO, headers(Buffer.concat([GET, MORE])), headers(AGAIN)]);
  const wanted = Buffer.concat([
    HELLO,
    headers(Buffer.concat([CONNECT, AUTHORITY, MORE])),
    headers(Buffer.concat([CONNECT, Buffer.of(0xbe)])),
  ]);
  expect(taken(sent)).toEqual(wanted);
  expect(taken(...Array.from(sent, (byte) => Buffer.of(byte)))).toEqual(wanted);
});

test("take() keeps the priority before a request", () => {
  const priority = Buffer.of(0, 0, 0, 3, 9);
  expect(taken(HELLO, headers(Buffer.concat([priority, GET]), 0x24))).toEqual(
    Buffer.concat([HELLO, headers(Buffer.concat([priority, CONNECT, AUTHORITY]), 0x24)]),
  );
});

test.each([
  ["a padded request", headers(GET, 4 | PADDED)],
  ["a request that is cut in its authority", headers(GET.subarray(0, 6), 0)],
  ["a request without a path", headers(Buffer.from("8286410361623a", "hex"))],
  ["other frames", frame(TYPE.continuation, 4, 1, GET)],
])("take() passes %s as it is", (_what, bytes) => {
  expect(taken(HELLO, bytes)).toEqual(Buffer.concat([HELLO, bytes]));
});

test("take() passes what does not begin as HTTP/2 as it is", () => {
  const bytes = Buffer.from("INVALID CONNECTION PREFACE\r\n\r\n");
  expect(taken(bytes.subarray(0, 1), bytes.subarray(1))).toEqual(bytes);
});
