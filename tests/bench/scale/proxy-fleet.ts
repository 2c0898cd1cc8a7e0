import { fork, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import type { Arrival, FromProxies, ToProxies } from "./messages.ts";

type Report = Extract<FromProxies, { kind: "report" }>;

/** Proxies in child processes; `onArrival` hears of every resource that reaches a proxy which notes. */
export class ProxyFleet {
  readonly #children: ChildProcess[];
  readonly #waiting = new Map<ChildProcess, (report: Report) => void>();
  onArrival: (arrival: Arrival) => void = () => undefined;

  constructor(processes: number) {
    this.#children = Array.from({ length: processes }, () => {
      const child = fork(join(import.meta.dirname, "proxies.ts"), {
        execArgv: ["--disable-warning=ExperimentalWarning", "--max-old-space-size=8192"],
      });
      child.on("message", (message: FromProxies) => {
        if (message.kind === "report") this.#waiting.get(child)?.(message);
        else for (const arrival of message.arrivals) this.onArrival(arrival);
      });
      return child;
    });
  }

  /** Starts one proxy; the processes take turns. */
  start(order: Omit<Extract<ToProxies, { kind: "start" }>, "kind">): void {
    const child = this.#children[order.index % this.#children.length];
    if (child !== undefined) tell(child, { ...order, kind: "start" });
  }

  /** Every n-th proxy notes arrivals from now on; 0 for none. */
  note(every: number): void {
    for (const child of this.#children) tell(child, { kind: "note", every });
  }

  /** The counts of all processes together. */
  async report(): Promise<Omit<Report, "kind">> {
    const reports = await Promise.all(
      this.#children.map(
        (child) =>
          new Promise<Report>((resolve) => {
            this.#waiting.set(child, resolve);
            tell(child, { kind: "report" });
          }),
      ),
    );
    const sum = (value: (report: Report) => number): number =>
      reports.reduce((total, report) => total + value(report), 0);
    return {
      synced: sum((report) => report.synced),
      bytes: sum((report) => report.bytes),
      terminations: sum((report) => report.terminations),
      cpuSeconds: sum((report) => report.cpuSeconds),
    };
  }

  /** Milliseconds until `count` proxies have had their first state, looked at every 20 ms. */
  async synced(count: number): Promise<number> {
    const started = performance.now();
    while ((await this.report()).synced < count) {
      if (performance.now() - started > 600_000) throw new Error(`not ${count} proxies after ten minutes`);
      await new Promise((resolve) => {
        setTimeout(resolve, 20);
      });
    }
    return performance.now() - started;
  }

  stop(): void {
    for (const child of this.#children) if (child.connected) tell(child, { kind: "stop" });
  }
}

function tell(child: ChildProcess, order: ToProxies): void {
  child.send(order);
}
