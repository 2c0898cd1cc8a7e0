/**
 * Runs inside a pod for `ambit ping HOST PORT`: resolves, connects, prints one line of JSON and holds the connection
 * until its standard input ends, so that the proxy's table can be read meanwhile.
 */
import { lookup } from "node:dns/promises";
import { connect } from "node:net";

/** What the probe prints. */
export interface PingProbe {
  readonly address: string;
  readonly localPort: number;
  readonly lookupMs: number;
  readonly connectMs: number;
  /** Empty on success. */
  readonly error: string;
}

const [host = "", port = "80"] = process.argv.slice(2);

function report(probe: PingProbe): void {
  process.stdout.write(`${JSON.stringify(probe)}\n`);
}

async function main(): Promise<void> {
  const started = performance.now();
  let address = "";
  try {
    ({ address } = await lookup(host));
  } catch (thrown) {
    report({
      address,
      localPort: 0,
      lookupMs: performance.now() - started,
      connectMs: 0,
      error: (thrown as Error).message,
    });
    return;
  }
  const resolved = performance.now();
  const socket = connect({ host: address, port: Number(port) });
  socket.on("connect", () => {
    const { localPort = 0 } = socket;
    report({
      address,
      localPort,
      lookupMs: resolved - started,
      connectMs: performance.now() - resolved,
      error: "",
    });
    process.stdin.on("end", () => socket.destroy()).resume();
  });
  socket.on("error", (error) => {
    report({ address, localPort: 0, lookupMs: resolved - started, connectMs: 0, error: error.message });
    process.exit(0);
  });
}

await main();
