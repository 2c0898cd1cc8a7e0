import { expect, test } from "vitest";
import { collectGarbage } from "./memory.ts";

test("collectGarbage() frees what nothing refers to any more", async () => {
  const dropped = ((): WeakRef<object> => new WeakRef({ large: Array.from({ length: 1_000 }) }))();
  // A reference that was just made or read is held until the present job ends.
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
  await collectGarbage();
  expect(dropped.deref()).toBeUndefined();
});
