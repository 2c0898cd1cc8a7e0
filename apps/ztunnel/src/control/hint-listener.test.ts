import { expect, test } from "vitest";
import { silentLogger } from "@ambit/base/logger.ts";
import type { BusMessage } from "@ambit/bus/bus.ts";
import type { Hint, HintType } from "@ambit/bus/hints.ts";
import { HintListener } from "./hint-listener.ts";

function setUp(): { say: (type: HintType | "forged") => void; done: string[]; subjects: string[] } {
  const done: string[] = [];
  const listeners = new Map<string, (message: BusMessage) => void>();
  const listener = new HintListener("node-a", {
    logger: silentLogger,
    bus: {
      subscribe: (subject, onMessage) => {
        listeners.set(subject, onMessage);
        return () => listeners.delete(subject);
      },
    },
    decode: (data) => {
      const type = Buffer.from(data).toString();
      if (type === "forged") throw new Error("its signature does not verify");
      return { type: type as HintType, scope: "", version: 1, issuer: "", time: 0 } satisfies Hint;
    },
    refetch: () => done.push("refetch"),
    nudge: () => done.push("nudge"),
  });
  listener.start();
  const subjects = [...listeners.keys()];
  const subject = subjects[0] ?? "";
  return { say: (type) => listeners.get(subject)?.({ subject, data: Buffer.from(type) }), done, subjects };
}

test("start() subscribes to what a node's proxy may hear", () => {
  expect(setUp().subjects).toEqual([
    "mesh.ca.bundle",
    "mesh.cert.rotated.node-a",
    "mesh.policy.invalidated.>",
  ]);
});

test("hints make the truth be read again, and nothing else", () => {
  const { say, done } = setUp();
  say("bundle-changed");
  say("certificates-rotated");
  say("policy-invalidated");
  say("config-version");
  expect(done).toEqual(["refetch", "refetch", "nudge", "nudge"]);
});

test("a forged hint costs nothing", () => {
  const { say, done } = setUp();
  say("forged");
  expect(done).toEqual([]);
});
