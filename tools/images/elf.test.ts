import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { trimElf } from "./elf.ts";
import { findProgram } from "./system.ts";

/** A 64-bit file of two segments, the second of which ends at byte 300, with a section table at byte 400. */
function elf(): Buffer {
  const bytes = Buffer.alloc(600, 0xee);
  bytes.writeUInt32LE(0x464c457f, 0);
  bytes[4] = 2;
  bytes[5] = 1;
  bytes.writeBigUInt64LE(64n, 32);
  bytes.writeBigUInt64LE(400n, 40);
  bytes.writeUInt16LE(56, 54);
  bytes.writeUInt16LE(2, 56);
  bytes.writeUInt16LE(64, 58);
  bytes.writeUInt16LE(3, 60);
  bytes.writeUInt16LE(2, 62);
  for (const [index, type, offset, size] of [
    [0, 1, 200n, 100n],
    // A note that is not loaded reaches further.
    [1, 4, 200n, 400n],
  ] as const) {
    const at = 64 + index * 56;
    bytes.writeUInt32LE(type, at);
    bytes.writeBigUInt64LE(offset, at + 8);
    bytes.writeBigUInt64LE(size, at + 32);
  }
  return bytes;
}

describe("trimElf()", () => {
  test("keeps what is loaded and names no sections any more", () => {
    const trimmed = trimElf(elf());
    expect(trimmed.length).toBe(300);
    expect(trimmed.readBigUInt64LE(40)).toBe(0n);
    expect([trimmed.readUInt16LE(60), trimmed.readUInt16LE(62)]).toEqual([0, 0]);
    expect(trimmed.subarray(64).equals(elf().subarray(64, 300))).toBe(true);
  });

  test("leaves the argument alone", () => {
    const bytes = elf();
    trimElf(bytes);
    expect(bytes.equals(elf())).toBe(true);
  });

  test("gives back as it is what is no such file", () => {
    const short = elf().subarray(0, 63);
    const other = elf();
    other[4] = 1;
    const big = elf();
    big[5] = 2;
    for (const bytes of [Buffer.alloc(0), Buffer.from("#!/bin/sh\n"), short, other, big])
      expect(trimElf(bytes)).toBe(bytes);
  });

  test("makes a program that still runs", () => {
    const dir = mkdtempSync(join(tmpdir(), "ambit-elf-"));
    const path = join(dir, "true");
    writeFileSync(path, trimElf(readFileSync(findProgram("true"))));
    chmodSync(path, 0o755);
    expect(spawnSync(path, []).status).toBe(0);
    rmSync(dir, { recursive: true });
  });
});
