import { expect, test } from "vitest";
import { seededRandom } from "@ambit/base/random.ts";
import { SourcePorts } from "./source-ports.ts";

test("next() walks through its range and begins again, outside the kernel's range", () => {
  const ports = new SourcePorts({ ...seededRandom(1), below: () => 12_766 });
  expect([ports.next(), ports.next(), ports.next()]).toEqual([32_766, 32_767, 20_000]);
});
