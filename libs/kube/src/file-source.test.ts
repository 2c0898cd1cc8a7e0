import { chmodSync, mkdirSync, mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { silentLogger } from "@ambit/base/logger.ts";
import { FakeClock } from "@ambit/testkit/fake-clock.ts";
import { formatDiagnostic } from "./diagnostics.ts";
import { FileSource } from "./file-source.ts";
import { sourceConformance } from "./testing/source-conformance.ts";
import { podValue, policyValue, yamlDocument, yamlDocuments } from "./testing/yaml-builder.ts";

const account = (name: string): string =>
  `apiVersion: v1\nkind: ServiceAccount\nmetadata: { name: ${name} }\n`;

describe("FileSource keeps the promises of a Source", () => {
  sourceConformance(() => {
    const dir = mkdtempSync(join(tmpdir(), "ambit-source-"));
    const source = new FileSource({ roots: [{ dir }] }, { clock: new FakeClock(), logger: silentLogger });
    return {
      source,
      write: (name, text) => writeFileSync(join(dir, `${name}.yaml`), text),
      remove: (name) => rmSync(join(dir, `${name}.yaml`)),
      settle: () => source.refresh(),
      close: async () => {
        source.stop();
        rmSync(dir, { recursive: true, force: true });
        return await Promise.resolve();
      },
    };
  });
});

describe("FileSource", () => {
  let dir: string;
  let source: FileSource;
  let events: string[];
  const write = (name: string, text: string): void => writeFileSync(join(dir, name), text);
  const seen = (): string[] => events.splice(0).sort();
  const problems = (): string[] => source.diagnostics().map(formatDiagnostic);

  async function open(options: { maxFileBytes?: number; observed?: string } = {}): Promise<void> {
    const { observed, ...rest } = options;
    const roots = [{ dir }, ...(observed === undefined ? [] : [{ dir: observed, observed: true }])];
    source = new FileSource(
      { roots, relativeTo: dir, ...rest },
      { clock: new FakeClock(), logger: silentLogger },
    );
    source.subscribe((batch) => {
      for (const event of batch) events.push(`${event.type} ${event.kind} ${event.name}`);
    });
    await source.start();
  }

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "ambit-files-"));
    events = [];
  });

  afterEach(() => {
    source.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  test("reads folders below, not hidden ones, editor files, ambit.yaml or other types", async () => {
    mkdirSync(join(dir, "sub/deep"), { recursive: true });
    mkdirSync(join(dir, ".ambit"));
    write("sub/deep/a.yml", account("a"));
    write("b.json", JSON.stringify({ apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "b" } }));
    for (const name of [".hidden.yaml", ".ambit/c.yaml", "#c.yaml#", "c.yaml~", "c.txt", "ambit.yaml"])
      write(name, account("c"));
    await open();
    expect(seen()).toEqual(["put ServiceAccount a", "put ServiceAccount b"]);
    renameSync(join(dir, "sub"), join(dir, "moved"));
    await source.refresh();
    expect(seen()).toEqual(["put ServiceAccount a"]);
    rmSync(join(dir, "moved"), { recursive: true });
    await source.refresh();
    expect(seen()).toEqual(["delete ServiceAccount a"]);
  });

  test("a syntax error keeps what its document held, and the other documents go on", async () => {
    write("a.yaml", `${account("a")}---\n${account("b")}`);
    await open();
    seen();
    write("a.yaml", `apiVersion: v1\nkind: [\n---\n${account("b")}---\n${account("c")}`);
    await source.refresh();
    expect(seen()).toEqual(["put ServiceAccount b", "put ServiceAccount c"]);
    expect(problems()).toHaveLength(1);
    expect(problems()[0]).toMatch(/^a\.yaml:3: error AMB0001/);
    write("a.yaml", account("b"));
    await source.refresh();
    expect(seen()).toEqual(["delete ServiceAccount a", "delete ServiceAccount c", "put ServiceAccount b"]);
    expect(problems()).toEqual([]);
  });

  test("a duplicate is told where the first one is, changes nothing, and takes over when the first is gone", async () => {
    write("m.yaml", account("a"));
    await open();
    seen();
    write("a.yaml", account("a"));
    await source.refresh();
    expect(seen()).toEqual([]);
    expect(problems()).toEqual([
      "a.yaml:1: error AMB0008 ServiceAccount a.default metadata.name: already defined at m.yaml:1; this one is ignored (rename or remove one of them)",
    ]);
    rmSync(join(dir, "m.yaml"));
    await source.refresh();
    expect(seen()).toEqual(["put ServiceAccount a"]);
    expect(problems()).toEqual([]);
  });

  test("a duplicate within one file counts once", async () => {
    write("a.yaml", `${account("a")}---\n${account("a")}`);
    await open();
    expect(seen()).toEqual(["put ServiceAccount a"]);
    expect(problems()[0]).toMatch(/^a\.yaml:5: error AMB0008 .* already defined at a\.yaml:1/);
  });

  test("what the platform observed wins over the manifest of the same name, without a message", async () => {
    const observed = mkdtempSync(join(tmpdir(), "ambit-observed-"));
    writeFileSync(join(observed, "p.yaml"), yamlDocument(podValue({ name: "p", ip: "10.0.0.1" })));
    const manifest = podValue({ name: "p" }) as { status?: unknown };
    delete manifest.status;
    write("p.yaml", yamlDocument(manifest));
    await open({ observed });
    const ips: string[] = [];
    source.subscribe((batch) => {
      for (const event of batch)
        if (event.type === "put" && event.kind === "Pod") ips.push(...event.object.status.podIPs);
    })();
    expect(ips).toEqual(["10.0.0.1"]);
    expect(problems()).toEqual([]);
    rmSync(observed, { recursive: true });
  });

  test("a policy that was never good is shouted about, one that was keeps its last good version", async () => {
    const good = yamlDocument(
      policyValue("p", { action: "DENY", rules: [{ from: [{ source: { principals: ["*"] } }] }] }),
    );
    write("p.yaml", good.replace("action", "acton"));
    await open();
    expect(seen()).toEqual([]);
    expect(source.diagnostics().map((entry) => entry.code)).toEqual(["AMB0112", "AMB0004"]);
    write("p.yaml", good);
    await source.refresh();
    expect(seen()).toEqual(["put AuthorizationPolicy p"]);
    write("p.yaml", good.replace("action", "acton"));
    await source.refresh();
    expect(seen()).toEqual([]);
    expect(source.diagnostics().map((entry) => entry.code)).toEqual(["AMB0004"]);
  });

  test("a file that is too large or cannot be read keeps what it held", async () => {
    write("a.yaml", account("a"));
    await open({ maxFileBytes: 200 });
    write("a.yaml", `${account("a")}# ${"x".repeat(200)}\n`);
    await source.refresh();
    expect(source.diagnostics()).toMatchObject([{ code: "AMB0011", origin: { file: "a.yaml" } }]);
    write("a.yaml", account("a"));
    await source.refresh();
    expect(problems()).toEqual([]);
    rmSync(join(dir, "a.yaml"));
    mkdirSync(join(dir, "a.yaml"));
    await source.refresh();
    expect(seen()).toEqual(["delete ServiceAccount a", "put ServiceAccount a"]);
  });

  test("an emptied file counts only when it is still empty at the next look", async () => {
    write("a.yaml", account("a"));
    await open();
    seen();
    write("a.yaml", "");
    await source.refresh();
    expect(seen()).toEqual([]);
    await source.refresh();
    expect(seen()).toEqual(["delete ServiceAccount a"]);
  });

  test("a root that vanishes keeps everything and is reported", async () => {
    write("a.yaml", account("a"));
    await open();
    seen();
    renameSync(dir, `${dir}-away`);
    await source.refresh();
    expect(seen()).toEqual([]);
    renameSync(`${dir}-away`, dir);
    await source.refresh();
    expect(seen()).toEqual([]);
  });

  test("a moved resource keeps its object, and locate() finds its fields", async () => {
    const policy = yamlDocument(
      policyValue("p", { action: "DENY", rules: [{ from: [{ source: { principals: ["*"] } }] }] }),
    );
    write("p.yaml", policy);
    const objects: unknown[] = [];
    await open();
    source.subscribe((batch) => {
      for (const event of batch) if (event.type === "put") objects.push(event.object);
    });
    write("p.yaml", `# a line more\n${policy}`);
    await source.refresh();
    expect(objects).toHaveLength(2);
    expect(objects[1]).toBe(objects[0]);
    const resource = { kind: "AuthorizationPolicy", namespace: "default", name: "p" };
    expect(source.locate(resource, "spec.action")).toEqual({ file: "p.yaml", line: 8 });
    expect(source.locate({ ...resource, name: "q" }, "spec")).toBeUndefined();
  });

  test("several documents and a file without permission are independent", async () => {
    write(
      "a.yaml",
      yamlDocuments(
        { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "x" } },
        podValue({ name: "p" }),
      ),
    );
    write("b.yaml", account("b"));
    chmodSync(join(dir, "b.yaml"), 0o000);
    await open();
    const readable = process.getuid?.() === 0;
    expect(seen()).toEqual(readable ? ["put Pod p", "put ServiceAccount b"] : ["put Pod p"]);
    expect(source.diagnostics().map((entry) => entry.code)).toEqual(
      readable ? ["AMB0003"] : ["AMB0003", "AMB0012"],
    );
  });
});

describe("FileSource follows notifications", () => {
  const open = () => {
    const dir = mkdtempSync(join(tmpdir(), "ambit-notify-"));
    const clock = new FakeClock();
    return { dir, clock, source: new FileSource({ roots: [{ dir }] }, { clock, logger: silentLogger }) };
  };

  /** Writes a file and resolves with the time at which its resource arrived. */
  async function arrival(
    source: FileSource,
    clock: FakeClock,
    path: string,
    write: (path: string) => void = (target) => writeFileSync(target, account("a")),
  ): Promise<string> {
    const began = clock.monotonic();
    const arrived = new Promise<string>((resolve) => {
      source.subscribe((batch) => {
        for (const event of batch) resolve(`${event.name} after ${clock.monotonic() - began} ms`);
      });
    });
    const timersBefore = clock.armed;
    write(path);
    while (clock.armed === timersBefore) await new Promise((resolve) => void setImmediate(resolve));
    await clock.advance(0);
    await clock.advance(20);
    return await arrived;
  }

  test("a written file is read after 20 quiet milliseconds, without waiting for the next look around", async () => {
    const { dir, clock, source } = open();
    await source.start();
    expect(await arrival(source, clock, join(dir, "a.yaml"))).toBe("a after 20 ms");
    source.stop();
    rmSync(dir, { recursive: true });
  });

  test("a file that was moved in as a whole is read at once", async () => {
    const { dir, clock, source } = open();
    await source.start();
    const moved = await arrival(source, clock, join(dir, "a.yaml"), (path) => {
      const scratch = join(dir, ".scratch");
      writeFileSync(scratch, account("a"));
      // Some time between the last write and the move.
      utimesSync(scratch, 1_700_000_000, 1_700_000_000);
      renameSync(scratch, path);
    });
    expect(moved).toBe("a after 0 ms");
    source.stop();
    rmSync(dir, { recursive: true });
  });

  test("a folder that was removed and made again is followed again", async () => {
    const { dir, clock, source } = open();
    mkdirSync(join(dir, "sub"));
    await source.start();
    renameSync(join(dir, "sub"), join(dir, ".old"));
    mkdirSync(join(dir, "sub"));
    await source.refresh();
    await clock.advance(500);
    // A look at the new folder may still be under way and find the file first.
    expect(await arrival(source, clock, join(dir, "sub/a.yaml"))).toMatch(/^a after (0|20) ms$/);
    source.stop();
    rmSync(dir, { recursive: true });
  });
});
