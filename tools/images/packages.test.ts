import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { licenceText, notices, packageFolder, packagesOf } from "./packages.ts";

const root = join(import.meta.dirname, "../..");

describe("packageFolder()", () => {
  test.each([
    ["node_modules/fastify/lib/server.js", "node_modules/fastify"],
    ["node_modules/@grpc/grpc-js/build/index.js", "node_modules/@grpc/grpc-js"],
    ["node_modules/a/node_modules/@b/c/d.js", "node_modules/a/node_modules/@b/c"],
    ["libs/base/src/clock.ts", "libs/base"],
    ["apps/ca/src/main.ts", "apps/ca"],
    ["tools/images.ts", undefined],
    ["<stdin>", undefined],
  ])("of %s is %s", (source, folder) => expect(packageFolder(source)).toBe(folder));
});

describe("packagesOf()", () => {
  test("lists each package once, in order, and tells ours from others'", () => {
    const found = packagesOf(
      [
        "libs/base/src/clock.ts",
        "node_modules/yaml/a.js",
        "libs/base/src/files.ts",
        "node_modules/yaml/b.js",
      ],
      root,
    );
    expect(found.map(({ name, foreign }) => [name, foreign])).toEqual([
      ["@ambit/base", false],
      ["yaml", true],
    ]);
    expect(found[1]?.licence).toBe("ISC");
    expect(found.slice(1).map((entry) => licenceText(entry, root))[0]).toContain("Permission to use");
  });
});

describe("notices()", () => {
  test("has every text under its title", () => {
    const text = notices(
      new Map([
        ["one 1.0", "  Do what you like \n"],
        ["two 2.0", "Keep this"],
      ]),
    );
    expect(text).toMatch(/one 1\.0\n=+\n\nDo what you like\n/);
    expect(text).toMatch(/two 2\.0\n=+\n\nKeep this\n/);
  });
});
