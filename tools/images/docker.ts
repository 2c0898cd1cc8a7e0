import { spawnSync } from "node:child_process";
import type { ImageSpec } from "./archive.ts";
import { file } from "./entry.ts";
import { tar } from "./tar.ts";

/** Version of the engine that the `docker` command talks to; undefined when there is none. */
export function dockerVersion(): string | undefined {
  const run = spawnSync("docker", ["version", "--format", "{{.Server.Version}}"], { encoding: "utf8" });
  return run.status === 0 ? run.stdout.trim() : undefined;
}

/**
 * The text an engine builds an image from: layers on a base that is an argument. `BASE` is `scratch` unless another is
 * named; another must bring the C and C++ runtime libraries.
 */
function dockerfile(image: Omit<ImageSpec, "layers">): string {
  const pairs = (record: Readonly<Record<string, string>>): string =>
    Object.entries(record)
      .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
      .join(" \\\n  ");
  return `ARG BASE=scratch
FROM \${BASE}
ADD runtime.tar.gz /
ADD app.tar.gz /
ENV ${pairs(image.environment)}
LABEL ${pairs(image.labels)}
WORKDIR /
USER ${image.user}
ENTRYPOINT ${JSON.stringify(image.entrypoint)}
`;
}

/** Loads an archive of images. Throws an Error with the engine's last words when that fails. */
export function dockerLoad(archive: Uint8Array): void {
  const run = spawnSync("docker", ["load"], { input: archive, encoding: "utf8" });
  if (run.status !== 0)
    throw new Error(`Cannot load the images: ${(run.stderr || String(run.error)).trim().slice(-2_000)}`);
}

/** Builds and tags the image. Throws an Error with the engine's last words when that fails. */
export function dockerBuild(image: ImageSpec, base: string): void {
  const [runtime, app] = image.layers;
  if (runtime === undefined || app === undefined || image.layers.length !== 2)
    throw new Error("An image has two layers: the runtime and the service");
  const context = tar([
    file("Dockerfile", dockerfile(image)),
    file("app.tar.gz", app.packed),
    file("runtime.tar.gz", runtime.packed),
  ]);
  const run = spawnSync("docker", ["build", "--build-arg", `BASE=${base}`, "--tag", image.name, "-"], {
    input: context,
    encoding: "utf8",
    maxBuffer: 16 * 1024 * 1024,
    // The classic builder is in every engine; the other is a plugin that need not be there.
    env: { ...process.env, DOCKER_BUILDKIT: "0" },
  });
  if (run.status !== 0)
    throw new Error(
      `Cannot build ${image.name}: ${(run.stderr || run.stdout || String(run.error)).trim().slice(-2_000)}`,
    );
}
