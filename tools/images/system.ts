import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, realpathSync } from "node:fs";
import { delimiter, join } from "node:path";
import { file, type Entry } from "./entry.ts";
import { trimElf } from "./elf.ts";

/** A file of this machine that goes into an image, and what is known of where it comes from. */
export interface SystemFile {
  /** Absolute path inside the image. */
  readonly path: string;
  readonly source: string;
  /** The distribution's package; undefined when nobody knows. */
  readonly origin: PackageOrigin | undefined;
}

interface PackageOrigin {
  readonly distribution: string;
  readonly name: string;
  readonly version: string;
}

/** Finds a system program. Throws an Error that names the package to install. */
export function findProgram(name: string): string {
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin", "/sbin"];
  const found = folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
  if (found === undefined)
    throw new Error(`System program not found: ${name}; install nftables, iproute2 and util-linux`);
  return found;
}

/**
 * The shared libraries that the programs ask for, at the paths where the loader will look for them, the loader among
 * them. Statically linked programs ask for none. Throws when a library is missing.
 */
export function sharedLibraries(programs: readonly string[]): readonly SystemFile[] {
  const paths = new Set<string>();
  for (const program of programs) {
    const run = spawnSync("ldd", [program], { encoding: "utf8", env: { PATH: process.env["PATH"] ?? "" } });
    for (const path of parseLibraries(run.stdout)) paths.add(path);
  }
  return [...paths].toSorted().map((path) => systemFile(path, path));
}

/** The paths in what `ldd` prints. Throws when it says that one is missing. */
export function parseLibraries(output: string): readonly string[] {
  return output.split("\n").flatMap((line) => {
    const missing = /^\s*(\S+) => not found/.exec(line);
    if (missing !== null) throw new Error(`Shared library not found: ${missing[1]}`);
    const found = /^\s*(?:\S+ => )?(\/\S+) \(0x[0-9a-f]+\)/.exec(line);
    return found?.[1] === undefined ? [] : [found[1]];
  });
}

export function systemFile(path: string, source: string): SystemFile {
  return { path, source, origin: originOf(source) };
}

/** The file as it goes into an image: what is never loaded is left out. */
export function entryOf({ path, source }: SystemFile): Entry {
  return file(path.replace(/^\/+/, ""), trimElf(readFileSync(source)), 0o755);
}

/** Text of the licences that the distribution keeps for the files' packages. */
export function distributionLicences(files: readonly SystemFile[]): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  for (const { origin } of files) {
    if (origin === undefined) continue;
    const path = `/usr/share/doc/${origin.name}/copyright`;
    if (existsSync(path)) texts.set(`${origin.name} ${origin.version}`, readFileSync(path, "utf8"));
  }
  return texts;
}

function originOf(path: string): PackageOrigin | undefined {
  // Where /lib is a link to /usr/lib the database knows either of the two.
  for (const candidate of [path, realpathSync(path), path.replace(/^\/usr/, ""), `/usr${path}`]) {
    const owner = spawnSync("dpkg-query", ["-S", candidate], { encoding: "utf8" });
    const name = owner.status === 0 ? /^([^:,\s]+)/.exec(owner.stdout)?.[1] : undefined;
    if (name === undefined) continue;
    const found = spawnSync("dpkg-query", ["-W", "-f", "${Version}\n", name], { encoding: "utf8" });
    const distribution = /^ID=(.*)$/m.exec(readFileSync("/etc/os-release", "utf8"))?.[1] ?? "debian";
    const version = found.stdout?.split("\n")[0] ?? "";
    if (version !== "") return { distribution, name, version };
  }
  return undefined;
}
