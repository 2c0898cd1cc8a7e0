import { expect, test } from "vitest";
import { relayOutcome } from "./relay-outcome.ts";

test.each([
  ["connect-failed", "CONNECT"],
  ["tls-failed", "TLS_FAILURE"],
  ["identity-mismatch", "TLS_FAILURE"],
  ["h2-failed", "H2_HANDSHAKE_FAILURE"],
  ["refused-by-peer", "-"],
  ["cut", "-"],
  ["overload", "-"],
  ["deadline", "CONNECT"],
] as const)("relayOutcome() of %s has the flag %s and tells why", (code, flag) => {
  const outcome = relayOutcome({ kind: "error", code, detail: "the server answered 401" });
  expect(outcome.flag).toBe(flag);
  expect(outcome.error).toContain("the server answered 401");
});

test("relayOutcome() takes a reset and a clean end for no failure", () => {
  expect(relayOutcome({ kind: "error", code: "reset", detail: "ECONNRESET" })).toEqual({
    flag: "-",
    error: undefined,
  });
  expect(relayOutcome({ kind: "complete" })).toEqual({ flag: "-", error: undefined });
});
