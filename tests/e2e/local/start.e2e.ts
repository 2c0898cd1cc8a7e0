import { spawnSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ConfigDump, PodRow } from "@ambit/contract/admin-api.ts";
import { PacketRecording } from "../support/capture.ts";
import { missingForNamespaces, TestMesh, until } from "../support/mesh.ts";

const missing = missingForNamespaces();
if (missing !== "") process.stderr.write(`SKIPPED: the mesh end to end: ${missing}\n`);

const users =
  process.getuid?.() === 0
    ? (["root", "an unprivileged user"] as const)
    : (["an unprivileged user"] as const);

describe.skipIf(missing !== "").each(users)("npm start as %s", (user) => {
  const mesh = new TestMesh({ unprivileged: user !== "root" && process.getuid?.() === 0 });

  beforeAll(() => mesh.up());
  afterAll(() => mesh.remove());

  test("shows traffic from client to all three replicas over HBONE between two nodes, all of it mTLS", () => {
    expect(mesh.output).toContain("mode=netns");
    expect(mesh.output).toMatch(/100 % mTLS/);
    expect(mesh.output).toMatch(/success 100 %/);
    expect(mesh.output).toMatch(/client -> myapp .*HBONE .*3 replicas answered/);
    expect(mesh.output).toMatch(/node-[ab] -> node-[ab]/);
  });

  test("prints next commands that work verbatim", () => {
    const commands = [...mesh.output.matchAll(/^ {2}(npx ambit .+)$/gm)].map((match) => match[1] ?? "");
    expect(commands.length).toBeGreaterThan(4);
    for (const command of commands.filter((line) => !line.endsWith(" down"))) {
      const run = mesh.shell(command);
      // doctor reports warnings about the machine with status 1.
      const allowed = command.endsWith("doctor") ? [0, 1] : [0];
      expect(allowed, `${command}\n${run.stdout}${run.stderr}`).toContain(run.status);
    }
  });

  test("publishes myapp on the machine's loopback", async () => {
    let answer: unknown;
    await until("myapp answers on the machine's port", async () => {
      const response = await fetch("http://127.0.0.1:8080/").catch(() => undefined);
      if (response?.status !== 200) return false;
      answer = await response.json();
      return true;
    });
    expect(answer).toMatchObject({ app: "myapp" });
  });

  test("sends no plaintext between the nodes", async () => {
    const secret = `plaintext-canary-${process.pid}`;
    const shown = `shown-canary-${process.pid}`;
    const capture = await PacketRecording.ofMesh(mesh);
    capture.show(shown);
    const pods = mesh.json<readonly PodRow[]>("status").length;
    expect(pods).not.toBe(0);
    for (let attempt = 0; attempt < 6; attempt++) {
      const script = fetchScript(`http://myapp/${secret}`);
      const run = mesh.ambit("exec", "client", "--", process.execPath, "-e", script);
      expect(run.stdout, run.stderr).toContain(secret);
    }
    const packets = await capture.stop();
    expect(packets.includes(shown), "what is sent in plaintext is seen").toBe(true);
    expect(packets.length).toBeGreaterThan(2_000);
    expect(packets.includes(secret)).toBe(false);
    expect(packets.includes("HTTP/1.1")).toBe(false);
  });

  test("knows both directions of its tables", () => {
    const dump = mesh.json<ConfigDump>("ztunnel-config", "all");
    expect(dump.workloads.map((workload) => workload.protocol)).toContain("HBONE");
    expect(
      dump.certificates.some((entry) => entry.identity === "spiffe://cluster.local/ns/default/sa/myapp"),
    ).toBe(true);
  });

  test("leaves nothing behind after Ctrl-C", async () => {
    const record = JSON.parse(readFileSync(join(mesh.state, "mesh.json"), "utf8")) as { innerPid: number };
    await mesh.interrupt();
    await until("the sandbox is gone", () => spawnSync("kill", ["-0", String(record.innerPid)]).status !== 0);
    expect(processesNaming(mesh.folder)).toEqual([]);
    expect(mesh.output).toContain("mesh down");
  });
});

describe("ambit up --mode loopback", () => {
  const mesh = new TestMesh({ args: ["--mode", "loopback"] });

  beforeAll(() => mesh.up());
  afterAll(() => mesh.remove());

  test("runs the workloads without capture, says so, and publishes their ports", async () => {
    expect(mesh.output).toContain("mode=loopback");
    expect(mesh.output).toContain("WITHOUT capture and WITHOUT mTLS");
    await until("myapp answers", async () => {
      const response = await fetch("http://127.0.0.1:8080/").catch(() => undefined);
      return response?.status === 200;
    });
    for (const command of ["npx ambit status", "npx ambit doctor"]) {
      const run = mesh.shell(command);
      expect([0, 1], `${command}\n${run.stdout}${run.stderr}`).toContain(run.status);
    }
  });
});

/** Processes other than this one that carry `text` in their command line or environment. */
function processesNaming(text: string): readonly string[] {
  const found: string[] = [];
  for (const pid of readdirSync("/proc").filter(
    (name) => /^[0-9]+$/.test(name) && name !== String(process.pid),
  )) {
    try {
      const words = `${readFileSync(`/proc/${pid}/cmdline`, "utf8")} ${readFileSync(`/proc/${pid}/environ`, "utf8")}`;
      if (words.includes(text)) found.push(words.replaceAll("\0", " ").slice(0, 200));
    } catch {
      // It ended while we looked.
    }
  }
  return found;
}

function fetchScript(url: string): string {
  return `fetch(${JSON.stringify(url)}).then((r) => r.text()).then((t) => console.log(t))`;
}
