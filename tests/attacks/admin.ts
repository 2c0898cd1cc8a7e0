import { request } from "node:http";
import { join } from "node:path";
import type { World } from "./world.ts";

/** What a part of the mesh answers on its admin socket; empty when it does not. */
export function admin(world: World, part: string, path: string): Promise<string> {
  return new Promise((resolve) => {
    const socketPath = join(world.state, "run", part, "admin.sock");
    const call = request({ socketPath, path, timeout: 10_000 }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => resolve(Buffer.concat(chunks).toString("utf8")));
      response.on("error", () => resolve(""));
    });
    call.on("error", () => resolve(""));
    call.on("timeout", () => call.destroy());
    call.end();
  });
}
