/**
 * Asks the process of this container whether it is ready, over its admin socket (`ADMIN_SOCKET`): exit status 0 when it
 * is, 1 with the reason on standard output when it is not. Images have no shell that could ask.
 */
import { request } from "node:http";
import { expandSocketPath } from "./socket-path.ts";

const TIMEOUT_MS = 2_000;

const socketPath = expandSocketPath(process.env["ADMIN_SOCKET"] ?? "/run/ambit/admin.sock");
const call = request(
  { socketPath, path: "/healthz/ready", headers: { host: "localhost" }, timeout: TIMEOUT_MS },
  (response) => {
    process.exitCode = response.statusCode === 200 ? 0 : 1;
    response.pipe(process.stdout);
  },
);
call.on("timeout", () => call.destroy(new Error(`no answer within ${TIMEOUT_MS} ms`)));
call.on("error", (error) => {
  process.stdout.write(`not ready: ${error.message}\n`);
  process.exitCode = 1;
});
call.end();
