import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Parts of the mesh whose clock can be set. */
export const CLOCK_PARTS = ["ca", "discovery", "ztunnel-node-a"] as const;
export type ClockPart = (typeof CLOCK_PARTS)[number];

const LIBRARIES = "/usr/lib";

/** libfaketime of this machine; undefined when it is not installed. */
export function faketime(): string | undefined {
  return readdirSync(LIBRARIES)
    .map((folder) => join(LIBRARIES, folder, "faketime/libfaketime.so.1"))
    .find((path) => existsSync(path));
}

/** Arguments of `ambit up` that give each part a clock of its own, read from a file in `folder`. Time that passes goes on. */
export function clockVariables(folder: string): readonly string[] {
  return CLOCK_PARTS.flatMap((part) => {
    setClock(folder, part, "+0");
    const variables = {
      LD_PRELOAD: faketime() ?? "",
      FAKETIME_TIMESTAMP_FILE: clockFile(folder, part),
      FAKETIME_NO_CACHE: "1",
      FAKETIME_DONT_FAKE_MONOTONIC: "1",
    };
    return Object.entries(variables).flatMap(([name, value]) => ["--env", `${part}:${name}=${value}`]);
  });
}

/** Sets the clock of a part whose mesh was started with these variables. */
export function setClock(folder: string, part: ClockPart, time: string): void {
  writeFileSync(clockFile(folder, part), `${time}\n`);
}

function clockFile(folder: string, part: ClockPart): string {
  return join(folder, `clock-${part}`);
}
