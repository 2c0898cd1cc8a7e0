import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { createServer, type AddressInfo, type Server } from "node:net";
import { join } from "node:path";
import { connect as connectTls } from "node:tls";
import type { Place } from "../raw-client.ts";
import type { Row } from "../row.ts";
import { works } from "../tunnel.ts";
import type { World } from "../world.ts";
import { CONTROL_TWINS } from "./control.ts";

type Port = "hbone" | "xds" | "ca";

/** Built by tools/bootstrap.sh. */
const H2SPEC = join(import.meta.dirname, "../../../.cache/bin/h2spec");
const SKIPPED = "SKIPPED: no h2spec here";
/** Cases in strict mode; fewer mean that the tool did not run to its end. */
const CASES = 146;
/** Seconds that a case waits for an answer. */
const CASE_SECONDS = "2";

/** The suite of RFC 7540 and 7541 that servers are compared by (security bar, S5). */
function conformance(port: Port, twin: Row["twin"]): Row {
  return {
    id: `S5-${port}`,
    name: `h2spec in strict mode at the ${port} port`,
    attacker: "runs every case of h2spec, through a bridge that adds TLS and a member's certificate",
    expected: ["conforms", SKIPPED],
    onRequest: true,
    attack: async (world) => {
      if (!existsSync(H2SPEC)) {
        process.stderr.write(
          `\nNOT TESTED: conformance of the ${port} port; tools/bootstrap.sh builds h2spec\n`,
        );
        return SKIPPED;
      }
      return verdict(await report(world, port));
    },
    twin,
  };
}

/** A plain port of ours that leads to the place, as a member of the mesh. */
async function bridge(world: World, place: Place): Promise<Server> {
  const server = createServer((plain) => {
    const secure = connectTls({
      host: place.ip,
      port: place.port,
      ALPNProtocols: ["h2"],
      rejectUnauthorized: false,
      cert: world.member.chain,
      key: world.member.key,
    });
    const end = (): void => {
      plain.destroy();
      secure.destroy();
    };
    plain.on("error", end).on("close", end);
    secure.on("error", end).on("close", end);
    plain.pipe(secure).pipe(plain);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

/** The tool's report as JUnit XML. */
async function report(world: World, port: Port): Promise<string> {
  const server = await bridge(world, world[port]);
  const path = join(world.scratch, `h2spec-${port}.xml`);
  try {
    const { port: own } = server.address() as AddressInfo;
    const args = ["--strict", "--timeout", CASE_SECONDS, "--host", "127.0.0.1", "--port", String(own)];
    const child = spawn(H2SPEC, [...args, "--junit-report", path], { stdio: "ignore" });
    await once(child, "close");
    return readFileSync(path, "utf8");
  } finally {
    server.close();
  }
}

function verdict(xml: string): string {
  const cases = [...xml.matchAll(/<testcase package="([^"]*)" classname="([^"]*)"[^>]*>(.*?)<\/testcase>/gs)];
  if (cases.length < CASES) return `only ${cases.length} cases`;
  const failed = cases
    .filter(([, , , body = ""]) => /<(?:failure|error)/.test(body))
    .map(([, where = "", what = ""]) => `${where}: ${what}`);
  return failed.length === 0 ? "conforms" : `${CASES - failed.length} of ${CASES}: ${failed.join(" | ")}`;
}

/** Conformance to HTTP/2 of every port that speaks it. */
export const CONFORMANCE: readonly Row[] = [
  conformance("hbone", works),
  conformance("xds", CONTROL_TWINS.xds),
  conformance("ca", CONTROL_TWINS.ca),
];
