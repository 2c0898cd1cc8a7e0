import { spawnSync } from "node:child_process";
import { join } from "node:path";
import type { Figures } from "./measure.ts";
import type { ProxyLoad } from "./ztunnel-sandbox.ts";

/** Makes a real node proxy large inside a sandbox of its own: a mesh to know, pods to serve, connections to hold and to turn over. */
export function measureProxy(load: ProxyLoad): Figures {
  const flags = [
    "--user",
    "--map-root-user",
    "--net",
    "--mount",
    "--pid",
    "--fork",
    "--kill-child",
    "--mount-proc",
  ];
  const script = join(import.meta.dirname, "ztunnel-sandbox.ts");
  const done = spawnSync("unshare", [...flags, process.execPath, script, JSON.stringify(load)], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
    env: { PATH: `${process.env["PATH"]}:/usr/sbin:/sbin`, NODE_NO_WARNINGS: "1" },
  });
  if (done.status !== 0) throw new Error(`the sandbox failed: ${done.stdout}`);
  return JSON.parse(done.stdout.trim().split("\n").at(-1) ?? "{}") as Figures;
}
