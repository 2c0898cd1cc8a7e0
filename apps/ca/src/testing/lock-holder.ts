/** Holds the lock on the file named by its argument, says `held` or `busy`, and lives until it is killed. */
import { FileLock } from "../file-lock.ts";

const lock = new FileLock(process.argv[2] ?? "");
process.stdout.write(lock.tryTake() ? "held\n" : "busy\n");
process.stdin.resume();
