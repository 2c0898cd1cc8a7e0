import { connect } from "node:net";

/**
 * Opens short connections to HOST PORT, WORKERS at a time, for MILLISECONDS; each sends a byte, half-closes and wants an
 * answer. Prints one line of JSON with the counts.
 */
const [, , host = "", port = "0", workers = "1", milliseconds = "0"] = process.argv;
const until = performance.now() + Number(milliseconds);
const counts = { ok: 0, failed: 0, lastError: "" };

function once(): Promise<void> {
  return new Promise((resolve) => {
    let received = 0;
    const socket = connect(Number(port), host, () => socket.end("x"));
    socket.on("data", (chunk: Buffer) => (received += chunk.length));
    socket.setTimeout(5_000, () => socket.destroy(new Error(`no end after ${received} bytes`)));
    socket.on("error", (error) => (counts.lastError = error.message));
    socket.on("close", () => {
      if (received > 0) counts.ok++;
      else counts.failed++;
      resolve();
    });
  });
}

async function work(): Promise<void> {
  while (performance.now() < until) await once();
}

await Promise.all(Array.from({ length: Number(workers) }, work));
process.stdout.write(`${JSON.stringify(counts)}\n`);
