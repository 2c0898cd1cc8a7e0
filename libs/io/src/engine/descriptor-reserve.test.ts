import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";

const CHILD = join(import.meta.dirname, "../testing/descriptor-child.ts");

test("DescriptorReserve lets a driver dial when the process has no descriptor left, and listeners wait", async () => {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const command = `ulimit -n 200 && exec "$0" --disable-warning=ExperimentalWarning "$1" "$2"`;
  const child = spawn("sh", ["-c", command, process.execPath, CHILD, String(port)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  child.stdout.on("data", (chunk: Buffer) => {
    text += chunk.toString();
  });
  await once(child, "close");
  server.close();
  expect(JSON.parse(text)).toEqual({ dialled: true, whileFull: 1, afterwards: 2 });
});
