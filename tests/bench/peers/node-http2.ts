import { join } from "node:path";
import type { Peer } from "./peer.ts";

const script = join(import.meta.dirname, "node-http2-proxy.ts");

/** Node's own modules on the same runtime. */
export const nodeHttp2: Peer = {
  name: "node-http2",
  missing: "",
  prepare(place) {
    const run = (...args: readonly (string | number)[]): readonly string[] => [
      process.execPath,
      "--disable-warning=ExperimentalWarning",
      script,
      ...args.map(String),
    ];
    return {
      client: run("client", place.folder, place.outPort, place.serverIp, place.tunnelPort, place.appPort),
      server: run("server", place.folder, place.tunnelPort, "127.0.0.1", place.appPort, place.appPort),
    };
  },
};
