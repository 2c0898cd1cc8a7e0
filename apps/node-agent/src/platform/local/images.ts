import { readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { parse } from "yaml";
import { AgentError } from "../../agent-error.ts";

/** What runs in place of a container image. */
export interface ImageCommand {
  /** Program and first arguments, as an image's ENTRYPOINT. */
  readonly command: readonly string[];
  /** As an image's CMD: replaced by the container's `args`. */
  readonly args: readonly string[];
  /** Absolute folder. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Name of the file that maps images to commands. */
const IMAGE_FILE = "ambit.yaml";

/**
 * The command of `image` by the nearest `ambit.yaml` from the manifest's folder up to the source folder; undefined when
 * none names it. The file is read afresh, so that an edit counts from the next start of a container.
 * Throws an AgentError `images` that names the file and the field when the file cannot be used.
 */
export function findImage(image: string, folder: string, sourceDir: string): ImageCommand | undefined {
  for (const place of foldersUp(folder, sourceDir)) {
    const file = join(place, IMAGE_FILE);
    let text: string;
    try {
      text = readFileSync(file, "utf8");
    } catch {
      continue;
    }
    const found = readImages(text, file).get(canonicalImage(image));
    if (found !== undefined) return found;
  }
  return undefined;
}

function foldersUp(folder: string, top: string): readonly string[] {
  const folders = [folder];
  const inside = relative(top, folder);
  if (inside.startsWith("..")) return folders;
  for (let at = folder; at !== top && at !== dirname(at);) {
    at = dirname(at);
    folders.push(at);
  }
  return folders;
}

/** An image name with its tag spelled out and without Docker Hub's prefixes. */
export function canonicalImage(image: string): string {
  const short = image.replace(/^docker\.io\//, "").replace(/^library\//, "");
  const last = short.slice(short.lastIndexOf("/") + 1);
  return last.includes(":") || last.includes("@") ? short : `${short}:latest`;
}

/** The images of an `ambit.yaml`, by canonical name. Throws an AgentError `images`. */
export function readImages(text: string, file: string): ReadonlyMap<string, ImageCommand> {
  let document: unknown;
  try {
    document = parse(text, { maxAliasCount: 100 });
  } catch (cause) {
    throw new AgentError("images", `${file} is no YAML`, { cause });
  }
  const found = new Map<string, ImageCommand>();
  const images = field(document, "images");
  if (images === undefined) return found;
  if (!isRecord(images)) throw fault(file, "images", "expected a mapping of image names");
  for (const [name, entry] of Object.entries(images)) {
    found.set(canonicalImage(name), readImage(entry, file, `images["${name}"]`));
  }
  return found;
}

function readImage(entry: unknown, file: string, path: string): ImageCommand {
  const folder = dirname(resolve(file));
  if (Array.isArray(entry)) return readImage({ command: entry }, file, path);
  if (!isRecord(entry)) throw fault(file, path, "expected `command:` and optionally `args:`, `cwd:`, `env:`");
  for (const key of Object.keys(entry)) {
    if (!["command", "args", "cwd", "env"].includes(key))
      throw fault(file, `${path}.${key}`, "unknown field");
  }
  const command = texts(entry["command"], file, `${path}.command`);
  if (command.length === 0) throw fault(file, `${path}.command`, "expected a list with a program in it");
  const cwd = entry["cwd"] ?? ".";
  if (typeof cwd !== "string") throw fault(file, `${path}.cwd`, "expected a folder");
  const env = entry["env"] ?? {};
  if (!isRecord(env)) throw fault(file, `${path}.env`, "expected a mapping");
  return {
    command,
    args: texts(entry["args"] ?? [], file, `${path}.args`),
    cwd: resolve(folder, cwd),
    env: Object.fromEntries(
      Object.entries(env).map(([key, value]) => [key, scalar(value, file, `${path}.env.${key}`)]),
    ),
  };
}

function texts(value: unknown, file: string, path: string): readonly string[] {
  if (!Array.isArray(value)) throw fault(file, path, "expected a list");
  return value.map((entry: unknown, index) => scalar(entry, file, `${path}[${index}]`));
}

function scalar(value: unknown, file: string, path: string): string {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  throw fault(file, path, "expected a text");
}

function field(value: unknown, name: string): unknown {
  return isRecord(value) ? value[name] : undefined;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function fault(file: string, path: string, message: string): AgentError {
  return new AgentError("images", `${file}: ${path}: ${message}`);
}
