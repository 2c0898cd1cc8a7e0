import type { Clock, Timer } from "@ambit/base/clock.ts";
import { describeError } from "@ambit/base/errors.ts";
import type { Logger } from "@ambit/base/logger.ts";
import { meshFindings } from "@ambit/config/analyze/findings.ts";
import type { Mesh } from "@ambit/config/mesh.ts";
import { compareDiagnostics, formatDiagnostic, type Diagnostic } from "@ambit/kube/diagnostics.ts";
import type { Source } from "@ambit/kube/source.ts";
import type { StatusDraft, StatusWriter } from "@ambit/kube/status-writer.ts";
import { meshStatus } from "./status.ts";

/** Pause after a change before the whole is looked at. */
const CALM_MS = 50;
/** A look may take this share of one core. */
const SHARE = 0.05;

export interface ReporterDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly mesh: Mesh;
  readonly source: Source;
  readonly writer: Pick<StatusWriter, "update">;
}

/** Keeps diagnostics and conditions, and the status files, in step with the mesh; never more often than it can afford. */
export class Reporter {
  readonly #deps: ReporterDeps;
  #timer: Timer | undefined;
  #lastTookMs = 0;
  #diagnostics: readonly Diagnostic[] = [];
  #statuses: readonly StatusDraft[] = [];
  #logged = new Set<string>();

  constructor(deps: ReporterDeps) {
    this.#deps = deps;
  }

  get diagnostics(): readonly Diagnostic[] {
    return this.#diagnostics;
  }

  get statuses(): readonly StatusDraft[] {
    return this.#statuses;
  }

  /** Something changed. */
  notice(): void {
    if (this.#timer !== undefined) return;
    const delayMs = Math.max(CALM_MS, this.#lastTookMs / SHARE);
    this.#timer = this.#deps.clock.after(delayMs, () => this.#look(), true);
  }

  stop(): void {
    this.#timer?.cancel();
  }

  #look(): void {
    this.#timer = undefined;
    const { clock, mesh, source, writer, logger } = this.#deps;
    const started = clock.monotonic();
    const found = meshFindings(mesh, (resource, field) => source.locate(resource, field));
    this.#diagnostics = [...source.diagnostics(), ...found].sort(compareDiagnostics);
    this.#statuses = meshStatus(mesh, this.#diagnostics);
    this.#lastTookMs = clock.monotonic() - started;
    this.#log();
    writer.update(this.#statuses).catch((thrown: unknown) => {
      logger.warn("cannot write status", { error: describeError(thrown) });
    });
  }

  // Each finding is logged when it appears, not at every look.
  #log(): void {
    const now = new Set(this.#diagnostics.map(formatDiagnostic));
    for (const diagnostic of this.#diagnostics) {
      const text = formatDiagnostic(diagnostic);
      if (this.#logged.has(text) || diagnostic.severity === "info") continue;
      this.#deps.logger.warn("configuration problem", { problem: text });
    }
    this.#logged = now;
  }
}
