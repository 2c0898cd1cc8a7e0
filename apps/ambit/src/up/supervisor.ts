import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { systemClock, sleep } from "@ambit/base/clock.ts";
import { AmbitError, describeError } from "@ambit/base/errors.ts";
import { systemRandom } from "@ambit/base/random.ts";
import { AdminClient } from "../client/admin-client.ts";
import { StateDir } from "../state-dir.ts";
import { Component, type ComponentSpec } from "./child.ts";
import { controlPlaneSpecs, ztunnelSpec } from "./components.ts";
import { PLAN_VARIABLE, type SupervisorMessage, type SupervisorPlan } from "./progress.ts";
import { prepareIdentities } from "./identities.ts";

/** How long one component may take to become ready. */
const READY_TIMEOUT_MS = 30_000;

/** How long a component may take to end after SIGTERM. */
const STOP_GRACE_MS = 5_000;

/** The sandbox's first process: starts the mesh's processes in order, restarts them, and ends with its parent. */
class Supervisor {
  readonly #plan: SupervisorPlan;
  readonly #state: StateDir;
  readonly #components: Component[] = [];
  #stopping = false;

  constructor(plan: SupervisorPlan) {
    this.#plan = plan;
    this.#state = new StateDir(plan.stateDir);
  }

  async run(): Promise<void> {
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => void this.#stop());
    process.on("disconnect", () => void this.#stop());
    try {
      await this.#start();
      send({ type: "ready", innerPid: process.pid });
    } catch (thrown) {
      const hint = thrown instanceof AmbitError ? (thrown.hint ?? "") : "";
      send({ type: "failed", message: describeError(thrown), hint });
      await this.#stop();
    }
  }

  async #start(): Promise<void> {
    if (this.#plan.mode === "netns") prepareNamespaces();
    send({ type: "step", name: "identity", detail: "issuing component tokens" });
    await prepareIdentities(this.#plan, this.#state);
    for (const spec of controlPlaneSpecs(this.#plan, this.#state)) {
      send({ type: "step", name: spec.name, detail: "starting" });
      this.#launch(spec);
      if (spec.name === "ca") await this.#waitReady(spec);
    }
    // Without namespaces nothing is captured, so there is nothing for node proxies to do.
    const nodes = this.#plan.mode === "netns" ? this.#plan.nodes : [];
    const proxies = nodes.map((node, index) => ztunnelSpec(this.#plan, this.#state, node, index));
    for (const [index, spec] of proxies.entries()) {
      const namespace = `/run/netns/${this.#plan.nodes[index]}`;
      await this.#waitFor(() => existsSync(namespace), `node ${this.#plan.nodes[index]}`, "node-agent");
      send({ type: "step", name: spec.name, detail: "starting" });
      this.#launch(spec);
    }
    await Promise.all(this.#components.map((component) => this.#waitReady(component.spec)));
  }

  #launch(spec: ComponentSpec): void {
    const component = new Component(spec, { clock: systemClock, random: systemRandom });
    this.#components.push(component);
    component.start();
  }

  async #waitReady(spec: ComponentSpec): Promise<void> {
    const admin = new AdminClient(spec.name, this.#state.adminSocket(spec.name));
    let last = "not started";
    await this.#waitFor(
      async () => {
        try {
          await admin.getText("/healthz/ready");
          return true;
        } catch (thrown) {
          last = describeError(thrown);
          return false;
        }
      },
      spec.name,
      spec.name,
      () => last,
    );
    send({ type: "step", name: spec.name, detail: "ready" });
  }

  async #waitFor(
    done: () => boolean | Promise<boolean>,
    what: string,
    component: string,
    detail: () => string = () => "",
  ): Promise<void> {
    const deadline = systemClock.monotonic() + READY_TIMEOUT_MS;
    while (!(await done())) {
      if (this.#stopping) throw new AmbitError("stopped", "Stopped while starting");
      if (systemClock.monotonic() > deadline) {
        throw new AmbitError(
          "not-ready",
          `${what} was not ready within ${READY_TIMEOUT_MS / 1000} s: ${detail()}`,
          {
            hint: `see ${this.#state.file("logs", `${component}.log`)}`,
          },
        );
      }
      await sleep(systemClock, 50);
    }
  }

  async #stop(): Promise<void> {
    if (this.#stopping) return;
    this.#stopping = true;
    // Workloads first, so that their last bytes still have proxies, then the proxies, then the control plane.
    const order = [...this.#components].toSorted((left, right) => stopRank(left) - stopRank(right));
    for (const rank of [0, 1, 2]) {
      await Promise.all(
        order
          .filter((component) => stopRank(component) === rank)
          .map((component) => component.stop(STOP_GRACE_MS)),
      );
    }
    process.exit(0);
  }
}

function stopRank(component: Component): number {
  if (component.spec.name === "node-agent") return 0;
  return component.spec.name.startsWith("ztunnel-") ? 1 : 2;
}

/** A private /run for named network namespaces, and loopback up. */
function prepareNamespaces(): void {
  const commands: ReadonlyArray<readonly [string, ...string[]]> = [
    ["mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", "/run"],
    ["ip", "link", "set", "lo", "up"],
  ];
  for (const [program, ...args] of commands) {
    const run = spawnSync(program, args, { encoding: "utf8" });
    if (run.status !== 0) {
      throw new AmbitError(
        "sandbox",
        `Cannot prepare the sandbox: ${program} ${args.join(" ")}: ${run.stderr.trim()}`,
      );
    }
  }
}

function send(message: SupervisorMessage): void {
  if (process.connected) process.send?.(message);
}

/** Entry of the hidden command that runs inside the sandbox. */
export async function superviseFromEnvironment(): Promise<void> {
  const text = process.env[PLAN_VARIABLE];
  if (text === undefined)
    throw new AmbitError("no-plan", `${PLAN_VARIABLE} is not set; this command is run by ambit up`);
  await new Supervisor(JSON.parse(text) as SupervisorPlan).run();
}
