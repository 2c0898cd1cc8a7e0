import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** A package whose code is in an image. */
export interface NpmPackage {
  readonly name: string;
  readonly version: string;
  readonly licence: string;
  /** Folder relative to the root. */
  readonly folder: string;
  /** False for the rooms of this project. */
  readonly foreign: boolean;
}

/** The folder of the package that a source file belongs to; undefined for files that belong to none. */
export function packageFolder(source: string): string | undefined {
  const inner = source.lastIndexOf("node_modules/");
  if (inner === -1) return /^(?:apps|libs)\/[^/]+/.exec(source)?.[0];
  const head = source.slice(0, inner + "node_modules/".length);
  const name = /^(?:@[^/]+\/)?[^/]+/.exec(source.slice(head.length))?.[0];
  return name === undefined ? undefined : head + name;
}

/** The packages that the source files belong to, each once, by name and version. */
export function packagesOf(sources: readonly string[], root: string): readonly NpmPackage[] {
  const packages = new Map<string, NpmPackage>();
  for (const source of sources) {
    const folder = packageFolder(source);
    if (folder === undefined || packages.has(folder)) continue;
    const manifest = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8")) as {
      name: string;
      version: string;
      license?: string;
    };
    packages.set(folder, {
      name: manifest.name,
      version: manifest.version,
      licence: manifest.license ?? "",
      folder,
      foreign: folder.includes("node_modules/"),
    });
  }
  const key = (entry: NpmPackage): string => `${entry.name}@${entry.version}`;
  const byKey = new Map([...packages.values()].map((entry) => [key(entry), entry]));
  return [...byKey.values()].toSorted((left, right) => (key(left) < key(right) ? -1 : 1));
}

/** Text of a package's licence; undefined when it ships none. */
export function licenceText({ folder }: NpmPackage, root: string): string | undefined {
  const names = readdirSync(join(root, folder)).filter((name) => /^(licen[cs]e|copying|notice)/i.test(name));
  const texts = names
    .toSorted()
    .map((name) => join(root, folder, name))
    .filter((path) => existsSync(path))
    .map((path) => readFileSync(path, "utf8").trim());
  return texts.length === 0 ? undefined : texts.join("\n\n");
}

/** What must be handed on with other people's code: their names and licences, one after the other. */
export function notices(texts: ReadonlyMap<string, string>): string {
  const line = "=".repeat(80);
  const parts = [...texts].map(([title, text]) => `${line}\n${title}\n${line}\n\n${text.trim()}\n`);
  return `This image contains work of others under these licences.\n\n${parts.join("\n")}`;
}
