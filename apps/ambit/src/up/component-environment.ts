import { CONTROL_PLANE } from "./components.ts";
import type { ComponentEnvironment } from "./progress.ts";

const ENTRY = /^([a-z0-9-]+):([A-Za-z_][A-Za-z0-9_]*)=(.*)$/s;

const PROXY = /^ztunnel-node-[a-z]$/;

/** Reads entries of the form `COMPONENT:NAME=VALUE`; answers with what is wrong as a text when one cannot be read. */
export function readEnvironment(entries: readonly string[]): ComponentEnvironment | string {
  const all: Record<string, Record<string, string>> = {};
  for (const entry of entries) {
    const [, component = "", name = "", value = ""] = ENTRY.exec(entry) ?? [];
    if (name === "") return `${entry}: takes COMPONENT:NAME=VALUE`;
    if (!PROXY.test(component) && !CONTROL_PLANE.some((known) => known === component))
      return `${entry}: there is no component ${component}; there are ${CONTROL_PLANE.join(", ")} and ztunnel-node-a, ...`;
    all[component] = { ...all[component], [name]: value };
  }
  return all;
}
