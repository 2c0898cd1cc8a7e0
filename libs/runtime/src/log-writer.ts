import { isLogLevel, levelPasses, type LogFields, type Logger, type LogLevel } from "@ambit/base/logger.ts";
import type { Clock } from "@ambit/base/clock.ts";
import { lineSink } from "./line-output.ts";

export type LogFormat = "text" | "json";

/** Where finished lines go; a line ends with a newline. */
export type LineSink = (line: string) => void;

export interface LogWriterOptions {
  /** @default "text" */
  readonly format?: LogFormat;
  /** @default "info" */
  readonly level?: LogLevel;
}

/** Writes to standard error. */
export const stderrSink: LineSink = lineSink(2, process.stderr);

/**
 * Formats records as Istio's proxies do: text is `time level target message k=v` separated by tabs, JSON is one flat
 * object with `level`, `time`, `scope`, `message`. Levels can be changed while running, as a whole or per scope.
 */
export class LogWriter {
  readonly #sink: LineSink;
  readonly #clock: Clock;
  readonly #format: LogFormat;
  readonly #initial: LogLevel;
  #level: LogLevel;
  readonly #scopeLevels = new Map<string, LogLevel>();

  constructor(options: LogWriterOptions, deps: { clock: Clock; sink: LineSink }) {
    this.#sink = deps.sink;
    this.#clock = deps.clock;
    this.#format = options.format ?? "text";
    this.#initial = options.level ?? "info";
    this.#level = this.#initial;
  }

  /** A logger for `scope`. */
  logger(scope: string): Logger {
    const write =
      (level: LogLevel) =>
      (message: string, fields: LogFields = {}): void =>
        this.write(level, scope, message, fields);
    return {
      error: write("error"),
      warn: write("warn"),
      info: write("info"),
      debug: write("debug"),
      trace: write("trace"),
      child: (name) => this.logger(`${scope}/${name}`),
    };
  }

  /** True when a record of this level and scope would be written. */
  enabled(level: LogLevel, scope: string): boolean {
    return levelPasses(level, this.#scopeLevels.get(scope) ?? this.#level);
  }

  write(level: LogLevel, scope: string, message: string, fields: LogFields): void {
    if (!this.enabled(level, scope)) return;
    const time = new Date(this.#clock.now()).toISOString();
    this.#sink(
      this.#format === "json"
        ? `${JSON.stringify({ level, time, scope, message, ...printable(fields) })}\n`
        : `${time}\t${level}\t${scope}\t${message}${textFields(fields)}\n`,
    );
  }

  /** Sets the level of everything, or of one scope. */
  setLevel(level: LogLevel, scope?: string): void {
    if (scope !== undefined) this.#scopeLevels.set(scope, level);
    else this.#level = level;
  }

  /** Back to the levels of the start. */
  reset(): void {
    this.#level = this.#initial;
    this.#scopeLevels.clear();
  }

  /** The present levels, for the admin page. */
  levels(): { level: LogLevel; scopes: Record<string, LogLevel> } {
    return { level: this.#level, scopes: Object.fromEntries(this.#scopeLevels) };
  }
}

/** Applies `level`, or `scope=level`, as POST /logging takes it; false when it is neither. */
export function applyLevel(writer: LogWriter, text: string): boolean {
  const [first = "", second] = text.split("=", 2);
  const level = second ?? first;
  if (!isLogLevel(level)) return false;
  writer.setLevel(level, second === undefined ? undefined : first);
  return true;
}

function printable(fields: LogFields): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    out[key] = value instanceof Error ? value.message : typeof value === "bigint" ? value.toString() : value;
  }
  return out;
}

function textFields(fields: LogFields): string {
  let text = "";
  for (const [key, value] of Object.entries(printable(fields))) {
    const shown =
      typeof value === "number" || typeof value === "boolean" ? String(value) : JSON.stringify(value);
    text += `${text === "" ? "\t" : " "}${key}=${shown}`;
  }
  return text;
}
