import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe } from "vitest";
import { describeBus } from "./bus-suite.ts";
import { Engine, root, succeed } from "./engine.ts";
import { describeMesh } from "./mesh-suite.ts";
import { describeOwnFile } from "./own-file-suite.ts";

const BUILD_MS = 600_000;
const TEST_MS = 300_000;
const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };

// Containers of a reaper would have to come from a registry; these tests remove their own.
process.env["TESTCONTAINERS_RYUK_DISABLED"] = "true";

const found = await Engine.find();
if (typeof found === "string") process.stderr.write(`SKIPPED: containers end to end: ${found}\n`);

/** The engine; only asked for by tests that run. */
function engine(): Engine {
  if (typeof found === "string") throw new Error(found);
  return found;
}

function image(name: string): string {
  return `ambit/${name}:${version}`;
}

describe.skipIf(typeof found === "string")("with a container engine", { timeout: TEST_MS }, () => {
  beforeAll(() => {
    succeed([process.execPath, "tools/images.ts"], root, process.env);
  }, BUILD_MS);
  afterAll(() => engine().stop());

  describeBus(image);
  describeMesh(engine, image);
  describeOwnFile(engine, image);
});
