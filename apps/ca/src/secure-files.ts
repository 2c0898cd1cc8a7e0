import { chmodSync, existsSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { CaError } from "./ca-error.ts";

/** Makes the folder 0700, or refuses one that others can reach. Throws a CaError `state`. */
export function securedDirectory(path: string): void {
  if (!existsSync(path)) {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    chmodSync(path, 0o700);
    return;
  }
  refuseWider(path, 0o077);
}

/** Reads a key file; refuses one that others can read. Throws a CaError `state`. */
export function readKeyFile(path: string): string {
  refuseWider(path, 0o077);
  return readFileSync(path, "utf8");
}

function refuseWider(path: string, forbidden: number): void {
  const { mode } = statSync(path);
  if ((mode & forbidden) === 0) return;
  throw new CaError("state", `${path} has mode ${(mode & 0o777).toString(8)} and can be reached by others`, {
    hint: `chmod go= ${path}`,
  });
}
