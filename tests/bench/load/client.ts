/**
 * `node client.ts up|down IP PORT BYTES`, `rr IP PORT CONNECTIONS SIZE SECONDS`, `cps IP PORT CONNECTORS SECONDS`,
 * `idle IP PORT CONNECTIONS`: one run, one line of JSON. `rr` with one connection is the ping row.
 */
import { createEngineDriver } from "@ambit/io/engine/engine-driver.ts";
import { WOULD_BLOCK, type ByteSocket } from "@ambit/io/driver.ts";
import { HEAD_BYTES, finish, writeHead } from "./protocol.ts";

const CHUNK = 256 * 1024;

const driver = createEngineDriver();
const memory = driver.allocate(CHUNK);
const [kind = "", ip = "127.0.0.1", portText = "9000", ...rest] = process.argv.slice(2);
const port = Number(portText);

let errors = 0;

/** Latencies in milliseconds; more than this many of one run are not kept. */
const samples = new Float64Array(1 << 22);
let used = 0;

function sample(from: number): void {
  if (used < samples.length) samples[used++] = performance.now() - from;
}

function bulk(total: number): void {
  const started = performance.now();
  let left = total;
  let headSent = false;
  const push = (socket: ByteSocket): void => {
    if (!headSent) {
      writeHead(memory.bytes, 0, kind === "up" ? "S" : "D", total);
      if (socket.write(memory, 0, HEAD_BYTES) !== HEAD_BYTES) throw new Error("the head did not fit");
      headSent = true;
    }
    while (kind === "up" && left > 0) {
      const written = socket.write(memory, 0, Math.min(CHUNK, left));
      if (written <= 0) return;
      left -= written;
    }
  };
  driver.connect(
    { ip, port },
    {
      onConnected: push,
      onWritable: push,
      onError: fail,
      onReadable(socket) {
        for (;;) {
          const count = socket.read(memory, 0, CHUNK);
          if (count === WOULD_BLOCK) return;
          if (count <= 0) fail();
          if (kind === "up")
            return finish(total, (performance.now() - started) / 1000, samples.subarray(0, 0), errors);
          left -= count;
          if (left <= 0)
            return finish(total, (performance.now() - started) / 1000, samples.subarray(0, 0), errors);
          if (count < CHUNK) return;
        }
      },
    },
  );
}

function fail(): never {
  process.stderr.write("the connection failed\n");
  process.exit(2);
}

function requestResponse(connections: number, size: number, seconds: number): void {
  let done = 0;
  const started = performance.now();
  for (let index = 0; index < connections; index++) {
    let sentAt = 0;
    let got = 0;
    const send = (socket: ByteSocket): void => {
      sentAt = performance.now();
      got = 0;
      if (socket.write(memory, HEAD_BYTES, size) !== size) errors++;
    };
    driver.connect(
      { ip, port },
      {
        onConnected(socket) {
          writeHead(memory.bytes, 0, "E", 0);
          sentAt = performance.now();
          socket.write(memory, 0, HEAD_BYTES + size);
        },
        onReadable(socket) {
          const count = socket.read(memory, CHUNK / 2, CHUNK / 2);
          if (count === WOULD_BLOCK) return;
          if (count <= 0) return void errors++;
          got += count;
          if (got < size) return;
          done++;
          sample(sentAt);
          send(socket);
        },
        onWritable: () => undefined,
        onError: () => void errors++,
      },
    );
  }
  driver.after(seconds * 1000, () =>
    finish(done, (performance.now() - started) / 1000, samples.subarray(0, used), errors),
  );
}

function connectChurn(connectors: number, seconds: number): void {
  let done = 0;
  let over = false;
  const started = performance.now();
  writeHead(memory.bytes, 0, "E", 0);
  const next = (): void => {
    if (over) return;
    const startedAt = performance.now();
    driver.connect(
      { ip, port },
      {
        onConnected: (socket) => void socket.write(memory, 0, HEAD_BYTES + 1),
        onReadable(socket) {
          const count = socket.read(memory, CHUNK / 2, 16);
          if (count === WOULD_BLOCK) return;
          if (count === 1) {
            done++;
            sample(startedAt);
          } else errors++;
          socket.close();
          next();
        },
        onWritable: () => undefined,
        onError() {
          errors++;
          next();
        },
      },
    );
  };
  for (let index = 0; index < connectors; index++) next();
  driver.after(seconds * 1000, () => {
    over = true;
    finish(done, (performance.now() - started) / 1000, samples.subarray(0, used), errors);
  });
}

/** Opens connections, or as many as it is given, and holds them until standard input ends. */
function holdIdle(connections: number): void {
  let opened = 0;
  let isFull = false;
  const full = (): void => {
    if (!isFull) process.stdout.write(`${JSON.stringify({ units: opened, errors })}\n`);
    isFull = true;
  };
  const refused = (): void => {
    errors++;
    full();
  };
  writeHead(memory.bytes, 0, "E", 0);
  const next = (): void => {
    driver.connect(
      { ip, port },
      {
        onConnected: (socket) => void socket.write(memory, 0, HEAD_BYTES + 1),
        onReadable(socket) {
          const count = socket.read(memory, CHUNK / 2, 16);
          if (count === WOULD_BLOCK) return;
          if (count !== 1) return refused();
          opened++;
          if (opened === connections) full();
          else if (opened + 64 <= connections) next();
        },
        onWritable: () => undefined,
        onError: refused,
      },
    );
  };
  for (let index = 0; index < Math.min(64, connections); index++) next();
  process.stdin.resume().on("end", () => process.exit(0));
}

const numbers = rest.map(Number);
switch (kind) {
  case "up":
  case "down":
    bulk(numbers[0] ?? 1e9);
    break;
  case "rr":
    requestResponse(numbers[0] ?? 1, numbers[1] ?? 1024, numbers[2] ?? 3);
    break;
  case "cps":
    connectChurn(numbers[0] ?? 8, numbers[1] ?? 3);
    break;
  case "idle":
    holdIdle(numbers[0] ?? 1000);
    break;
  default:
    process.stderr.write(`no kind of run: "${kind}"\n`);
    process.exit(1);
}
driver.start();
