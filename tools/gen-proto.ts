/**
 * Generates the static protobuf code of libs/contract from proto/.
 *
 * `node tools/gen-proto.ts` writes it; with `--check` nothing is written and a difference
 * to the committed files ends with exit status 1.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");
const outputDir = join(root, "libs/contract/src/gen");
const names = ["ambit.js", "ambit.d.ts"];

const flags = [
  "-t",
  "static-module",
  "-w",
  "esm",
  "--dts",
  "--no-verify",
  "--no-convert",
  "--no-delimited",
  "--no-typeurl",
  "--no-service",
  "--force-number",
  "--no-beautify=false",
].filter((flag) => flag !== "--no-beautify=false");

function protoFiles(dir: string): string[] {
  return readdirSync(dir, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".proto"))
    .map((name) => join(dir, name))
    .toSorted();
}

// The declarations say number for 64-bit fields, which is safe for every field of the contract; without this the code
// would give objects of the package "long", because other packages bring it along.
const NUMBERS = [
  "// 64-bit fields are read as numbers, as declared.",
  "$protobuf.util.Long = null;",
  "$protobuf.configure();",
];

function generate(dir: string): void {
  const bin = join(root, "node_modules/protobufjs-cli/bin/pbjs");
  const js = join(dir, "ambit.js");
  execFileSync(
    process.execPath,
    [bin, ...flags, "-p", join(root, "proto"), "-o", js, ...protoFiles(join(root, "proto"))],
    { stdio: "inherit" },
  );
  const importLine = 'import $protobuf from "protobufjs/minimal.js";\n';
  const code = readFileSync(js, "utf8");
  if (!code.includes(importLine)) throw new Error("the generated code has another form than expected");
  writeFileSync(js, code.replace(importLine, `${importLine}\n${NUMBERS.join("\n")}\n`));
}

const scratch = mkdtempSync(join(tmpdir(), "ambit-gen-"));
try {
  generate(scratch);
  const stale: string[] = [];
  for (const name of names) {
    const fresh = readFileSync(join(scratch, name), "utf8");
    const target = join(outputDir, name);
    let committed = "";
    try {
      committed = readFileSync(target, "utf8");
    } catch {
      committed = "";
    }
    if (fresh === committed) continue;
    stale.push(name);
    if (!process.argv.includes("--check")) writeFileSync(target, fresh);
  }
  if (process.argv.includes("--check") && stale.length > 0) {
    process.stderr.write(`generated code is out of date: ${stale.join(", ")}; run npm run gen\n`);
    process.exitCode = 1;
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
