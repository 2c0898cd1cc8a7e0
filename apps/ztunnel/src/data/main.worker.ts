import { parentPort, workerData } from "node:worker_threads";
import { systemClock } from "@ambit/base/clock.ts";
import { describeError } from "@ambit/base/errors.ts";
import { nativeMemory } from "@ambit/io/native-memory.ts";
import { MemoryReturn } from "@ambit/runtime/memory-return.ts";
import type { DataThreadOptions, ToData } from "../messages.ts";
import { assembleDataPlane } from "./assemble.ts";

const port = parentPort;
if (port === null) throw new Error("This file is the inside of a worker thread");

const { plane, driver, log } = assembleDataPlane(workerData as DataThreadOptions, (message) =>
  port.postMessage(message),
);
port.on("message", (message: ToData) => plane.handle(message));
process.on("uncaughtException", (thrown) => {
  log.error("uncaught exception in a data thread", { error: describeError(thrown), stack: thrown.stack });
  throw thrown;
});
driver.start();
// Whose connections wait while memory is collected are few then.
new MemoryReturn({ quietShare: 0.1, restShare: 0.02 }, { clock: systemClock, native: nativeMemory }).start();
port.postMessage({ kind: "ready", driver: driver.name });
