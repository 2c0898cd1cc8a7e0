import { appendFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Journal, processStartTime } from "./journal.ts";

describe("Journal", () => {
  let folder = "";
  let path = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "ambit-journal-"));
    path = join(folder, "run/journal");
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test("entries() gives a successor what was made and not removed", () => {
    const first = new Journal(path, "s1");
    first.add({ kind: "netns", name: "pod-a" });
    first.add({ kind: "netns", name: "pod-b" });
    first.add({ kind: "process", pid: 7, startTime: "100" });
    first.remove({ kind: "netns", name: "pod-a" });
    expect(new Journal(path, "s1").entries()).toEqual([
      { kind: "netns", name: "pod-b" },
      { kind: "process", pid: 7, startTime: "100" },
    ]);
  });

  test("entries() tells links of the same name apart by their node", () => {
    const first = new Journal(path, "s1");
    const [a, b] = ["/run/netns/node-a", "/run/netns/node-b"].map(
      (netnsPath) => ({ kind: "link", name: "pod2", netnsPath }) as const,
    );
    if (a === undefined || b === undefined) throw new RangeError("two links");
    first.add(a);
    first.add(b);
    first.remove(a);
    expect(new Journal(path, "s1").entries()).toEqual([b]);
  });

  test("entries() leaves out what went away with another sandbox", () => {
    new Journal(path, "s1").add({ kind: "process", pid: 7, startTime: "100" });
    expect(new Journal(path, "s2").entries()).toEqual([]);
  });

  test("reads past a torn last line", () => {
    new Journal(path, "s1").add({ kind: "netns", name: "pod-a" });
    appendFileSync(path, '{"op":"add","sand');
    expect(new Journal(path, "s1").entries()).toEqual([{ kind: "netns", name: "pod-a" }]);
  });

  test("remove() empties the file with the last entry", () => {
    const journal = new Journal(path, "s1");
    journal.add({ kind: "netns", name: "pod-a" });
    journal.remove({ kind: "netns", name: "pod-a" });
    expect(readFileSync(path, "utf8")).toBe("");
  });
});

describe("processStartTime()", () => {
  test("tells a process that runs from one that does not", () => {
    expect(processStartTime(process.pid)).toMatch(/^[0-9]+$/);
    expect(processStartTime(0x7fff_fff0)).toBeUndefined();
  });
});
