/**
 * Asks a URL again and again and prints one line per second: how many answers, how many failures, and who answered.
 *
 *     URL=http://myapp/ RATE=10 node client.ts
 *
 * RATE        requests per second (10)
 * CONNECTION  `close`: a connection of its own for every request (default); `keep`: HTTP keep-alive
 * HOLD        connections held open beside, each asking once a second (0)
 * WAIT        seconds before the first request (0)
 * TIMEOUT_MS  time for one request (5000)
 * ONCE        number of requests after which to end, with status 1 when any failed
 */
import { Agent, get } from "node:http";

const { env } = process;
const url = env["URL"] ?? process.argv[2] ?? "http://myapp/";
const rate = positive(env["RATE"], 10);
const timeoutMs = positive(env["TIMEOUT_MS"], 5_000);
const limit = positive(env["ONCE"], Number.POSITIVE_INFINITY);
const agent = env["CONNECTION"] === "keep" ? new Agent({ keepAlive: true, maxSockets: 256 }) : undefined;

const total = { ok: 0, failed: 0, sent: 0 };
let second = { ok: 0, failed: 0, slowestMs: 0, lastError: "" };
let replicas = new Map<string, number>();

function positive(text: string | undefined, fallback: number): number {
  const value = Number(text);
  return text !== undefined && Number.isFinite(value) && value > 0 ? value : fallback;
}

function fail(reason: string): void {
  total.failed++;
  second.failed++;
  second.lastError = reason;
}

function succeed(body: string, startedAt: number): void {
  total.ok++;
  second.ok++;
  second.slowestMs = Math.max(second.slowestMs, performance.now() - startedAt);
  const name = replicaOf(body);
  if (name !== "") replicas.set(name, (replicas.get(name) ?? 0) + 1);
}

function replicaOf(body: string): string {
  try {
    const { pod } = JSON.parse(body) as { pod?: unknown };
    return typeof pod === "string" ? pod : "";
  } catch {
    return "";
  }
}

function ask(through: Agent | false): Promise<void> {
  const startedAt = performance.now();
  return new Promise((resolve) => {
    let settled = false;
    const settle = (reason: string, body = ""): void => {
      if (settled) return;
      settled = true;
      if (reason === "") succeed(body, startedAt);
      else fail(reason);
      resolve();
    };
    const call = get(url, { agent: through, timeout: timeoutMs }, (response) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        if (body.length < 65_536) body += chunk;
      });
      response.on("error", (error) => settle(error.message));
      response.on("end", () =>
        settle(response.statusCode === 200 ? "" : `status ${response.statusCode}`, body),
      );
    });
    call.on("timeout", () => call.destroy(new Error("timeout")));
    call.on("error", (error: NodeJS.ErrnoException) => settle(error.code ?? error.message));
  });
}

function report(): void {
  const { ok, failed, slowestMs, lastError } = second;
  const who = [...replicas].map(([name, count]) => `${name}=${count}`).toSorted();
  console.log(
    `${new Date().toISOString()} ok=${ok} failed=${failed} slowest=${Math.round(slowestMs)}ms` +
      (who.length === 0 ? "" : ` from ${who.join(" ")}`) +
      (lastError === "" ? "" : ` last error: ${lastError}`),
  );
  second = { ok: 0, failed: 0, slowestMs: 0, lastError: "" };
  replicas = new Map();
}

function finish(): void {
  report();
  process.exit(total.failed === 0 ? 0 : 1);
}

function tick(): void {
  if (total.sent >= limit) return;
  total.sent++;
  void ask(agent ?? false).then(() => {
    if (total.ok + total.failed >= limit) finish();
  });
}

function begin(): void {
  console.log(`asking ${url} ${rate} times a second`);
  setInterval(tick, 1000 / rate);
  setInterval(report, 1000);
  for (let held = 0; held < positive(env["HOLD"], 0); held++) {
    const one = new Agent({ keepAlive: true, maxSockets: 1 });
    setInterval(() => void ask(one), 1000);
  }
}

setTimeout(begin, positive(env["WAIT"], 0) * 1000);
process.once("SIGTERM", () => process.exit(0));
