import { describe, expect, test } from "vitest";
import { findProgram, parseLibraries } from "./system.ts";

describe("parseLibraries()", () => {
  test("reads the paths of what ldd prints, the loader's among them", () => {
    const output = [
      "\tlinux-vdso.so.1 (0x00007ffd5a3f2000)",
      "\tlibnftables.so.1 => /lib/x86_64-linux-gnu/libnftables.so.1 (0x00007f0c3c0a2000)",
      "\tlibc.so.6 => /lib/x86_64-linux-gnu/libc.so.6 (0x00007f0c3bec1000)",
      "\t/lib64/ld-linux-x86-64.so.2 (0x00007f0c3c1b4000)",
      "",
    ].join("\n");
    expect(parseLibraries(output)).toEqual([
      "/lib/x86_64-linux-gnu/libnftables.so.1",
      "/lib/x86_64-linux-gnu/libc.so.6",
      "/lib64/ld-linux-x86-64.so.2",
    ]);
  });

  test("finds none for a program that is linked statically", () => {
    expect(parseLibraries("\tstatically linked\n")).toEqual([]);
    expect(parseLibraries("")).toEqual([]);
  });

  test("refuses a library that is missing, and names it", () => {
    expect(() => parseLibraries("\tlibjansson.so.4 => not found\n")).toThrow("libjansson.so.4");
  });
});

describe("findProgram()", () => {
  test("finds a program and says what to install for one that is not there", () => {
    expect(findProgram("true")).toMatch(/\/true$/);
    expect(() => findProgram("no-such-program-here")).toThrow("install nftables");
  });
});
