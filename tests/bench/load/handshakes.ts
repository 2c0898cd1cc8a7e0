/**
 * `handshakes.ts IP PORT FOLDER CONNECTORS SECONDS`: full mutual TLS handshakes with `client.pem`, `client.key` and
 * `ca.pem` of FOLDER, none of them resumed, CONNECTORS at a time; one line of JSON.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { connect, createSecureContext } from "node:tls";
import { finish } from "./protocol.ts";

const [, , ip = "127.0.0.1", port = "15008", folder = ".", connectors = "4", seconds = "3"] = process.argv;
const file = (name: string): string => readFileSync(join(folder, name), "utf8");

const secureContext = createSecureContext({
  cert: file("client.pem"),
  key: file("client.key"),
  ca: file("ca.pem"),
  minVersion: "TLSv1.3",
});

const samples: number[] = [];
let errors = 0;
let over = false;
const started = performance.now();

function next(): void {
  if (over) return;
  const from = performance.now();
  // The names in the certificates are SPIFFE's, which TLS does not know: the chain alone is checked.
  const options = { secureContext, ALPNProtocols: ["h2"], checkServerIdentity: () => undefined };
  const socket = connect({ host: ip, port: Number(port), ...options }, () => {
    samples.push(performance.now() - from);
    socket.destroy();
    next();
  });
  socket.once("error", () => {
    errors++;
    setTimeout(next, 10);
  });
}

for (let index = 0; index < Number(connectors); index++) next();
setTimeout(
  () => {
    over = true;
    finish(samples.length, (performance.now() - started) / 1000, Float64Array.from(samples), errors);
  },
  Number(seconds) * 1000,
);
