import { expect, test } from "vitest";
import type { HeaderField } from "./hpack-decoder.ts";
import { malformedFields, malformedTrailers } from "./field-check.ts";

const CONNECT: readonly HeaderField[] = [
  [":method", "CONNECT"],
  [":authority", "10.0.0.8:80"],
];

test.each<readonly [string, readonly HeaderField[]]>([
  ["a capital in a name", [["X-Evil", "1"]]],
  ["an empty name", [["", "1"]]],
  ["a blank in a name", [["x evil", "1"]]],
  ["a colon in a name", [["x:evil", "1"]]],
  ["a byte beyond ASCII in a name", [["x-\xff", "1"]]],
  ["a line feed in a value", [["baggage", "a=b\nx: 1"]]],
  ["a carriage return in a value", [["baggage", "a=b\rx"]]],
  ["a zero byte in a value", [["baggage", "a\0b"]]],
  [
    "a pseudo field after a field",
    [
      ["baggage", "a=b"],
      [":path", "/"],
    ],
  ],
  ["an unknown pseudo field", [[":evil", "1"]]],
  ["a pseudo field twice", [[":authority", "10.0.0.9:80"]]],
  ["a status in a request", [[":status", "200"]]],
  ["a connection field", [["connection", "close"]]],
  ["a transfer coding", [["transfer-encoding", "chunked"]]],
  ["te with anything but trailers", [["te", "gzip"]]],
  ["a scheme in a CONNECT", [[":scheme", "https"]]],
  ["a path in a CONNECT", [[":path", "/"]]],
  ["a protocol in a CONNECT", [[":protocol", "websocket"]]],
])("malformedFields() refuses %s", (_what, more) => {
  expect(malformedFields([...CONNECT, ...more], true)).toBeDefined();
});

const GET: readonly HeaderField[] = [
  [":method", "GET"],
  [":scheme", "https"],
  [":path", "/"],
  [":authority", "10.0.0.8:80"],
];

test.each([":method", ":scheme", ":path"])("malformedFields() refuses a request without %s", (missing) => {
  expect(malformedFields(GET, true)).toBeUndefined();
  expect(
    malformedFields(
      GET.filter(([name]) => name !== missing),
      true,
    ),
  ).toBeDefined();
});

test("malformedFields() refuses an empty path", () => {
  const fields = GET.map(([name, value]): HeaderField => [name, name === ":path" ? "" : value]);
  expect(malformedFields(fields, true)).toBe("no path");
});

test("malformedFields() takes a CONNECT without an authority, which is answered with a status", () => {
  expect(malformedFields([[":method", "CONNECT"]], true)).toBeUndefined();
});

test("malformedFields() takes what peers send", () => {
  const fields: readonly HeaderField[] = [
    ...CONNECT,
    ["baggage", "k8s.namespace.name=web"],
    ["__proto__", "x"],
    ["te", "trailers"],
    ["x-latin", "\xe9\t!"],
  ];
  expect(malformedFields(fields, true)).toBeUndefined();
  expect(
    malformedFields(
      [
        [":status", "200"],
        ["date", ""],
      ],
      false,
    ),
  ).toBeUndefined();
});

test("malformedTrailers() refuses pseudo fields", () => {
  expect(malformedTrailers([[":method", "CONNECT"]])).toBeDefined();
  expect(malformedTrailers([["grpc-status", "0"]])).toBeUndefined();
});
