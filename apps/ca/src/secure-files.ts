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
  const text = readText(path);
  refuseWider(path, 0o077);
  return text;
}

/** Reads a file of the state. Throws a CaError `state` naming it. */
export function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new CaError("state", `${path} cannot be read`, { cause });
  }
}

function refuseWider(path: string, forbidden: number): void {
  const { mode, uid } = statSync(path);
  const own = process.getuid?.() ?? uid;
  if (uid !== own && uid !== 0) throw new CaError("state", `${path} belongs to another user (uid ${uid})`);
  if ((mode & forbidden) === 0) return;
  throw new CaError("state", `${path} has mode ${(mode & 0o777).toString(8)} and can be reached by others`, {
    hint: `chmod go= ${path}`,
  });
}
