import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { AdminClient } from "./admin-client.ts";

let folder: string;
let server: Server;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "ambit-admin-"));
  server = createServer((_request, response) => response.end("here"));
  await new Promise<void>((resolve) => {
    server.listen(join(folder, "alive.sock"), resolve);
  });
});

afterEach(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

test("getText() asks the first replica that lives", async () => {
  const sockets = ["gone.sock", "alive.sock"].map((name) => join(folder, name));
  expect(await new AdminClient("discovery", sockets).getText("/")).toBe("here");
});

test("getText() names the component when no replica lives", async () => {
  const client = new AdminClient("discovery", [join(folder, "gone.sock"), join(folder, "away.sock")]);
  await expect(client.getText("/")).rejects.toThrow("discovery does not answer");
});
