/**
 * Takes the lock on the file named by its argument, says `held` or `busy`, and lives until its input ends. Nobody refers to
 * the lock any more when it speaks, and what nobody refers to has been collected (`--expose-gc`).
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import { FileLock } from "../file-lock.ts";

const said = new FileLock(process.argv[2] ?? "").tryTake() ? "held" : "busy";
for (let turn = 0; turn < 3; turn++) {
  await nextTurn();
  globalThis.gc?.();
}
process.stdout.write(`${said}\n`);
process.stdin.resume();
