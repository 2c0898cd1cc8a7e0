/**
 * The strict way into the mesh: a container that does nothing but own a network, which is captured before the service
 * that shares it starts (`network_mode: service:...`). With the argument `check` it tells whether the proxy serves it,
 * by exit status 0 or 1: the health check the service waits for.
 */
import { connect } from "node:net";
import { systemClock } from "@ambit/base/clock.ts";
import { PORTS } from "@ambit/contract/ports.ts";

const TIMEOUT_MS = 2_000;
/** Longer than any container lives; a timer keeps the process alive at no cost. */
const IDLE_MS = 2 ** 31 - 1;

function check(): void {
  const end = (status: number): void => {
    process.exit(status);
  };
  // The proxy's listeners come after the rules in a namespace where nothing runs yet.
  const socket = connect({ host: "127.0.0.1", port: PORTS.hbone, timeout: TIMEOUT_MS }, () => end(0));
  socket.on("timeout", () => end(1));
  socket.on("error", () => end(1));
}

if (process.argv[2] === "check") check();
else {
  systemClock.every(IDLE_MS, () => undefined);
  for (const signal of ["SIGTERM", "SIGINT"]) process.once(signal, () => process.exit(0));
}
