import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { basename, dirname } from "node:path";
import { systemClock, sleep } from "@ambit/base/clock.ts";
import { AmbitError, describeError } from "@ambit/base/errors.ts";
import { systemRandom } from "@ambit/base/random.ts";
import { AdminServer } from "@ambit/runtime/admin.ts";
import { Readiness } from "@ambit/runtime/lifecycle.ts";
import { LogWriter, stderrSink } from "@ambit/runtime/log-writer.ts";
import { AdminClient } from "../client/admin-client.ts";
import { StateDir } from "../state-dir.ts";
import { Component, type ComponentSpec } from "./child.ts";
import { controlPlaneSpecs, proxyAdminSocket, proxyPodName, ztunnelSpec } from "./components.ts";
import { PLAN_VARIABLE, type SupervisorMessage, type SupervisorPlan } from "./progress.ts";
import { forgetProxy, introduceProxy, prepareIdentities } from "./identities.ts";
import { NodeProxies, type ProxyName } from "./node-proxies.ts";
import { ComponentProxy } from "./proxy-process.ts";
import { SupervisorMetrics, upgradeRoutes } from "./supervisor-admin.ts";

/** How long one component may take to become ready. */
const READY_TIMEOUT_MS = 30_000;

/** How long a component may take to end after SIGTERM. */
const STOP_GRACE_MS = 5_000;

/** The sandbox's first process: starts the mesh's processes in order, restarts them, and ends with its parent. */
class Supervisor {
  readonly #plan: SupervisorPlan;
  readonly #state: StateDir;
  readonly #components: Component[] = [];
  readonly #proxies: NodeProxies;
  readonly #metrics: SupervisorMetrics;
  readonly #readiness = new Readiness();
  #stopping = false;

  constructor(plan: SupervisorPlan, version: string) {
    this.#plan = plan;
    this.#state = new StateDir(plan.stateDir);
    this.#metrics = new SupervisorMetrics(version);
    this.#proxies = this.#makeProxies();
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
    const proxies: ComponentSpec[] = [];
    for (const node of nodes) {
      await this.#waitFor(() => existsSync(`/run/netns/${node}`), `node ${node}`, "node-agent");
      send({ type: "step", name: `ztunnel-${node}`, detail: "starting" });
      this.#proxies.launch(node);
      proxies.push(ztunnelSpec(this.#plan, this.#state, { node, generation: 1 }));
    }
    const specs = [...this.#components.map((component) => component.spec), ...proxies];
    await Promise.all(specs.map((spec) => this.#waitReady(spec)));
    await this.#serveAdmin();
  }

  #makeProxies(): NodeProxies {
    const { drainMs } = this.#plan;
    return new NodeProxies({
      clock: systemClock,
      drainMs,
      podName: proxyPodName,
      introduce: (proxy) => introduceProxy(this.#plan, this.#state, proxy),
      forget: (proxy) => forgetProxy(this.#state, proxy),
      make: (proxy) => {
        const spec = ztunnelSpec(this.#plan, this.#state, proxy);
        return new ComponentProxy(this.#component(spec), drainMs);
      },
      appoint: (proxy) => appoint(this.#state, proxy),
      onFinished: (report) => this.#metrics.finished(report),
    });
  }

  async #serveAdmin(): Promise<void> {
    const writer = new LogWriter({}, { clock: systemClock, sink: stderrSink });
    const admin = new AdminServer(
      { socketPath: this.#state.adminSocket("supervisor") },
      { writer, metrics: this.#metrics, readiness: this.#readiness, routes: upgradeRoutes(this.#proxies) },
    );
    await admin.start();
  }

  #launch(spec: ComponentSpec): void {
    const component = this.#component(spec);
    this.#components.push(component);
    component.start();
  }

  #component(spec: ComponentSpec): Component {
    return new Component(spec, { clock: systemClock, random: systemRandom });
  }

  async #waitReady(spec: ComponentSpec): Promise<void> {
    const admin = new AdminClient(spec.name, spec.adminSocket);
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
    const isAgent = ({ spec }: Component): boolean => spec.name === "node-agent";
    const ranks = [
      this.#components.filter(isAgent),
      this.#proxies.processes(),
      this.#components.filter((component) => !isAgent(component)),
    ];
    for (const rank of ranks) await Promise.all(rank.map((part) => part.stop(STOP_GRACE_MS)));
    process.exit(0);
  }
}

/** Leads the node's admin socket to this proxy. The others' sockets stay theirs: each process removes its own. */
function appoint(state: StateDir, proxy: ProxyName): void {
  const link = state.adminSocket(`ztunnel-${proxy.node}`);
  mkdirSync(dirname(link), { recursive: true, mode: 0o700 });
  rmSync(`${link}.new`, { force: true });
  symlinkSync(basename(proxyAdminSocket(state, proxy)), `${link}.new`);
  renameSync(`${link}.new`, link);
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
export async function superviseFromEnvironment(version: string): Promise<void> {
  const text = process.env[PLAN_VARIABLE];
  if (text === undefined)
    throw new AmbitError("no-plan", `${PLAN_VARIABLE} is not set; this command is run by ambit up`);
  await new Supervisor(JSON.parse(text) as SupervisorPlan, version).run();
}
