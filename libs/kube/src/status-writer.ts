import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import type { Clock } from "@ambit/base/clock.ts";
import { describeError } from "@ambit/base/errors.ts";
import type { Logger } from "@ambit/base/logger.ts";
import { stampConditions, type Condition, type ConditionDraft } from "./conditions.ts";
import type { ResourceName } from "./diagnostics.ts";

/** What is to be said about one resource. */
export interface StatusDraft {
  readonly resource: ResourceName;
  readonly apiVersion: string;
  readonly conditions: readonly ConditionDraft[];
}

/** What is said about one resource. */
export interface ResourceStatus {
  readonly resource: ResourceName;
  readonly conditions: readonly Condition[];
}

export interface StatusWriterOptions {
  /** Folder beside the manifests, tried first: usually `DIR/.ambit/status`. */
  readonly folder: string;
  /** Used when `folder` cannot be written. */
  readonly fallbackFolder: string;
}

/**
 * Keeps one file `<Kind>.<namespace>.<name>.yaml` per resource that has something to say. Files are replaced as a
 * whole and only when their content changed; files nobody speaks for any more are removed.
 */
export class StatusWriter {
  readonly #options: StatusWriterOptions;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #statuses = new Map<string, ResourceStatus>();
  readonly #written = new Map<string, string>();
  #wanted: ReadonlyMap<string, StatusDraft> | undefined;
  #running: Promise<void> | undefined;
  #folder: string | undefined;

  constructor(options: StatusWriterOptions, deps: { readonly clock: Clock; readonly logger: Logger }) {
    this.#options = options;
    this.#clock = deps.clock;
    this.#logger = deps.logger;
  }

  /** The folder in use, once the first write succeeded. */
  get folder(): string | undefined {
    return this.#folder;
  }

  /** The statuses as last written. */
  statuses(): readonly ResourceStatus[] {
    return [...this.#statuses.values()];
  }

  /** Makes the files say exactly this. Calls during a write are merged: only the latest state is written next. */
  async update(drafts: readonly StatusDraft[]): Promise<void> {
    this.#wanted = new Map(drafts.map((draft) => [fileName(draft.resource), draft]));
    this.#running ??= this.#drain().finally(() => {
      this.#running = undefined;
    });
    await this.#running;
  }

  async #drain(): Promise<void> {
    if (this.#folder === undefined) await this.#open();
    while (this.#wanted !== undefined) {
      const wanted = this.#wanted;
      this.#wanted = undefined;
      try {
        await this.#write(wanted);
      } catch (thrown) {
        this.#logger.warn("cannot write status files", {
          folder: this.#folder,
          error: describeError(thrown),
        });
      }
    }
  }

  async #open(): Promise<void> {
    const { folder, fallbackFolder } = this.#options;
    for (const candidate of [folder, fallbackFolder]) {
      try {
        await mkdir(candidate, { recursive: true });
        const probe = join(candidate, `.probe-${process.pid}`);
        await writeFile(probe, "");
        await rm(probe);
        this.#folder = candidate;
        await this.#load(candidate);
        return;
      } catch (thrown) {
        this.#logger.info("status folder cannot be written", {
          folder: candidate,
          error: describeError(thrown),
        });
      }
    }
  }

  // Transition times outlive a restart because the files do.
  async #load(folder: string): Promise<void> {
    for (const name of await readdir(folder)) {
      if (name.startsWith(".") || !name.endsWith(".yaml")) continue;
      const text = await readFile(join(folder, name), "utf8");
      this.#written.set(name, text);
      const status = readStatus(text);
      if (status !== undefined) this.#statuses.set(name, status);
    }
  }

  async #write(wanted: ReadonlyMap<string, StatusDraft>): Promise<void> {
    for (const [name, draft] of wanted) {
      const before = this.#statuses.get(name)?.conditions ?? [];
      const conditions = stampConditions(draft.conditions, before, this.#clock.now());
      this.#statuses.set(name, { resource: draft.resource, conditions });
      const text = formatStatus(draft, conditions);
      if (this.#folder === undefined || this.#written.get(name) === text) continue;
      const scratch = join(this.#folder, `.${name}.${process.pid}`);
      await writeFile(scratch, text);
      await rename(scratch, join(this.#folder, name));
      this.#written.set(name, text);
    }
    for (const name of new Set([...this.#statuses.keys(), ...this.#written.keys()])) {
      if (wanted.has(name)) continue;
      this.#statuses.delete(name);
      this.#written.delete(name);
      if (this.#folder !== undefined) await rm(join(this.#folder, name), { force: true });
    }
  }
}

function fileName(resource: ResourceName): string {
  const scope = resource.namespace === "" ? "" : `${resource.namespace}.`;
  return `${resource.kind}.${scope}${resource.name}.yaml`;
}

function formatStatus(draft: StatusDraft, conditions: readonly Condition[]): string {
  const { resource, apiVersion } = draft;
  const scope = resource.namespace === "" ? {} : { namespace: resource.namespace };
  return stringify({
    apiVersion,
    kind: resource.kind,
    metadata: { ...scope, name: resource.name },
    status: { conditions },
  });
}

/** Reads a status file back; undefined when it is none. */
export function readStatus(text: string): ResourceStatus | undefined {
  try {
    const value = parse(text) as {
      kind?: unknown;
      metadata?: { namespace?: unknown; name?: unknown };
      status?: { conditions?: unknown };
    } | null;
    const { kind, metadata, status } = value ?? {};
    if (typeof kind !== "string" || typeof metadata?.name !== "string") return undefined;
    const namespace = typeof metadata.namespace === "string" ? metadata.namespace : "";
    const conditions = Array.isArray(status?.conditions) ? (status.conditions as Condition[]) : [];
    return { resource: { kind, namespace, name: metadata.name }, conditions };
  } catch {
    return undefined;
  }
}
