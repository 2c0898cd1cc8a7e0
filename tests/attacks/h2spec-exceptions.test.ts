import { expect, test } from "vitest";
import { differences } from "./h2spec-exceptions.ts";

const CASES = [
  { id: "http2/1: a", outcome: "passed" },
  { id: "http2/1: b", outcome: "Timeout" },
  { id: "http2/1: c", outcome: "skipped" },
];

test("differences() is empty when the exceptions are what does not pass", () => {
  expect(differences(CASES, { "http2/1: b": "reason", "http2/1: c": "reason" })).toEqual([]);
});

test("differences() tells of failures and skipped cases that nobody has explained", () => {
  expect(differences(CASES, {})).toEqual(["http2/1: b: Timeout", "http2/1: c: skipped"]);
});

test("differences() lets a race end either way", () => {
  const races = { "http2/1: a": { race: "reason" }, "http2/1: b": { race: "reason" } };
  expect(differences(CASES.slice(0, 2), races)).toEqual([]);
});

test("differences() tells of exceptions that pass or that are of no case", () => {
  const stale = { "http2/1: a": "reason", "http2/9: z": "reason" };
  expect(differences(CASES.slice(0, 1), stale)).toEqual([
    "http2/1: a: an exception that passes",
    "http2/9: z: an exception of no case",
  ]);
});
