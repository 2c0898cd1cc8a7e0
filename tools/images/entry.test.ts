import { describe, expect, test } from "vitest";
import { complete, directory, file } from "./entry.ts";

describe("complete()", () => {
  test("puts every folder above its content, each path once, and keeps what is said of a folder", () => {
    const owner = { uid: 7, gid: 8 };
    const entries = complete([file("var/lib/x/f", "1"), directory("var/lib", 0o700, owner), file("a", "2")]);
    expect(entries.map(({ path, mode, uid }) => `${path} ${mode.toString(8)} ${uid}`)).toEqual([
      "a 644 0",
      "var 755 0",
      "var/lib 700 7",
      "var/lib/x 755 0",
      "var/lib/x/f 644 0",
    ]);
  });

  test("takes the later of two entries of one path", () => {
    expect(Buffer.from(complete([file("a", "old"), file("a", "new")])[0]?.data ?? []).toString()).toBe("new");
  });
});
