/** Severity, most severe first; `off` silences a scope. */
export type LogLevel = "off" | "error" | "warn" | "info" | "debug" | "trace";

export type LogFields = Readonly<Record<string, unknown>>;

/** A constant sentence plus fields; never a key, a token or unescaped peer input. */
export interface Logger {
  error(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  debug(message: string, fields?: LogFields): void;
  trace(message: string, fields?: LogFields): void;
  /** A logger for a part of the process; its scope is `parent/name`. */
  child(scope: string): Logger;
}

const LEVEL_ORDER: readonly LogLevel[] = ["off", "error", "warn", "info", "debug", "trace"];

/** True when a record of `level` passes a threshold of `threshold`. */
export function levelPasses(level: LogLevel, threshold: LogLevel): boolean {
  return LEVEL_ORDER.indexOf(level) <= LEVEL_ORDER.indexOf(threshold);
}

/** True when `text` names a level. */
export function isLogLevel(text: string): text is LogLevel {
  return (LEVEL_ORDER as readonly string[]).includes(text);
}

/** A logger that keeps nothing; the default of library parts. */
export const silentLogger: Logger = {
  error: () => undefined,
  warn: () => undefined,
  info: () => undefined,
  debug: () => undefined,
  trace: () => undefined,
  child: () => silentLogger,
};
