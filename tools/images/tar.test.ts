import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { directory, file, type Entry } from "./entry.ts";
import { tar } from "./tar.ts";

const link: Entry = { ...file("app/link", ""), type: "link", mode: 0o777, target: "main.js" };

/** What the system's own tar makes of the archive: one line an entry. */
function listing(archive: Buffer): readonly string[] {
  const run = spawnSync("tar", ["--numeric-owner", "--utc", "-tvf", "-"], {
    input: archive,
    encoding: "utf8",
  });
  expect(run.stderr).toBe("");
  return run.stdout
    .trimEnd()
    .split("\n")
    .map((line) => line.replaceAll(/ +/g, " "));
}

describe("tar()", () => {
  test("writes what the system's tar reads: kinds, modes, owners, sizes and no time", () => {
    const archive = tar([
      directory("app", 0o750, { uid: 65_531, gid: 65_532 }),
      file("app/main.js", "hello", 0o755),
      file("app/empty", ""),
      directory("tmp", 0o1777),
      link,
    ]);
    expect(listing(archive)).toEqual([
      "drwxr-x--- 65531/65532 0 1970-01-01 00:00 app/",
      "-rwxr-xr-x 0/0 5 1970-01-01 00:00 app/main.js",
      "-rw-r--r-- 0/0 0 1970-01-01 00:00 app/empty",
      "drwxrwxrwt 0/0 0 1970-01-01 00:00 tmp/",
      "lrwxrwxrwx 0/0 0 1970-01-01 00:00 app/link -> main.js",
    ]);
  });

  test("keeps every byte of files around the size of a block", () => {
    const dir = mkdtempSync(join(tmpdir(), "ambit-tar-"));
    const sizes = [0, 1, 511, 512, 513, 1024];
    const path = join(dir, "archive.tar");
    writeFileSync(path, tar(sizes.map((size) => file(`f${size}`, Buffer.alloc(size, size % 251)))));
    const run = spawnSync("tar", ["-xf", path, "-C", dir], { encoding: "utf8" });
    expect(run.stderr).toBe("");
    for (const size of sizes)
      expect(readFileSync(join(dir, `f${size}`))).toEqual(Buffer.alloc(size, size % 251));
    rmSync(dir, { recursive: true });
  });

  test("is whole blocks, ends with two empty ones, and is the same every time", () => {
    const entries = [file("a", "x".repeat(513)), directory("b")];
    const archive = tar(entries);
    expect(archive.length).toBe((1 + 2 + 1 + 2) * 512);
    expect(archive.subarray(-1024).every((byte) => byte === 0)).toBe(true);
    expect(tar(entries).equals(archive)).toBe(true);
  });

  test("splits paths at a slash where they are too long for one field, and refuses one byte more", () => {
    const longest = `${"d".repeat(155)}/${"n".repeat(100)}`;
    const folder = `${"d".repeat(155)}/${"n".repeat(99)}`;
    const plain = "p".repeat(100);
    expect(
      listing(tar([file(longest, ""), directory(folder), file(plain, "")])).map((line) =>
        line.split(" ").at(-1),
      ),
    ).toEqual([longest, `${folder}/`, plain]);
    expect(() => tar([file(`${longest}n`, "")])).toThrow(RangeError);
    expect(() => tar([file(`d${longest}`, "")])).toThrow(RangeError);
    expect(() => tar([file("p".repeat(101), "")])).toThrow("Path is too long");
    expect(() => tar([directory(`${folder}n`)])).toThrow(RangeError);
  });

  test("refuses a link whose target does not fit", () => {
    expect(() => tar([{ ...link, target: "t".repeat(100) }])).not.toThrow();
    expect(() => tar([{ ...link, target: "t".repeat(101) }])).toThrow("Link target is too long");
  });
});
