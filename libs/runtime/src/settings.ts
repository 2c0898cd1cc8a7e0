import { AmbitError } from "@ambit/base/errors.ts";

/** All mistakes of a process's environment, reported together. */
export class SettingsError extends AmbitError<"invalid-settings"> {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super("invalid-settings", `Cannot start: ${problems.join("; ")}`, {
      hint: "correct the environment variables named above",
    });
    this.problems = problems;
  }
}

/** The environment a process was started with. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads typed values out of an environment and collects every mistake; `finish` throws them as one SettingsError.
 * Each method takes the variable's name and, where one exists, the default used when it is unset or empty.
 */
export class SettingsReader {
  readonly #environment: Environment;
  readonly #problems: string[] = [];

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  optionalText(name: string): string | undefined {
    const value = this.#environment[name];
    return value === undefined || value === "" ? undefined : value;
  }

  text(name: string, fallback?: string): string {
    const value = this.optionalText(name) ?? fallback;
    if (value === undefined) this.#problems.push(`${name} is not set`);
    return value ?? "";
  }

  flag(name: string, fallback: boolean): boolean {
    const value = this.optionalText(name)?.toLowerCase();
    if (value === undefined) return fallback;
    if (["true", "1", "yes", "on"].includes(value)) return true;
    if (["false", "0", "no", "off"].includes(value)) return false;
    this.#problems.push(`${name}: "${value}" is neither true nor false`);
    return fallback;
  }

  integer(name: string, fallback: number, range: { min: number; max: number }): number {
    const value = this.optionalText(name);
    if (value === undefined) return fallback;
    const number = Number(value);
    if (Number.isInteger(number) && number >= range.min && number <= range.max) return number;
    this.#problems.push(`${name}: "${value}" is not a whole number from ${range.min} to ${range.max}`);
    return fallback;
  }

  port(name: string, fallback: number): number {
    return this.integer(name, fallback, { min: 0, max: 65535 });
  }

  /** A duration such as `500ms`, `20s`, `5m`, `24h`, or plain seconds; the result is in milliseconds. */
  durationMs(name: string, fallbackMs: number): number {
    const value = this.optionalText(name);
    if (value === undefined) return fallbackMs;
    const duration = parseDurationMs(value);
    if (duration === undefined)
      this.#problems.push(`${name}: "${value}" is no duration; write for example 30s, 5m or 24h`);
    return duration ?? fallbackMs;
  }

  oneOf<Value extends string>(name: string, values: readonly Value[], fallback: Value): Value {
    const value = this.optionalText(name);
    if (value === undefined) return fallback;
    const found = values.find((candidate) => candidate === value);
    if (found === undefined) this.#problems.push(`${name}: "${value}" is none of ${values.join(", ")}`);
    return found ?? fallback;
  }

  /** Values separated by `separator`, empty parts left out. */
  list(name: string, separator = ","): readonly string[] {
    return (this.optionalText(name) ?? "")
      .split(separator)
      .map((part) => part.trim())
      .filter((part) => part !== "");
  }

  /** Every variable that begins with `prefix`, by the rest of its name. */
  withPrefix(prefix: string): ReadonlyMap<string, string> {
    const found = new Map<string, string>();
    for (const [name, value] of Object.entries(this.#environment)) {
      if (name.startsWith(prefix) && value !== undefined) found.set(name.slice(prefix.length), value);
    }
    return found;
  }

  /** Records a mistake found by the caller. */
  problem(text: string): void {
    this.#problems.push(text);
  }

  /** Throws a SettingsError when anything was wrong. */
  finish(): void {
    if (this.#problems.length > 0) throw new SettingsError(this.#problems);
  }
}

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Milliseconds of `500ms`, `20s`, `1h30m`, or plain seconds; undefined when it is none. */
export function parseDurationMs(text: string): number | undefined {
  if (/^[0-9]+$/.test(text)) return Number(text) * 1000;
  if (!/^([0-9]+(\.[0-9]+)?(ms|s|m|h))+$/.test(text)) return undefined;
  let total = 0;
  for (const part of text.matchAll(/([0-9]+(?:\.[0-9]+)?)(ms|s|m|h)/g)) {
    total += Number(part[1]) * (UNIT_MS[part[2] ?? ""] ?? 0);
  }
  return total;
}
