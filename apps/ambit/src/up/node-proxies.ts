import { sleep, type Clock } from "@ambit/base/clock.ts";
import { AmbitError, describeError } from "@ambit/base/errors.ts";
import type { DrainReport, UpgradeReport } from "@ambit/contract/admin-api.ts";
import type { ComponentState } from "./child.ts";

/** One node proxy as a process. */
export interface ProxyProcess {
  readonly state: ComponentState;
  start(): void;
  /** Sends SIGTERM, and SIGKILL after `graceMs`; resolves when the process is gone. */
  stop(graceMs: number): Promise<void>;
  /** Undefined when the proxy serves every pod of its node, else what it waits for. */
  waitsFor(): Promise<string | undefined>;
  /** Resolves when it has drained. Rejects when the process ends without saying how. */
  drained(): Promise<DrainReport>;
}

/** A node's proxy, counted from 1 at the start of the mesh. */
export interface ProxyName {
  readonly node: string;
  readonly generation: number;
}

export interface NodeProxiesDeps {
  readonly clock: Clock;
  /** How long connections of a proxy that leaves may go on, in milliseconds. */
  readonly drainMs: number;
  readonly podName: (name: ProxyName) => string;
  /** Gives a proxy its identity; it exists for the control plane from then on. */
  readonly introduce: (name: ProxyName) => Promise<void>;
  /** Takes the identity of a proxy back that is gone. */
  readonly forget: (name: ProxyName) => void;
  readonly make: (name: ProxyName) => ProxyProcess;
  /** From now on this one is the proxy of its node for everybody who asks for it. */
  readonly appoint: (name: ProxyName) => void;
  /** Called with every finished report. */
  readonly onFinished: (report: UpgradeReport) => void;
}

/** How long a new proxy may take until it serves every pod. */
const READY_MS = 30_000;
const POLL_MS = 50;
/** Time for a process to end after its own drain deadline. */
const END_MS = 5_000;
/** Time for a new proxy that is not wanted any more. */
const GIVE_UP_MS = 2_000;

interface Current {
  readonly name: ProxyName;
  readonly process: ProxyProcess;
}

/** The node proxies of the mesh, and how one takes the pods of a node over from another. */
export class NodeProxies {
  readonly #deps: NodeProxiesDeps;
  readonly #current = new Map<string, Current>();
  readonly #processes = new Set<ProxyProcess>();
  readonly #reports = new Map<string, UpgradeReport>();

  constructor(deps: NodeProxiesDeps) {
    this.#deps = deps;
  }

  /** Every process there is, old and new. */
  processes(): readonly ProxyProcess[] {
    return [...this.#processes];
  }

  /** Starts the first proxy of a node, whose identity exists already. */
  launch(node: string): ProxyProcess {
    const name = { node, generation: 1 };
    const process = this.#make(name);
    this.#current.set(node, { name, process });
    this.#deps.appoint(name);
    process.start();
    return process;
  }

  /** The report of the node's last upgrade; undefined when there was none. */
  report(node: string): UpgradeReport | undefined {
    return this.#reports.get(node);
  }

  /**
   * Begins to exchange the proxy of a node and returns the first report; `report` follows it. The old proxy serves until
   * the new one serves every pod; when that never happens the old one stays. Throws an AmbitError: `no-node`, or
   * `upgrade-runs` when an upgrade of the node has not ended yet.
   */
  upgrade(node: string): UpgradeReport {
    const old = this.#current.get(node);
    if (old === undefined) throw new AmbitError("no-node", `There is no proxy of a node "${node}"`);
    if (this.#reports.get(node)?.done === false)
      throw new AmbitError("upgrade-runs", `The proxy of ${node} is being exchanged already`);
    const name = { node, generation: old.name.generation + 1 };
    const report: UpgradeReport = {
      node,
      from: this.#deps.podName(old.name),
      to: this.#deps.podName(name),
      phase: "starting",
      detail: `${this.#deps.podName(name)} starts`,
      done: false,
    };
    this.#reports.set(node, report);
    void this.#exchange(old, name, report);
    return report;
  }

  async #exchange(old: Current, name: ProxyName, first: UpgradeReport): Promise<void> {
    const { clock, introduce, appoint, forget } = this.#deps;
    const began = clock.monotonic();
    let process: ProxyProcess | undefined;
    try {
      await introduce(name);
      process = this.#make(name);
      process.start();
      await this.#untilReady(process);
    } catch (thrown) {
      if (process !== undefined) await this.#end(process, GIVE_UP_MS);
      forget(name);
      const detail = `${first.from} serves on: ${describeError(thrown)}`;
      this.#finish({ ...first, phase: "failed", detail, done: true });
      return;
    }
    const readyMs = Math.round(clock.monotonic() - began);
    appoint(name);
    this.#current.set(name.node, { name, process });
    const draining: UpgradeReport = {
      ...first,
      phase: "draining",
      detail: `${first.to} serves every pod; ${first.from} takes no new connections`,
      readyMs,
    };
    this.#reports.set(name.node, draining);
    const drain = await this.#drain(old.process);
    forget(old.name);
    this.#finish({
      ...draining,
      phase: "done",
      detail: drain === undefined ? `${first.from} ended without saying how` : drainedText(first.from, drain),
      done: true,
      ...(drain === undefined ? {} : { drainMs: drain.durationMs, cut: drain.cut }),
    });
  }

  async #untilReady(process: ProxyProcess): Promise<void> {
    const { clock } = this.#deps;
    const deadline = clock.monotonic() + READY_MS;
    for (;;) {
      const waitsFor = await process.waitsFor();
      if (waitsFor === undefined) return;
      const { lastExit } = process.state;
      if (lastExit !== undefined) throw new AmbitError("not-ready", `the new proxy ended: ${lastExit}`);
      if (clock.monotonic() >= deadline)
        throw new AmbitError(
          "not-ready",
          `the new proxy was not ready within ${READY_MS / 1000} s: ${waitsFor}`,
        );
      await sleep(clock, POLL_MS);
    }
  }

  /** What the old process says about its drain; undefined when it ended otherwise. */
  async #drain(process: ProxyProcess): Promise<DrainReport | undefined> {
    const said = process.drained().catch(() => undefined);
    await this.#end(process, this.#deps.drainMs + END_MS);
    return said;
  }

  async #end(process: ProxyProcess, graceMs: number): Promise<void> {
    await process.stop(graceMs);
    this.#processes.delete(process);
  }

  #finish(report: UpgradeReport): void {
    this.#reports.set(report.node, report);
    this.#deps.onFinished(report);
  }

  #make(name: ProxyName): ProxyProcess {
    const process = this.#deps.make(name);
    this.#processes.add(process);
    return process;
  }
}

function drainedText(pod: string, { cut, durationMs }: DrainReport): string {
  const how = cut === 0 ? "no connection was cut" : `${cut} connections were closed at the deadline`;
  return `${pod} drained in ${(durationMs / 1000).toFixed(1)} s, ${how}`;
}
