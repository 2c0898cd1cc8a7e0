import { createHash, randomBytes } from "node:crypto";
import { connect } from "node:net";

/**
 * Connects to HOST PORT, sends BYTES random bytes after MARKER, half-closes, and prints one line of JSON: the first line
 * that came back, whether the rest is what was sent, and the error if there was one. With BYTES 0 it holds the
 * connection until it is closed from the other side.
 */
const [, , host = "", port = "0", bytes = "0", marker = ""] = process.argv;
const payload = Buffer.concat([Buffer.from(marker), randomBytes(Number(bytes))]);
const started = performance.now();
const received: Buffer[] = [];
let error = "";

const socket = connect(Number(port), host, () => {
  socket.write(payload);
  if (bytes === "0") process.stdout.write("open\n");
  else socket.end();
});
socket.on("data", (chunk: Buffer) => received.push(chunk));
socket.on("error", (thrown) => {
  error = thrown.message;
});
socket.on("close", () => {
  const all = Buffer.concat(received);
  const newline = all.indexOf(10);
  const echoed = all.subarray(newline + 1);
  const digest = (data: Buffer): string => createHash("sha256").update(data).digest("hex");
  process.stdout.write(
    `${JSON.stringify({
      peer: all.subarray(0, Math.max(0, newline)).toString(),
      same: digest(echoed) === digest(payload),
      received: all.length,
      error,
      ms: Math.round(performance.now() - started),
    })}\n`,
  );
});
