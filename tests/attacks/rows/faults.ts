import { spawnSync } from "node:child_process";
import { connect } from "node:net";
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { processes, environment, part, SCRIPTS } from "../processes.ts";
import { SERVED, type Row } from "../row.ts";
import { works } from "../tunnel.ts";
import type { World } from "../world.ts";
import { CONTROL_TWINS } from "./control.ts";

/** Of util-linux, as the other tools the mesh needs. */
const LIMITS = "prlimit";

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

async function eventually(works: () => Promise<string>, timeoutMs: number): Promise<string> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const outcome = await works();
    if (outcome === SERVED || performance.now() > deadline) return outcome;
    await wait(100);
  }
}

/** Kills a part of the control plane: traffic goes on at once, the part comes back. */
function killed(id: string, name: "discovery" | "ca" | "bus", back: Row["twin"]): Row {
  return {
    id,
    name: `${name} killed`,
    attacker: "kills a part of the control plane",
    expected: [SERVED],
    attack: async (world, scale) => {
      for (let round = 0; round < Math.max(1, Math.round(5 * scale)); round++) {
        const pid = part(SCRIPTS[name]);
        if (pid === undefined) return "not running";
        process.kill(pid, "SIGKILL");
        const meanwhile = await works(world);
        if (meanwhile !== SERVED) return `meanwhile ${meanwhile}`;
        const returned = await eventually(() => back(world), 15_000);
        if (returned !== SERVED) return `then ${returned}`;
      }
      return SERVED;
    },
    twin: works,
  };
}

/** Stops a part of the control plane for a while. */
function frozen(id: string, name: "discovery" | "ca" | "bus", back: Row["twin"]): Row {
  return {
    id,
    name: `${name} frozen`,
    attacker: "freezes a part of the control plane",
    expected: [SERVED],
    attack: async (world, scale) => {
      const pid = part(SCRIPTS[name]);
      if (pid === undefined) return "not running";
      process.kill(pid, "SIGSTOP");
      try {
        for (let round = 0; round < Math.max(2, 10 * scale); round++) {
          const meanwhile = await works(world);
          if (meanwhile !== SERVED) return `meanwhile ${meanwhile}`;
          await wait(1_000);
        }
      } finally {
        process.kill(pid, "SIGCONT");
      }
      return eventually(() => back(world), 10_000);
    },
    twin: works,
  };
}

/** A manifest that somebody hostile may write: discovery lives, and what was there before stays. */
function manifest(id: string, name: string, text: (scale: number) => string): Row {
  return {
    id,
    name,
    attacker: "puts a hostile manifest among the others",
    expected: [SERVED],
    attack: async (world, scale) => {
      const path = join(world.manifests, "hostile.yaml");
      const before = part(SCRIPTS.discovery);
      writeFileSync(path, text(scale));
      await wait(1_000);
      try {
        if (part(SCRIPTS.discovery) !== before) return "discovery ended";
        const known = await eventually(() => CONTROL_TWINS.xds(world), 5_000);
        return known === SERVED ? await works(world) : known;
      } finally {
        rmSync(path, { force: true });
      }
    },
    twin: works,
  };
}

const HEAD = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: hostile\n  namespace: default\n";

function filesUnder(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile() === true);
}

function secretsOf(world: World): string[] {
  const folders = ["auth/tokens", "run/bus/credentials"].map((name) => join(world.state, name));
  return folders.flatMap(filesUnder).map((path) => {
    const text = readFileSync(path, "utf8").trim();
    return path.endsWith(".json") ? (JSON.parse(text) as { password: string }).password : text;
  });
}

/** Faults, hostile manifests, and what may not be found afterwards. */
export const FAULTS: readonly Row[] = [
  killed("R1-discovery", "discovery", CONTROL_TWINS.xds),
  killed("R1-ca", "ca", CONTROL_TWINS.ca),
  killed("R1-bus", "bus", works),
  frozen("R5", "discovery", CONTROL_TWINS.xds),
  frozen("R6", "ca", CONTROL_TWINS.ca),
  frozen("R7", "bus", works),
  {
    id: "R13",
    name: "file descriptors at their limit",
    attacker: "opens 1,500 connections to a proxy that may have few more descriptors than it has",
    expected: [SERVED],
    attack: async (world) => {
      const pid = part(SCRIPTS.ztunnel, world.other.node === world.target.node ? "" : world.target.node);
      if (pid === undefined) return "not running";
      const limit = (value: string): void => {
        spawnSync(LIMITS, [`--pid=${pid}`, `--nofile=${value}`]);
      };
      const before = /Max open files\s+(\d+)\s+(\d+)/.exec(readFileSync(`/proc/${pid}/limits`, "utf8"));
      const open = readdirSync(`/proc/${pid}/fd`).length;
      limit(`${open + 300}:${before?.[2] ?? ""}`);
      const sockets = Array.from({ length: 1_500 }, () => {
        const socket = connect(world.hbone.port, world.hbone.ip);
        socket.on("error", () => undefined);
        return socket;
      });
      await wait(2_000);
      for (const socket of sockets) socket.destroy();
      limit(`${before?.[1] ?? ""}:${before?.[2] ?? ""}`);
      if (part(SCRIPTS.ztunnel, world.target.node) !== pid) return "the proxy ended";
      return eventually(() => works(world), 10_000);
    },
    twin: works,
    slow: true,
  },
  manifest(
    "M2a",
    "names of Object.prototype",
    () =>
      `${HEAD}  annotations: { __proto__: { x: "1" }, constructor: "2" }\n__proto__: { polluted: true }\n`,
  ),
  manifest("M2b", "a merge key", () => `a: &a { __proto__: { polluted: true } }\n<<: *a\n${HEAD}`),
  manifest("M3-yaml", "colliding keys", (scale) => {
    const keys = Array.from(
      { length: Math.max(100_000 * scale, 20_000) },
      (_, index) => `  "${index * 65_536}": x`,
    );
    return `${HEAD}data:\n${keys.join("\n")}\n`;
  }),
  manifest("M4", "deep nesting", () => `${HEAD}data: ${"[".repeat(100_000)}\n`),
  manifest("H2", "a manifest of 20 MiB", () => `${HEAD}data: { x: "${"y".repeat(20 * 1024 * 1024)}" }\n`),
  manifest("H2b", "an alias bomb", () => {
    const levels = Array.from(
      { length: 12 },
      (_, index) => `l${index + 1}: &l${index + 1} [${`*l${index},`.repeat(9)}]`,
    );
    return `l0: &l0 [x]\n${levels.join("\n")}\n${HEAD}`;
  }),
  {
    id: "N1",
    name: "secrets in logs",
    attacker: "reads all logs and status files for keys, tokens and passwords",
    expected: ["none"],
    attack: async (world) => {
      const secrets = secretsOf(world);
      const logs = [join(world.state, "logs"), join(world.manifests, ".ambit")].flatMap((folder) => {
        try {
          return filesUnder(folder);
        } catch {
          return [];
        }
      });
      for (const path of logs) {
        const text = readFileSync(path, "latin1");
        if (text.includes("PRIVATE KEY") || secrets.some((secret) => text.includes(secret))) return path;
      }
      return "none";
    },
    // The same look finds them where they belong.
    twin: async (world) => (secretsOf(world).length > 4 ? SERVED : "no secrets known"),
  },
  {
    id: "N2",
    name: "secrets in arguments and environments",
    attacker: "reads /proc of every process",
    expected: ["none"],
    attack: async (world) => {
      const secrets = secretsOf(world);
      for (const { pid, command } of processes()) {
        const text = `${command}\n${environment(pid)}`;
        if (text.includes("PRIVATE KEY") || secrets.some((secret) => text.includes(secret))) return command;
      }
      return "none";
    },
    twin: async () => (part(SCRIPTS.ca) === undefined ? "nothing to read" : SERVED),
  },
];
