import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { writeFileAtomic } from "./files.ts";

const folder = mkdtempSync(join(tmpdir(), "ambit-files-"));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("writeFileAtomic() replaces the file, makes its folder and leaves no scratch file", () => {
  const path = join(folder, "deep/state.json");
  writeFileAtomic(path, "one", 0o600);
  writeFileAtomic(path, Buffer.from("two"), 0o600);
  expect(readFileSync(path, "utf8")).toBe("two");
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(readdirSync(join(folder, "deep"))).toEqual(["state.json"]);
});
