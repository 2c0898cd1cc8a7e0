/**
 * Import rules of the house: which room may use which. Reads the manifests and the import lines of every package.
 * Exit status 1 and one line per fault. Needs nothing but Node, so that it runs when the libraries are broken.
 */
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

interface Room {
  readonly dir: string;
  readonly name: string;
  readonly kind: string;
  readonly plane: string;
  readonly depth: string;
  readonly declared: ReadonlySet<string>;
  readonly doors: ReadonlySet<string>;
}

const root = join(import.meta.dirname, "..");

/** Which kinds each kind may import. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  pure: ["pure"],
  lib: ["pure", "lib"],
  engine: ["pure", "lib"],
  app: ["pure", "lib", "engine"],
  kit: ["pure", "lib", "engine"],
};

function tag(tags: readonly string[], key: string): string {
  return tags.find((entry) => entry.startsWith(`${key}:`))?.slice(key.length + 1) ?? "";
}

function readRooms(): Map<string, Room> {
  const rooms = new Map<string, Room>();
  for (const group of ["apps", "libs"]) {
    for (const folder of readdirSync(join(root, group))) {
      const manifest = join(root, group, folder, "package.json");
      if (!existsSync(manifest)) continue;
      const json = JSON.parse(readFileSync(manifest, "utf8")) as {
        name: string;
        nx?: { tags?: string[] };
        exports?: Record<string, string>;
        dependencies?: Record<string, string>;
        devDependencies?: Record<string, string>;
      };
      const tags = json.nx?.tags ?? [];
      rooms.set(json.name, {
        dir: join(group, folder),
        name: json.name,
        kind: tag(tags, "kind"),
        plane: tag(tags, "plane"),
        depth: tag(tags, "depth"),
        declared: new Set(Object.keys({ ...json.dependencies, ...json.devDependencies })),
        doors: new Set(Object.keys(json.exports ?? {})),
      });
    }
  }
  return rooms;
}

function sources(dir: string): string[] {
  return readdirSync(join(root, dir), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !file.includes("node_modules") && !file.includes("/gen/"))
    .map((file) => join(dir, file));
}

function planesMeet(from: Room, to: Room): boolean {
  if (from.kind === "kit" || from.plane === "tool" || to.plane === "any") return true;
  return from.plane === to.plane;
}

function checkImport(
  from: Room,
  file: string,
  specifier: string,
  rooms: Map<string, Room>,
): string | undefined {
  const [scope = "", folder = "", ...rest] = specifier.split("/");
  const to = rooms.get(`${scope}/${folder}`);
  if (to === undefined) return `${file}: imports ${specifier}, which is no room of this house`;
  const isTest = /\.(test|prop|bench)\.ts$|\/testing\//.test(file);
  if (to.name === from.name)
    return `${file}: imports its own room by name (${specifier}); use a relative path`;
  if (!from.declared.has(to.name))
    return `${file}: imports ${to.name} but ${from.dir}/package.json does not declare it`;
  if (!to.doors.has(`./${rest.join("/")}`))
    return `${file}: ${specifier} is not listed in ${to.dir}/package.json "exports"`;
  if (to.kind === "kit") return isTest ? undefined : `${file}: only tests may import ${to.name}`;
  if (!(MAY_IMPORT[from.kind] ?? []).includes(to.kind))
    return `${file}: kind ${from.kind} may not import kind ${to.kind} (${to.name})`;
  if (!planesMeet(from, to))
    return `${file}: plane ${from.plane} may not import plane ${to.plane} (${to.name})`;
  if (to.depth === "l7" && from.depth !== "l7") return `${file}: only layer-7 rooms may import ${to.name}`;
  return undefined;
}

function main(): void {
  const rooms = readRooms();
  const faults: string[] = [];
  for (const room of rooms.values()) {
    for (const name of room.declared) {
      if (name.startsWith("@ambit/") && !rooms.has(name))
        faults.push(`${room.dir}/package.json: declares unknown room ${name}`);
    }
    for (const file of sources(room.dir)) {
      const text = readFileSync(join(root, file), "utf8");
      for (const match of text.matchAll(/(?:from|import)\s*\(?\s*"(@ambit\/[^"]+)"/g)) {
        const fault = checkImport(room, file, match[1] ?? "", rooms);
        if (fault !== undefined) faults.push(fault);
      }
      if (/from\s+"(\.\.\/)+(apps|libs)\//.test(text))
        faults.push(`${file}: reaches another room by a relative path`);
    }
  }
  for (const fault of faults) process.stderr.write(`${fault}\n`);
  if (faults.length > 0) process.exitCode = 1;
}

main();
