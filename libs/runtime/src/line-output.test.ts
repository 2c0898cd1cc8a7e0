import { expect, test } from "vitest";
import { LineOutput } from "./line-output.ts";

/** A file with room for so many bytes. */
class Disk {
  room: number;
  text = "";

  constructor(room: number) {
    this.room = room;
  }

  readonly write = (bytes: Buffer): number => {
    if (this.room === 0) throw Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
    const count = Math.min(this.room, bytes.length);
    this.text += bytes.toString("utf8", 0, count);
    this.room -= count;
    return count;
  };
}

test("put() writes lines as they come", () => {
  const disk = new Disk(1_000);
  const output = new LineOutput(disk.write);
  output.put("one\n");
  output.put("two\n");
  expect(disk.text).toBe("one\ntwo\n");
});

test("put() gives up what there is no room for, and says so once there is", () => {
  const disk = new Disk(4);
  const output = new LineOutput(disk.write);
  output.put("one\n");
  output.put("two\n");
  output.put("three\n");
  expect(output.lost).toBe(10);
  disk.room = 1_000;
  output.put("four\n");
  expect(disk.text).toBe("one\n10 characters of log were lost: ENOSPC\nfour\n");
  expect(output.lost).toBe(0);
});

test("put() ends a line that was cut off before it goes on", () => {
  const disk = new Disk(6);
  const output = new LineOutput(disk.write);
  output.put("one\n");
  output.put("two and more\n");
  disk.room = 1_000;
  output.put("three\n");
  expect(disk.text).toBe("one\ntw\n11 characters of log were lost: ENOSPC\nthree\n");
});
