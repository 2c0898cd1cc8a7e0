import { describeError } from "@ambit/base/errors.ts";
import type { DrainReport } from "@ambit/contract/admin-api.ts";
import { AdminClient } from "../client/admin-client.ts";
import type { Component, ComponentState } from "./child.ts";
import type { ProxyProcess } from "./node-proxies.ts";

/** A node proxy that runs as a component of the mesh and is asked over its admin socket. */
export class ComponentProxy implements ProxyProcess {
  readonly component: Component;
  readonly #drainMs: number;

  /** `drainMs`: how long the proxy may drain; its answer may take that long. */
  constructor(component: Component, drainMs: number) {
    this.component = component;
    this.#drainMs = drainMs;
  }

  get state(): ComponentState {
    return this.component.state;
  }

  start(): void {
    this.component.start();
  }

  stop(graceMs: number): Promise<void> {
    return this.component.stop(graceMs);
  }

  async waitsFor(): Promise<string | undefined> {
    try {
      await this.#admin(2_000).getText("/healthz/ready");
      return undefined;
    } catch (thrown) {
      return describeError(thrown);
    }
  }

  drained(): Promise<DrainReport> {
    return this.#admin(this.#drainMs + 10_000).getJson<DrainReport>("/drained");
  }

  #admin(timeoutMs: number): AdminClient {
    const { name, adminSocket } = this.component.spec;
    return new AdminClient(name, adminSocket, timeoutMs);
  }
}
