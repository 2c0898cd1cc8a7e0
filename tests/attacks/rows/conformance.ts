import { join } from "node:path";
import {
  differences,
  GRPC_EXCEPTIONS,
  HBONE_EXCEPTIONS,
  type H2specExceptions,
} from "../h2spec-exceptions.ts";
import { H2SPEC_CASES, h2spec, hasH2spec, type H2specCase, type H2specTarget } from "../h2spec.ts";
import { connectFrame } from "../frames.ts";
import { inPod } from "../in-pod.ts";
import type { Outcome, RawClient } from "../raw-client.ts";
import type { Row } from "../row.ts";
import { onTunnel, works } from "../tunnel.ts";
import { wait } from "../wait.ts";
import type { World } from "../world.ts";
import { CONTROL_TWINS } from "./control.ts";

const AS_EXPECTED = "as expected";
const SKIPPED = "SKIPPED: no h2spec here";
const APPLICATION_PORT = 9026;
const APPLICATION_MS = 150_000;
/** Until the application listens. */
const BEGIN_MS = 10_000;
const AGAIN_MS = 200;

/** Reads to the end and says a few words: what a test of DATA and of windows needs to see. Ends itself. */
const APPLICATION = `
const server = require("node:net").createServer({ allowHalfOpen: true }, (socket) => {
  socket.on("error", () => {}).on("end", () => socket.end("a few words")).resume();
});
server.listen(Number(process.argv[1]), "0.0.0.0");
setTimeout(() => process.exit(0), Number(process.argv[2]));
`;

/** The tool believes in frames of 16 KiB; a server that takes larger ones is asked with one above its own limit. */
const LARGE_HEADERS = {
  id: "http2/4.2: Sends a large size HEADERS frame that exceeds the SETTINGS_MAX_FRAME_SIZE",
  args: ["http2/4.2/3", "--max-header-length", String(256 * 1024)],
} as const;

/** The suite that servers of HTTP/2 are compared by (security bar, S5). */
function conformance(
  port: "hbone" | "xds" | "ca",
  run: (world: World, path: string) => Promise<readonly H2specCase[]>,
  exceptions: H2specExceptions,
  twin: Row["twin"],
): Row {
  return {
    id: `S5-${port}`,
    name: `h2spec in strict mode at the ${port} port`,
    attacker: "runs every case of h2spec, through a bridge that adds TLS and a member's certificate",
    expected: [AS_EXPECTED, SKIPPED],
    onRequest: true,
    attack: async (world) => {
      if (!hasH2spec()) {
        process.stderr.write(
          `\nNOT TESTED: conformance of the ${port} port; tools/bootstrap.sh builds h2spec\n`,
        );
        return SKIPPED;
      }
      const cases = await run(world, join(world.scratch, `h2spec-${port}.xml`));
      if (cases.length < H2SPEC_CASES) return `only ${cases.length} cases`;
      const passed = cases.filter(({ outcome }) => outcome === "passed").length;
      process.stderr.write(`\n${port}: ${passed} of ${cases.length} cases of h2spec pass\n`);
      const differing = differences(cases, exceptions);
      return differing.length === 0 ? AS_EXPECTED : differing.join(" | ");
    },
    twin,
  };
}

function target(world: World, port: "hbone" | "xds" | "ca"): H2specTarget {
  return { place: world[port], credentials: world.member };
}

/** A tunnel leads to an application that has something to say; the tool's requests are made into those for tunnels. */
async function atTunnels(world: World, path: string): Promise<readonly H2specCase[]> {
  const authority = `${world.target.ip}:${APPLICATION_PORT}`;
  const args = [String(APPLICATION_PORT), String(APPLICATION_MS)];
  const ended = inPod(world.target, APPLICATION, args, APPLICATION_MS);
  await Promise.race([ended, listens(world, authority)]);
  const tunnels = { ...target(world, "hbone"), authority };
  const cases = await h2spec(tunnels, path);
  const large = await h2spec(tunnels, path, LARGE_HEADERS.args);
  return cases.map((each) => (each.id === LARGE_HEADERS.id ? (large[0] ?? each) : each));
}

async function listens(world: World, authority: string): Promise<void> {
  const deadline = performance.now() + BEGIN_MS;
  const ask = (client: RawClient): Promise<Outcome> => {
    client.send(connectFrame(1, authority));
    return client.outcome(1);
  };
  while ((await onTunnel(world, ask)) !== "status 200" && performance.now() < deadline) await wait(AGAIN_MS);
}

/** Conformance to HTTP/2 of every port that speaks it. */
export const CONFORMANCE: readonly Row[] = [
  conformance("hbone", atTunnels, HBONE_EXCEPTIONS, works),
  conformance("xds", (world, path) => h2spec(target(world, "xds"), path), GRPC_EXCEPTIONS, CONTROL_TWINS.xds),
  conformance("ca", (world, path) => h2spec(target(world, "ca"), path), GRPC_EXCEPTIONS, CONTROL_TWINS.ca),
];
