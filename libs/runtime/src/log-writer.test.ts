import { expect, test } from "vitest";
import type { Clock } from "@ambit/base/clock.ts";
import { applyLevel, LogWriter, type LogWriterOptions } from "./log-writer.ts";

const clock: Clock = {
  now: () => Date.UTC(2026, 0, 2, 3, 4, 5),
  monotonic: () => 0,
  after: () => ({ cancel: () => undefined }),
  every: () => ({ cancel: () => undefined }),
};

function writer(options: LogWriterOptions = {}): { lines: string[]; writer: LogWriter } {
  const lines: string[] = [];
  return { lines, writer: new LogWriter(options, { clock, sink: (line) => lines.push(line) }) };
}

test("write() prints tab-separated text with quoted strings and bare numbers", () => {
  const { lines, writer: log } = writer();
  log.logger("xds").info("connected", { address: "10.0.0.1:15012", attempt: 2, gone: undefined });
  expect(lines).toEqual([
    '2026-01-02T03:04:05.000Z\tinfo\txds\tconnected\taddress="10.0.0.1:15012" attempt=2\n',
  ]);
});

test("write() keeps one line whatever the fields hold", () => {
  const { lines, writer: log } = writer();
  log.logger("a").warn("odd", { text: 'x\n"y"\u001b[31m' });
  expect(lines[0]?.split("\n")).toHaveLength(2);
  expect(lines[0]).not.toContain("\u001b");
});

test("write() prints one flat object as JSON", () => {
  const { lines, writer: log } = writer({ format: "json" });
  log
    .logger("ca")
    .child("audit")
    .error("refused", { error: new Error("no") });
  expect(JSON.parse(lines[0] ?? "")).toEqual({
    level: "error",
    time: "2026-01-02T03:04:05.000Z",
    scope: "ca/audit",
    message: "refused",
    error: "no",
  });
});

test("applyLevel() changes one scope or all, and reset() undoes it", () => {
  const { lines, writer: log } = writer();
  expect(applyLevel(log, "xds=debug")).toBe(true);
  expect(applyLevel(log, "error")).toBe(true);
  expect(applyLevel(log, "loud")).toBe(false);
  log.logger("xds").debug("shown");
  log.logger("ca").info("hidden");
  expect(lines).toHaveLength(1);
  log.reset();
  log.logger("ca").info("shown");
  expect(lines).toHaveLength(2);
});
