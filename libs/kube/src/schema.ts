import { defaultSeverity, type DiagnosticCode, type Severity } from "./diagnostics.ts";

/** A place inside a document, kept as a chain so that reading a correct document allocates little. */
export interface Path {
  readonly parent: Path | undefined;
  readonly key: string | number;
}

/** What a schema found wrong, still without file and line. */
export interface Problem {
  readonly code: DiagnosticCode;
  readonly severity: Severity;
  readonly path: Path | undefined;
  /** Whether the key or its value is to be pointed at. */
  readonly at: "key" | "value";
  readonly message: string;
  readonly remedy: string;
}

/**
 * Collects problems while a document is read. `strict` is set for kinds that decide about access: there an unknown
 * field or an empty value is an error, because ignoring it could widen what a policy allows.
 */
export class Report {
  readonly problems: Problem[] = [];
  readonly strict: boolean;

  constructor(options: { readonly strict: boolean }) {
    this.strict = options.strict;
  }

  /** True when something was found that keeps the resource from taking effect. */
  get failed(): boolean {
    return this.problems.some((problem) => problem.severity === "error");
  }

  add(
    code: DiagnosticCode,
    path: Path | undefined,
    message: string,
    remedy: string,
    options: { readonly at?: "key" | "value"; readonly severity?: Severity } = {},
  ): undefined {
    const { at = "value", severity = defaultSeverity(code) } = options;
    this.problems.push({ code, severity, path, at, message, remedy });
    return undefined;
  }
}

/** Reads a plain value (as parsed from YAML or JSON) into `T`; undefined after it reported why it cannot. */
export type Schema<T> = (value: unknown, path: Path | undefined, report: Report) => T | undefined;

/** A field of a record: its schema, and what stands in for it when it is absent. */
export interface Field<T> {
  readonly schema: Schema<T> | undefined;
  readonly required: boolean;
  readonly fallback: () => T;
}

/** `spec.ports[0].port`; keys with dots or slashes are quoted. */
export function formatPath(path: Path | undefined): string {
  if (path === undefined) return "";
  const before = formatPath(path.parent);
  if (typeof path.key === "number") return `${before}[${path.key}]`;
  const key = /^[A-Za-z0-9_-]+$/.test(path.key) ? path.key : JSON.stringify(path.key);
  return before === "" ? key : key.startsWith('"') ? `${before}[${key}]` : `${before}.${key}`;
}

/** The keys from the root to the place. */
export function pathKeys(path: Path | undefined): (string | number)[] {
  const keys: (string | number)[] = [];
  for (let step = path; step !== undefined; step = step.parent) keys.push(step.key);
  return keys.reverse();
}

/** A field that must be there. */
export function required<T>(schema: Schema<T>): Field<T> {
  return { schema, required: true, fallback: missing };
}

/** A field that is undefined when absent. */
export function optional<T>(schema: Schema<T>): Field<T | undefined> {
  return { schema, required: false, fallback: () => undefined };
}

/** A field with a default. */
export function withDefault<T>(schema: Schema<T>, fallback: () => NoInfer<T>): Field<T> {
  return { schema, required: false, fallback };
}

function missing(): never {
  throw new RangeError("A required field has no fallback");
}

type RecordOf<Fields> = {
  readonly [Key in keyof Fields]: Fields[Key] extends Field<infer T> ? T : never;
};

/**
 * A mapping with known fields. `ignored` names fields that exist in the API and mean nothing to the mesh; anything
 * else is AMB0004, as an error where the report is strict.
 */
export function record<Fields extends Readonly<Record<string, Field<unknown>>>>(
  fields: Fields,
  options: { readonly ignored?: readonly string[] } = {},
): Schema<RecordOf<Fields>> {
  const ignored = new Set(options.ignored ?? []);
  const known = new Map(Object.entries(fields));
  return (value, path, report) => {
    const source = asMapping(value, path, report);
    if (source === undefined) return undefined;
    const out: Record<string, unknown> = {};
    let whole = true;
    for (const [key, field] of known) {
      const found = readField(source, key, field, path, report);
      if (found === FAILED) whole = false;
      else out[key] = found;
    }
    for (const key of Object.keys(source)) {
      if (known.has(key) || ignored.has(key)) continue;
      reportUnknown(key, [...known.keys(), ...ignored], path, report);
    }
    return whole ? (out as RecordOf<Fields>) : undefined;
  };
}

/** Parts kept for sharing by one schema. */
const MAX_SHARED = 10_000;

/**
 * Gives equal parts of different documents one object: thousands of pods have the same containers and conditions, and
 * what is read is immutable. Parts with a problem are read each time, so that each is reported.
 */
export function shared<T extends object>(schema: Schema<T>): Schema<T> {
  const known = new Map<string, T>();
  return (value, path, report) => {
    const text = JSON.stringify(value);
    // JSON writes infinities as null; a part with either is not told apart by its text.
    if (text.includes("null")) return schema(value, path, report);
    const key = report.strict ? `strict ${text}` : text;
    const before = known.get(key);
    if (before !== undefined) return before;
    const problems = report.problems.length;
    const read = schema(value, path, report);
    if (read === undefined || report.problems.length > problems) return read;
    if (known.size >= MAX_SHARED) known.clear();
    known.set(key, read);
    return read;
  };
}

const FAILED = Symbol("failed");

function readField(
  source: Readonly<Record<string, unknown>>,
  key: string,
  field: Field<unknown>,
  path: Path | undefined,
  report: Report,
): unknown {
  const present = Object.hasOwn(source, key);
  const raw = present ? source[key] : undefined;
  if (raw === undefined || raw === null) {
    if (!field.required) return field.fallback();
    const at = present ? { parent: path, key } : path;
    report.add("AMB0005", at, `the field "${key}" is missing`, `add ${formatPath({ parent: path, key })}`);
    return FAILED;
  }
  const read = field.schema?.(raw, { parent: path, key }, report);
  return read === undefined ? FAILED : read;
}

function reportUnknown(key: string, known: readonly string[], path: Path | undefined, report: Report): void {
  const near = nearest(key, known);
  const remedy = near === undefined ? "remove it, or correct its spelling" : `did you mean "${near}"?`;
  const severity = report.strict ? "error" : "warning";
  report.add("AMB0004", { parent: path, key }, `the field "${key}" is not known`, remedy, {
    at: "key",
    severity,
  });
}

/** The candidate within two edits of `word`, for "did you mean". */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  let best: string | undefined;
  let bestDistance = 3;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - word.length) >= bestDistance || word.length > 64) continue;
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

function editDistance(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let i = 1; i <= left.length; i++) {
    const next = [i];
    for (let j = 1; j <= right.length; j++) {
      const swap = (row[j - 1] ?? 0) + (left[i - 1] === right[j - 1] ? 0 : 1);
      next.push(Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[right.length] ?? 0;
}

/** The value as a mapping; anything else is AMB0006. */
export function asMapping(
  value: unknown,
  path: Path | undefined,
  report: Report,
): Readonly<Record<string, unknown>> | undefined {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  return wrongType("a mapping", value, path, report);
}

/** Reports AMB0006. */
export function wrongType(
  expected: string,
  value: unknown,
  path: Path | undefined,
  report: Report,
): undefined {
  return report.add(
    "AMB0006",
    path,
    `expected ${expected}, found ${describeValue(value)}`,
    `write ${expected}`,
  );
}

/** A value as messages show it: short, and quoted when it is text. */
export function describeValue(value: unknown): string {
  if (value === null || value === undefined) return "nothing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a mapping";
  const text = JSON.stringify(value) ?? typeof value;
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
