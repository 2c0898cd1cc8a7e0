import { describe, expect, test } from "vitest";
import { checked, fuzz } from "./run.ts";
import { keptInputs } from "./state.ts";
import { TARGETS } from "./table.ts";

const SEED = 20_260_101;

describe.each(Object.entries(TARGETS))("%s", (name, { load, shortRun }) => {
  test("a short run of new inputs finds nothing", async () => {
    const { create } = await load();
    const { done, failure } = await fuzz(await create(), { seed: SEED, from: 0, count: shortRun });
    expect(failure).toBeUndefined();
    expect(done).toBe(shortRun);
  });

  test("what was found once is not found again", async () => {
    const { create } = await load();
    const target = await create();
    for (const kept of keptInputs(name)) {
      const { thrown } = await checked(target, kept.input);
      expect(thrown, kept.name).toBeUndefined();
    }
  });
});
