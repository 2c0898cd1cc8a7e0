import { constants } from "node:os";
import { AmbitError } from "@ambit/base/errors.ts";

/**
 * What can go wrong before a socket is alive:
 * `unsupported` (the active driver or platform cannot honour an option), `address` (not an IP address or port),
 * `socket` (a system call refused; facts name it), `namespace` (a network namespace cannot be opened or entered),
 * `material` (a certificate, key or root cannot be loaded), `packet` (a message does not fit or was cut).
 */
export type IoErrorCode = "unsupported" | "address" | "socket" | "namespace" | "material" | "packet";

/** The room's error; `facts.errno` names the system's reason where there is one. */
export class IoError extends AmbitError<IoErrorCode> {}

const NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(constants.errno).map(([name, value]) => [value, name] as const),
);

/** The symbolic name of a system error; `value` may be negative, as calls return it. */
export function errnoName(value: number): string {
  return NAMES.get(Math.abs(value)) ?? `ERRNO_${Math.abs(value)}`;
}

/** An IoError for a system call that returned `-errno`. */
export function systemError(call: string, result: number, facts: Record<string, unknown> = {}): IoError {
  const errno = errnoName(result);
  return new IoError("socket", `The system call ${call} failed with ${errno}`, {
    facts: { call, errno, ...facts },
  });
}
