import { expect, test } from "vitest";
import { applyLevel } from "@ambit/runtime/log-writer.ts";
import { FakeClock } from "@ambit/testkit/fake-clock.ts";
import type { Levels } from "../messages.ts";
import { LeveledWriter } from "./leveled-writer.ts";

test("every change of levels is told, as a whole", () => {
  const writer = new LeveledWriter({}, { clock: new FakeClock(), sink: () => undefined });
  const told: Levels[] = [];
  writer.onLevels = (levels) => told.push(levels);
  applyLevel(writer, "warn");
  applyLevel(writer, "access=debug");
  writer.reset();
  expect(told).toEqual([
    { level: "warn", scopes: {} },
    { level: "warn", scopes: { access: "debug" } },
    { level: "info", scopes: {} },
  ]);
});
