import type { ComposeProject } from "./compose-project.ts";
import type { Engine } from "./engine.ts";

/** Requests of a captured container at a fixed rate, for as long as it is open. */
export class Load {
  readonly #engine: Engine;
  readonly #name: string;

  private constructor(engine: Engine, name: string) {
    this.#engine = engine;
    this.#name = name;
  }

  /** Starts 30 requests a second to the product page, each on a connection of its own. */
  static start(engine: Engine, project: ComposeProject): Load {
    const name = `${project.name}-load`;
    const settings = ["-e", "RATE=30", "-e", "WAIT=1", "-e", "TIMEOUT_MS=20000"];
    project.compose(
      "--profile",
      "apps",
      "run",
      "-d",
      "--no-deps",
      "--name",
      name,
      ...settings,
      "loadgenerator",
    );
    return new Load(engine, name);
  }

  /** Requests answered and failed so far. */
  counts(): { readonly ok: number; readonly failed: number } {
    const log = this.#engine.docker("logs", this.#name);
    const sum = (what: string): number =>
      [...log.matchAll(new RegExp(` ${what}=([0-9]+)`, "g"))].reduce(
        (all, [, count]) => all + Number(count),
        0,
      );
    return { ok: sum("ok"), failed: sum("failed") };
  }

  /** The lines that tell of failures. */
  failures(): string {
    const log = this.#engine.docker("logs", this.#name);
    return log
      .split("\n")
      .filter((line) => / failed=[1-9]/.test(line))
      .join("\n");
  }

  end(): void {
    this.#engine.docker("rm", "-f", this.#name);
  }
}
