import { describe, expect, test } from "vitest";
import { silentLogger } from "@ambit/base/logger.ts";
import { meshFrom } from "@ambit/config/testing/mesh-from-yaml.ts";
import type { Source } from "@ambit/kube/source.ts";
import type { StatusDraft } from "@ambit/kube/status-writer.ts";
import { policyValue, yamlDocument } from "@ambit/kube/testing/yaml-builder.ts";
import { FakeClock } from "@ambit/testkit/fake-clock.ts";
import { Reporter } from "./reporter.ts";

const quiet: Source = {
  synced: true,
  start: () => Promise.resolve(),
  stop: () => undefined,
  subscribe: () => () => undefined,
  diagnostics: () => [],
  locate: () => undefined,
  onDiagnostics: () => () => undefined,
};

describe("Reporter", () => {
  test("notice() leads to one look after things have calmed down, however often it is called", async () => {
    const clock = new FakeClock();
    const updates: (readonly StatusDraft[])[] = [];
    const reporter = new Reporter({
      clock,
      logger: silentLogger,
      mesh: meshFrom(yamlDocument(policyValue("p", { selector: { matchLabels: { app: "nobody" } } }))),
      source: quiet,
      writer: {
        update: (drafts) => {
          updates.push(drafts);
          return Promise.resolve();
        },
      },
    });
    reporter.notice();
    reporter.notice();
    expect(reporter.diagnostics).toEqual([]);
    await clock.advance(50);
    expect(reporter.diagnostics.map((entry) => entry.code)).toEqual(["AMB0101"]);
    expect(updates).toHaveLength(1);
    expect(updates[0]?.[0]?.resource.name).toBe("p");
    await clock.advance(1_000);
    expect(updates).toHaveLength(1);
    reporter.notice();
    reporter.stop();
    await clock.advance(1_000);
    expect(updates).toHaveLength(1);
  });
});
