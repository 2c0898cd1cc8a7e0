/**
 * `npm run attacks`: every hostile-peer row of the security bar against one real mesh, with its benign twin, beside
 * victims that must be served. `--short` makes each attack small, `--only D1,I8` picks rows by the beginnings of their
 * ids, `--h2spec` runs that suite at every port instead and compares it with the exceptions of h2spec-exceptions.ts.
 * Ends with one line of JSON; exit status 1 when a verdict was wrong, a victim was not served, or, after a whole run, a
 * part of the mesh keeps over a tenth more memory than before.
 */
import { missingForNamespaces } from "../e2e/support/mesh.ts";
import { besiege, SHORT_SCALE } from "./siege.ts";

const args = process.argv.slice(2);
const picked = args.includes("--h2spec") ? "S5" : "";
const only = args.includes("--only") ? (args[args.indexOf("--only") + 1] ?? "") : picked;
const missing = missingForNamespaces();
if (missing !== "") {
  process.stderr.write(`The attacks need namespaces: ${missing}\n`);
  process.exit(1);
}
const result = await besiege({
  scale: args.includes("--short") ? SHORT_SCALE : 1,
  only,
  onRow: (row) => {
    const verdict = row.ok ? "right" : "WRONG";
    const memory = Object.entries(row.memoryMiB).map(([part, mib]) => `${part} ${mib}`);
    const facts = `${row.outcome} | twin ${row.twin} | ${row.ms} ms | MiB: ${memory.join(", ")}`;
    process.stdout.write(`${verdict}  ${row.id.padEnd(10)} ${row.name.padEnd(48)} ${facts}\n`);
  },
});
process.stdout.write(`${JSON.stringify(result)}\n`);
const { wrong, victims, grown } = result;
// Rows that were picked, or made small, say nothing about what stays of all of them.
const isWhole = only === "" && !args.includes("--short");
const isBack = !isWhole || grown.length === 0;
process.exit(wrong === 0 && victims.failed === 0 && victims.heldCut === 0 && isBack ? 0 : 1);
