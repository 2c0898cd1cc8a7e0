import { spawnSync } from "node:child_process";
import { connect } from "node:net";
import { readFileSync } from "node:fs";
import { openFiles, part, SCRIPTS } from "../processes.ts";
import { SERVED, type Row } from "../row.ts";
import { works } from "../tunnel.ts";
import { eventually, wait } from "../wait.ts";
import { BUS_TWIN } from "./bus.ts";
import { CONTROL_TWINS } from "./control.ts";

/** Of util-linux, as the other tools the mesh needs. */
const LIMITS = "prlimit";

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
    disrupts: true,
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
    disrupts: true,
  };
}

/** Parts that end or stand still, and descriptors that run out. */
export const FAULTS: readonly Row[] = [
  killed("R1-discovery", "discovery", CONTROL_TWINS.xds),
  killed("R1-ca", "ca", CONTROL_TWINS.ca),
  killed("R1-bus", "bus", BUS_TWIN),
  frozen("R5", "discovery", CONTROL_TWINS.xds),
  frozen("R6", "ca", CONTROL_TWINS.ca),
  frozen("R7", "bus", BUS_TWIN),
  {
    id: "R13",
    name: "file descriptors at their limit",
    attacker: "opens 1,500 connections to a proxy that may have few more descriptors than it has",
    expected: [SERVED],
    attack: async (world) => {
      const pid = part(SCRIPTS.ztunnel, world.target.node);
      if (pid === undefined) return "not running";
      const limit = (value: string): void => {
        spawnSync(LIMITS, [`--pid=${pid}`, `--nofile=${value}`]);
      };
      const before = /Max open files\s+(\d+)\s+(\d+)/.exec(readFileSync(`/proc/${pid}/limits`, "utf8"));
      const most = openFiles(pid) + 300;
      limit(`${most}:${before?.[2] ?? ""}`);
      const sockets = Array.from({ length: 1_500 }, () => {
        const socket = connect(world.hbone.port, world.hbone.ip);
        socket.on("error", () => undefined);
        return socket;
      });
      let peak = 0;
      for (let round = 0; round < 20; round++) {
        await wait(100);
        peak = Math.max(peak, openFiles(pid));
      }
      for (const socket of sockets) socket.destroy();
      limit(`${before?.[1] ?? ""}:${before?.[2] ?? ""}`);
      if (part(SCRIPTS.ztunnel, world.target.node) !== pid) return "the proxy ended";
      // The proxy leaves a few to its other threads.
      if (peak < most - 20) return `only ${peak} of ${most} descriptors were taken`;
      return eventually(() => works(world), 10_000);
    },
    twin: works,
    slow: true,
    disrupts: true,
  },
];
