import { readFileSync } from "node:fs";
import { join } from "node:path";
import { bundleService } from "./bundle.ts";
import { trimElf } from "./elf.ts";
import { complete, directory, file, fileFrom, type Entry } from "./entry.ts";
import { licenceText, notices, packagesOf, type NpmPackage } from "./packages.ts";
import { MESH_GROUP, SERVICES, type Service } from "./services.ts";
import {
  distributionLicences,
  entryOf,
  findProgram,
  sharedLibraries,
  systemFile,
  type SystemFile,
} from "./system.ts";

const NODE_PATH = "usr/local/bin/node";

/** What goes into an image's file system, and what is known of it. */
export interface Tree {
  readonly entries: readonly Entry[];
  readonly systemFiles: readonly SystemFile[];
}

/** A service's own part of its image. */
export interface ServiceTree extends Tree {
  readonly packages: readonly NpmPackage[];
  /** Content of the nats-server program; undefined in images without it. */
  readonly natsServer: Buffer | undefined;
}

/**
 * The part that every image has: the pinned runtime, and the libraries and tables it needs when there is no base image
 * that brings them.
 */
export function runtimeTree(node: string, hasBase: boolean): Tree {
  const runtime = file(NODE_PATH, trimElf(readFileSync(node)), 0o755);
  if (hasBase) return { entries: complete([runtime]), systemFiles: [] };
  const libraries = sharedLibraries([node]);
  const users = SERVICES.filter(({ uid }) => uid !== 0);
  const entries = [
    runtime,
    ...libraries.map(entryOf),
    file("etc/nsswitch.conf", "hosts: files dns\n"),
    file("etc/group", `root:x:0:\nambit:x:${MESH_GROUP}:\n`),
    file(
      "etc/passwd",
      ["root:x:0:0::/:", ...users.map(({ name, uid }) => `${name}:x:${uid}:${MESH_GROUP}::/:`), ""].join(
        "\n",
      ),
    ),
    directory("tmp", 0o1777),
  ];
  return { entries: complete(entries), systemFiles: libraries };
}

/** A service's code, its native parts and its folders. `natsServer`: path of the program, for the images that hold it. */
export async function serviceTree(
  service: Service,
  options: {
    readonly root: string;
    readonly version: string;
    readonly natsServer: string | undefined;
    /** Libraries that the runtime's part or the base image has. */
    readonly present: ReadonlySet<string>;
    /** The base image brings the libraries and the system programs. */
    readonly hasBase: boolean;
  },
): Promise<ServiceTree> {
  const { root, version, present, hasBase } = options;
  const bundle = await bundleService(service, root);
  const manifest = { name: `@ambit/${service.name}`, version, private: true, type: "module" };
  const koffi = service.koffi ? koffiFiles(root) : [];
  const programs = hasBase ? [] : service.programs.map(findProgram);
  const natsServer = service.natsServer ? options.natsServer : undefined;
  if (service.natsServer && natsServer === undefined)
    throw new Error("No nats-server for the image of the bus");
  const system = [
    ...programs.map((path, index) => systemFile(`/usr/local/bin/${service.programs[index] ?? ""}`, path)),
    ...sharedLibraries([...programs, ...(natsServer === undefined ? [] : [natsServer])]).filter(
      ({ path }) => !present.has(path),
    ),
  ];
  const packages = packagesOf([...bundle.sources, ...koffi.map(({ source }) => source)], root);
  const server = natsServer === undefined ? undefined : trimElf(readFileSync(natsServer));
  const entries = [
    ...bundle.files.map(({ name, data }) => file(`app/bin/${name}`, data)),
    fileFrom("app/openssl.cnf", join(root, "libs/runtime/openssl.cnf")),
    file("app/package.json", `${JSON.stringify(manifest)}\n`),
    ...koffi.map(({ path, source }) => fileFrom(path, join(root, source))),
    ...system.map(entryOf),
    ...(server === undefined ? [] : [file("usr/local/bin/nats-server", server, 0o755)]),
    file("app/THIRD-PARTY-NOTICES.txt", noticesOf(packages, system, root)),
    ...foldersOf(service),
  ];
  return { entries: complete(entries), systemFiles: system, packages, natsServer: server };
}

function foldersOf(service: Service): readonly Entry[] {
  const owner = { uid: service.uid, gid: MESH_GROUP };
  const folders = [
    { path: "run/ambit", mode: 0o700 },
    { path: "var/lib/ambit", mode: 0o755 },
    ...service.folders,
  ];
  return folders.map(({ path, mode }) => directory(path, mode, owner));
}

// The package finds its native part beside itself; what it needs to compile one stays out.
function koffiFiles(root: string): readonly { readonly path: string; readonly source: string }[] {
  const native = `@koromix/koffi-linux-${process.arch}`;
  const { exports: _exports, ...rest } = JSON.parse(
    readFileSync(join(root, "node_modules/koffi/package.json"), "utf8"),
  ) as Record<string, unknown>;
  if (rest["main"] !== "./index.cjs") throw new Error("The layout of the package koffi has changed");
  return [
    "koffi/package.json",
    "koffi/index.cjs",
    "koffi/src/koffi/index.cjs",
    "koffi/src/koffi/src/static.cjs",
    `${native}/package.json`,
    `${native}/index.js`,
    `${native}/linux_${process.arch}/koffi.node`,
  ].map((path) => ({ path: `app/node_modules/${path}`, source: `node_modules/${path}` }));
}

function noticesOf(packages: readonly NpmPackage[], system: readonly SystemFile[], root: string): string {
  const texts = new Map<string, string>();
  for (const entry of packages) {
    if (!entry.foreign) continue;
    texts.set(`${entry.name} ${entry.version} (${entry.licence})`, licenceText(entry, root) ?? entry.licence);
  }
  for (const [title, text] of distributionLicences(system)) texts.set(title, text);
  return notices(texts);
}
