import { parentPort, workerData } from "node:worker_threads";
import { describeError } from "@ambit/base/errors.ts";
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
port.postMessage({ kind: "ready", driver: driver.name });
