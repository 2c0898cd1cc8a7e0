import { readFileSync } from "node:fs";
import { basename, dirname, relative, resolve } from "node:path";
import { build, type Metafile, type Plugin } from "esbuild";
import type { Service } from "./services.ts";

/** A bundled file, named without folders: all of a service's files lie side by side. */
export interface BundledFile {
  readonly name: string;
  readonly data: Uint8Array;
}

export interface Bundle {
  readonly files: readonly BundledFile[];
  /** Source files that reached the output, relative to the root. */
  readonly sources: readonly string[];
}

/** Every image can ask itself whether it is ready. */
const HEALTHCHECK = "libs/runtime/src/healthcheck-main.ts";

// Packages written for the older module system ask for built-in modules by calling `require`.
const BANNER =
  'import { createRequire as createRequireForBundle } from "node:module"; ' +
  "const require = createRequireForBundle(import.meta.url);";

/** Names of a service's bundled files: `main.js`, `healthcheck.js`, one per worker, and chunks they share. */
export async function bundleService(service: Service, root: string): Promise<Bundle> {
  const workers = new Map(service.workers.map((path) => [resolve(root, path), workerName(path)]));
  const result = await build({
    absWorkingDir: root,
    entryPoints: [
      { in: service.main, out: "main" },
      { in: HEALTHCHECK, out: "healthcheck" },
      ...Object.entries(service.mains).map(([name, path]) => ({ in: path, out: name })),
      ...service.workers.map((path) => ({ in: path, out: workerName(path) })),
    ],
    outdir: "dist",
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node24",
    chunkNames: "chunk-[hash]",
    banner: { js: BANNER },
    legalComments: "none",
    metafile: true,
    write: false,
    logLevel: "warning",
    plugins: [workerAddresses(workers)],
  });
  const files = result.outputFiles
    .map(({ path, contents }) => ({ name: basename(path), data: contents }))
    .toSorted((left, right) => (left.name < right.name ? -1 : 1));
  return { files, sources: sourcesOf(result.metafile) };
}

/** `data/main.worker.ts` becomes `data.worker`. */
function workerName(path: string): string {
  return `${basename(dirname(path))}.worker`;
}

function sourcesOf(metafile: Metafile): readonly string[] {
  const sources = new Set<string>();
  for (const { inputs } of Object.values(metafile.outputs)) {
    for (const [path, { bytesInOutput }] of Object.entries(inputs)) if (bytesInOutput > 0) sources.add(path);
  }
  return [...sources].toSorted();
}

/** Turns `new URL("../x.worker.ts", import.meta.url)` into the address of the bundled worker; an unknown one is an error. */
function workerAddresses(workers: ReadonlyMap<string, string>): Plugin {
  return {
    name: "worker-addresses",
    setup(hooks) {
      hooks.onLoad({ filter: /[\\/](apps|libs)[\\/].*\.ts$/ }, ({ path }) => ({
        contents: rewriteWorkerAddresses(readFileSync(path, "utf8"), path, workers),
        loader: "ts",
      }));
    },
  };
}

/** The text of the file at `path` with its worker addresses rewritten. Throws for a worker that is not in the map. */
export function rewriteWorkerAddresses(
  text: string,
  path: string,
  workers: ReadonlyMap<string, string>,
): string {
  return text.replaceAll(
    /new URL\("([^"]+\.worker\.ts)", import\.meta\.url\)/g,
    (_whole, reference: string) => {
      const worker = resolve(dirname(path), reference);
      const name = workers.get(worker);
      if (name === undefined)
        throw new Error(`Worker is in no image: ${relative(process.cwd(), worker)}; add it to services.ts`);
      return `new URL("./${name}.js", import.meta.url)`;
    },
  );
}
