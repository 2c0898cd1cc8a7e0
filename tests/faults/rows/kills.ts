import { pause, until } from "../../e2e/support/mesh.ts";
import { crash, processOf, signal, type Part } from "../processes.ts";
import type { FaultRow } from "../row.ts";

/** Time between two crashes, so that a restart is over before the next. */
const BETWEEN_MS = 1_000;

function controlPlane(part: Part, id: string): FaultRow {
  return {
    id,
    name: `${part} is killed and comes back`,
    fault: `kill -9 of ${part}`,
    rounds: { short: 2, long: 20 },
    mayFail: false,
    mayCut: false,
    act: async ({ mesh }) => {
      const backMs = await crash(mesh, part);
      await pause(BETWEEN_MS);
      return { backMs };
    },
  };
}

/** The node proxies' own deaths and the control plane's (security.md 3.2 and R1, R5, R13). */
export const KILLS: readonly FaultRow[] = [
  controlPlane("discovery", "R1 discovery"),
  controlPlane("ca", "R1 ca"),
  controlPlane("bus", "R1 bus"),
  {
    id: "R1 ztunnel",
    name: "a node proxy is killed and comes back",
    fault: "kill -9 of the node proxy of the clients",
    rounds: { short: 1, long: 20 },
    mayFail: true,
    mayCut: true,
    act: async (world) => {
      const backMs = await crash(world.mesh, "ztunnel", "node-a");
      await pause(BETWEEN_MS);
      return world.serves("client") ? { backMs } : "the permitted client is not served again";
    },
  },
  {
    id: "R15",
    name: "a pod that starts before its node proxy can serve it sends nothing past the mesh",
    fault: "SIGSTOP of both node proxies, a pod is added that sends at once, SIGCONT 4 s later",
    rounds: { short: 1, long: 5 },
    mayFail: true,
    mayCut: true,
    act: async (world) => {
      const { mesh } = world;
      const frozen = ["node-a", "node-b"].map((node) => signal(mesh, "ztunnel", "SIGSTOP", node));
      const began = performance.now();
      world.addEager();
      await pause(4_000);
      const before = world.eagerIsServed();
      for (const pid of frozen) process.kill(pid, "SIGCONT");
      await until("the eager pod is served", () => world.eagerIsServed(), 40_000);
      const servedMs = Math.round(performance.now() - began);
      await world.removeEager();
      return before ? "the pod was served while no proxy could" : { servedMs };
    },
  },
  {
    id: "R15 reboot",
    name: "a node's pods are there before its proxy",
    fault:
      "both node proxies are frozen, the node agent is killed and starts every pod anew, SIGCONT 4 s after that",
    rounds: { short: 1, long: 5 },
    mayFail: true,
    mayCut: true,
    isWithoutLoad: true,
    act: async (world) => {
      const { mesh } = world;
      const frozen = ["node-a", "node-b"].map((node) => signal(mesh, "ztunnel", "SIGSTOP", node));
      const old = signal(mesh, "node-agent", "SIGKILL");
      await until("there is a node agent", () => ![undefined, old].includes(processOf(mesh, "node-agent")));
      await pause(4_000);
      for (const pid of frozen) process.kill(pid, "SIGCONT");
      const began = performance.now();
      await until("the pods are ready", () => world.isReady("client") && world.isReady("intruder"), 40_000);
      await until("the client is served", () => world.serves("client"), 40_000);
      return { servedMs: Math.round(performance.now() - began) };
    },
  },
  {
    id: "R5",
    name: "a node proxy is killed while discovery does not answer and serves from its last good state",
    fault: "SIGSTOP of discovery, then kill -9 of the clients' node proxy",
    rounds: { short: 1, long: 20 },
    mayFail: true,
    mayCut: true,
    act: async (world) => {
      const { mesh } = world;
      signal(mesh, "discovery", "SIGSTOP");
      try {
        const readyMs = await crash(mesh, "ztunnel", "node-a");
        if (!world.serves("client")) return "the permitted client is not served from the last good state";
        return { readyMs };
      } finally {
        signal(mesh, "discovery", "SIGCONT");
        await pause(BETWEEN_MS);
      }
    },
  },
  {
    id: "R13 freeze",
    name: "a node proxy is frozen for 10 s",
    fault: "SIGSTOP of a node proxy, SIGCONT 10 s later",
    rounds: { short: 1, long: 3 },
    mayFail: true,
    mayCut: true,
    act: async (world) => {
      const { mesh } = world;
      const pid = signal(mesh, "ztunnel", "SIGSTOP", "node-a");
      await pause(10_000);
      process.kill(pid, "SIGCONT");
      const began = performance.now();
      while (!world.serves("client")) {
        if (performance.now() - began > 10_000) return "the client is not served 10 s after the freeze";
      }
      const recoveredMs = Math.round(performance.now() - began);
      const now = signal(mesh, "ztunnel", "SIGCONT", "node-a");
      return now === pid ? { recoveredMs } : "the node proxy did not live through the freeze";
    },
  },
];
