import type { Clock } from "@ambit/base/clock.ts";
import type { Driver } from "./driver.ts";
import { createEngineDriver } from "./engine/engine-driver.ts";
import { createPortableDriver } from "./portable/portable-driver.ts";
import { ffiAvailable } from "./sys-tls.ts";

/** `auto` takes the engine where it can run. */
export type DriverPreference = "auto" | Driver["name"];

/** Which driver a preference leads to here, and why. */
export interface DriverChoice {
  readonly name: Driver["name"];
  /** One sentence for an operator. */
  readonly reason: string;
}

/** Whether the engine can run in this process, and why not. */
export function engineAvailability(): { readonly available: boolean; readonly reason: string } {
  const { tls, reason } = ffiAvailable();
  return { available: tls, reason };
}

/** Decides without making anything; what `doctor` shows. */
export function explainDriver(preference: DriverPreference): DriverChoice {
  if (preference === "portable") return { name: "portable", reason: "the portable driver was asked for" };
  if (preference === "engine") return { name: "engine", reason: "the engine was asked for" };
  const { available, reason } = engineAvailability();
  if (available) return { name: "engine", reason: "native calls and OpenSSL are available" };
  return { name: "portable", reason: `the engine cannot run here: ${reason}` };
}

/** Settings that mean the same to both drivers; `checked` concerns the engine alone. */
export interface DriverSettings {
  readonly checked?: boolean;
  readonly clock?: Clock;
  readonly handshakeTimeoutMs?: number;
}

/** Makes a driver for this thread. Throws an IoError `unsupported` when `engine` is asked for where it cannot run. */
export function chooseDriver(preference: DriverPreference = "auto", settings: DriverSettings = {}): Driver {
  const { name } = explainDriver(preference);
  return name === "engine" ? createEngineDriver(settings) : createPortableDriver(settings);
}
