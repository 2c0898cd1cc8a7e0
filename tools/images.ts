/**
 * `npm run images`: bundles every service and makes its image. With a Docker engine the images are put into it; without
 * one, or with `--archive`, they are written as one archive for `docker load` and OCI tools. Options: `--service NAME`
 * (several times), `--base IMAGE` (instead of scratch; it must bring glibc, libstdc++ and the node agent's system
 * programs), `--rootfs FOLDER` (unpacked, for the Dockerfile of deploy/images), `--out FOLDER` (default dist/images).
 * Beside each image lies its bill of materials in CycloneDX.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { spawnSync } from "node:child_process";
import { parseArgs } from "node:util";
import { imageArchive, imageId, packLayer, type ImageSpec } from "./images/archive.ts";
import { dockerBuild, dockerLoad, dockerVersion } from "./images/docker.ts";
import { writeTree } from "./images/write-tree.ts";
import {
  ENTRYPOINT,
  ENVIRONMENT,
  imageName,
  labelsOf,
  readRelease,
  userOf,
  type Release,
} from "./images/metadata.ts";
import { runtimeTree, serviceTree, type ServiceTree, type Tree } from "./images/rootfs.ts";
import { cycloneDx, goComponents, npmComponent, runtimeComponents, systemComponents } from "./images/sbom.ts";
import { SERVICES, type Service } from "./images/services.ts";

const root = join(import.meta.dirname, "..");
const architecture = process.arch === "x64" ? "amd64" : process.arch;
const MIB = 1024 * 1024;

function main(): void | Promise<void> {
  const { values } = parseArgs({
    options: {
      service: { type: "string", multiple: true },
      archive: { type: "boolean", default: false },
      base: { type: "string", default: "scratch" },
      rootfs: { type: "string" },
      out: { type: "string", default: join(root, "dist/images") },
    },
  });
  const wanted = values.service ?? SERVICES.map(({ name }) => name);
  const services = SERVICES.filter(({ name }) => wanted.includes(name));
  const unknown = wanted.filter((name) => !services.some((service) => service.name === name));
  if (unknown.length > 0) throw new Error(`No such service: ${unknown.join(", ")}`);
  return build(services, values);
}

async function build(
  services: readonly Service[],
  options: {
    readonly archive: boolean;
    readonly base: string;
    readonly rootfs?: string | undefined;
    readonly out: string;
  },
): Promise<void> {
  const hasBase = options.base !== "scratch";
  const release = readRelease(root, process.env);
  const natsServer = services.some((service) => service.natsServer) ? findNatsServer() : undefined;
  const runtime = runtimeTree(process.execPath, hasBase);
  const present = new Set(runtime.systemFiles.map(({ path }) => path));
  const runtimeLayer =
    options.rootfs === undefined ? packLayer(runtime.entries, `node ${process.versions.node}`) : undefined;
  const images: ImageSpec[] = [];
  mkdirSync(options.out, { recursive: true });
  for (const service of services) {
    const tree = await serviceTree(service, { root, version: release.version, natsServer, present, hasBase });
    writeFileSync(join(options.out, `${service.name}.cdx.json`), billOf(service, release, tree, runtime));
    if (runtimeLayer === undefined) {
      writeTree(options.rootfs ?? "", [...runtime.entries, ...tree.entries]);
      continue;
    }
    images.push({
      name: imageName(service, release),
      user: userOf(service),
      entrypoint: ENTRYPOINT,
      environment: ENVIRONMENT,
      labels: labelsOf(service, release),
      created: release.created,
      architecture,
      layers: [runtimeLayer, packLayer(tree.entries, `ambit ${service.name} ${release.version}`)],
    });
  }
  if (images.length > 0) deliver(images, options, release);
}

function deliver(
  images: readonly ImageSpec[],
  options: { readonly archive: boolean; readonly base: string; readonly out: string },
  release: Release,
): void {
  const engine = dockerVersion();
  const archive = options.base === "scratch" ? imageArchive(images) : undefined;
  // Without a base there is nothing to build: what is loaded is what an archive holds, with whatever builder the engine has.
  if (engine !== undefined && archive !== undefined) dockerLoad(archive);
  if (engine !== undefined && archive === undefined)
    for (const image of images) dockerBuild(image, options.base);
  for (const image of images) {
    const sizes = image.layers.map(
      ({ tar, packed }) => `${inMib(tar.length)} (${inMib(packed.length)} packed)`,
    );
    print(
      `${image.name.padEnd(26)} runtime ${sizes[0]} + service ${sizes[1]} MiB  ${imageId(image).slice(7, 19)}`,
    );
  }
  if (engine !== undefined)
    print(`the Docker engine ${engine} has them; bills of materials in ${options.out}`);
  if (engine !== undefined && !options.archive) return;
  if (archive === undefined) throw new Error("An archive is made from scratch; --base needs a Docker engine");
  const path = join(options.out, `ambit-${release.version}-linux-${architecture}.tar`);
  writeFileSync(path, archive);
  print(
    `${engine === undefined ? "no Docker engine here; " : ""}archive: ${path} (${inMib(archive.length)} MiB)`,
  );
  print(`load it with: docker load -i ${path}`);
}

function billOf(service: Service, release: Release, tree: ServiceTree, runtime: Tree): string {
  const subject = {
    type: "application" as const,
    name: `ambit/${service.name}`,
    version: release.version,
    licence: "Apache-2.0",
    purl: `pkg:oci/${service.name}?tag=${release.version}&arch=${architecture}`,
  };
  return cycloneDx(subject, [
    ...runtimeComponents(process.versions),
    ...systemComponents([...runtime.systemFiles, ...tree.systemFiles]),
    ...tree.packages.map(npmComponent),
    ...(tree.natsServer === undefined ? [] : goComponents(tree.natsServer)),
  ]);
}

function findNatsServer(): string {
  const run = spawnSync("sh", [join(root, "tools/nats-server.sh")], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (run.status !== 0)
    throw new Error("No nats-server for the image of the bus: name one with AMBIT_NATS_SERVER");
  return run.stdout.trim();
}

function inMib(bytes: number): string {
  return (bytes / MIB).toFixed(1);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

try {
  await main();
} catch (thrown) {
  process.stderr.write(`images: ${thrown instanceof Error ? thrown.message : String(thrown)}\n`);
  process.exitCode = 1;
}
