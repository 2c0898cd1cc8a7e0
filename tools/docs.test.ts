import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "..");
const pages = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"];

/** Paths such as `libs/io/driver.ts` in a page; `libs/x/y.ts` stands for `libs/x/src/y.ts`. */
function pathsIn(text: string): readonly string[] {
  const paths: string[] = [];
  for (const [path] of text.matchAll(
    /(?<![\w/])(?:libs|apps|tools|tests|docs|samples)\/[\w./{},*-]*[\w}*]/g,
  )) {
    const braces = /^(.*)\{([^}]+)\}(.*)$/.exec(path);
    if (braces === null) paths.push(path);
    else for (const part of (braces[2] ?? "").split(",")) paths.push(`${braces[1]}${part}${braces[3]}`);
  }
  return paths.map((path) => path.replace(/\/?\*.*$/, ""));
}

test.each(pages)("%s names only files that exist", (page) => {
  const missing = pathsIn(readFileSync(join(root, page), "utf8")).filter((path) => {
    const [group = "", room = "", ...rest] = path.split("/");
    return !existsSync(join(root, path)) && !existsSync(join(root, group, room, "src", ...rest));
  });
  expect(missing).toEqual([]);
});

test("README.md names only commands that exist", () => {
  const scripts = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    scripts: Record<string, string>;
  };
  const text = readFileSync(join(root, "README.md"), "utf8");
  const named = [...text.matchAll(/npm (?:run )?(start|test|ok|bench)\b/g)].map((match) => match[1] ?? "");
  expect(named.filter((name) => !(name in scripts.scripts))).toEqual([]);
});
