import { readFileSync, readlinkSync } from "node:fs";
import { expect, test } from "vitest";
import { unchangedPages } from "./program-pages.ts";

/** As `/proc/PID/smaps` prints it, of each mapping the lines that are looked at and one more. */
function mapping(range: string, mode: string, path: string, anonymous: string): string {
  return `${range} ${mode} 00000000 fe:00 4711                       ${path}\nRss:                 128 kB\n${anonymous}\n`;
}

const CLEAN = "Anonymous:             0 kB";

test("only what is a program's own, read-only and as the file has it", () => {
  const smaps = [
    mapping("00400000-00500000", "r--p", "/opt/node", CLEAN),
    mapping("00500000-00800000", "r-xp", "/opt/node", CLEAN),
    mapping("00800000-00801000", "r--p", "/opt/node", "Anonymous:             4 kB"),
    mapping("00801000-00802000", "rw-p", "/opt/node", CLEAN),
    mapping("00900000-00901000", "r-xp", "/opt/node (deleted)", CLEAN),
    mapping("7f0000000000-7f0000100000", "r-xp", "/lib/libc.so.6", CLEAN),
    mapping("7f0000200000-7f0000300000", "r-xp", "", CLEAN),
    mapping("7f0000400000-7f0000401000", "r-xp", "/opt/node", "Shared_Hugetlb:        0 kB"),
  ].join("");
  expect(unchangedPages(smaps, "/opt/node")).toEqual([
    { start: 0x400000, bytes: 0x100000 },
    { start: 0x500000, bytes: 0x300000 },
  ]);
  expect(unchangedPages("", "/opt/node")).toEqual([]);
});

test("this very process's code is among it", () => {
  const program = readlinkSync("/proc/self/exe");
  const ranges = unchangedPages(readFileSync("/proc/self/smaps", "utf8"), program);
  const bytes = ranges.reduce((sum, range) => sum + range.bytes, 0);
  expect(bytes).toBeGreaterThan(10 * 1024 * 1024);
});
