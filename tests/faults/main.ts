/**
 * `npm run faults [-- --rounds N] [--only ID,ID] [--rate N] [--held N] [--short]
 * [--soak MINUTES] [--keep FOLDER]`: does every fault to a real mesh under
 * constant load, prints a line of JSON for each and one for all. Exit status 1 when a promise was broken.
 */
import { parseArgs } from "node:util";
import { missingForNamespaces } from "../e2e/support/mesh.ts";
import { runFaults } from "./suite.ts";

const { values } = parseArgs({
  options: {
    rounds: { type: "string" },
    only: { type: "string" },
    rate: { type: "string", default: "500" },
    held: { type: "string", default: "200" },
    short: { type: "boolean", default: false },
    soak: { type: "string" },
    keep: { type: "string" },
  },
});

async function main(): Promise<number> {
  const missing = missingForNamespaces();
  if (missing !== "") {
    process.stderr.write(`faults need a real mesh: ${missing}\n`);
    return 1;
  }
  const { rows, packetBytes, packetsDropped, sawPlaintext, intruderServed } = await runFaults({
    isShort: values.short,
    perSecond: Number(values.rate),
    held: Number(values.held),
    onRow: (row) => process.stdout.write(`${JSON.stringify(row)}\n`),
    ...(values.rounds === undefined ? {} : { rounds: Number(values.rounds) }),
    ...(values.soak === undefined ? {} : { soakMinutes: Number(values.soak) }),
    ...(values.keep === undefined ? {} : { keep: values.keep }),
    ...(values.only === undefined ? {} : { only: values.only.split(",") }),
  });
  const sum = (read: (row: (typeof rows)[number]) => number): number =>
    rows.reduce((total, row) => total + read(row), 0);
  const summary = {
    rows: rows.length,
    broken: rows.filter((row) => !row.ok).map((row) => row.id),
    rounds: sum((row) => row.rounds),
    served: sum((row) => row.served),
    failed: sum((row) => row.failed),
    wronglyAllowed: sum((row) => row.wronglyAllowed),
    packetBytes,
    packetsDropped,
    sawPlaintext,
    intruderServed,
  };
  process.stdout.write(`${JSON.stringify(summary)}\n`);
  return summary.broken.length === 0 && !sawPlaintext && intruderServed === 0 ? 0 : 1;
}

process.exitCode = await main();
