import { describe, expect, test } from "vitest";
import { earlySend, EARLY_REASONS, formatEarlySend, parseEarlySend } from "./early-send.ts";

const NOTHING = { connections: 0, bytes: 0 };
const SENT = { connections: 2, bytes: 180 };

describe("earlySend()", () => {
  test("goes by what had left when the first rules came: the hold's, or else the capture's", () => {
    expect(earlySend({ state: "held", traffic: NOTHING }, SENT, false)).toBeUndefined();
    expect(earlySend({ state: "held", traffic: SENT }, NOTHING, false)).toEqual({ reason: "late", ...SENT });
    expect(earlySend({ state: "held", traffic: undefined }, SENT, false)).toBeUndefined();
    for (const state of ["late", "failed", "unseen"] as const) {
      expect(earlySend({ state }, SENT, false)).toEqual({ reason: state, ...SENT });
      expect(earlySend({ state }, NOTHING, false)).toBeUndefined();
      expect(earlySend({ state }, undefined, false)).toBeUndefined();
    }
  });

  test("names the agent's absence before anything else", () => {
    expect(earlySend({ state: "unseen" }, SENT, true)?.reason).toBe("away");
  });

  test("wants both a connection and bytes: loopback's are no bytes, and datagrams alone are never captured", () => {
    expect(earlySend({ state: "unseen" }, { connections: 1, bytes: 0 }, false)).toBeUndefined();
    expect(earlySend({ state: "unseen" }, { connections: 0, bytes: 90 }, false)).toBeUndefined();
  });
});

describe("parseEarlySend()", () => {
  test.each(EARLY_REASONS)("reads what formatEarlySend() wrote of %s", (reason) => {
    expect(parseEarlySend(formatEarlySend({ reason, ...SENT }))).toEqual({ reason, ...SENT });
  });

  test.each([
    undefined,
    7,
    "",
    "late",
    "late 1",
    "late 1 -2",
    "early 1 2",
    "late 1 2 3",
    `late 1 ${"9".repeat(16)}`,
  ])("takes %s for nothing", (text) => expect(parseEarlySend(text)).toBeUndefined());
});
