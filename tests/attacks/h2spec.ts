import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { connect as connectTls } from "node:tls";
import { AsConnect } from "./as-connect.ts";
import type { Credentials, Place } from "./raw-client.ts";

/** Built by tools/bootstrap.sh. */
const H2SPEC = join(import.meta.dirname, "../../.cache/bin/h2spec");
/** Seconds that a case waits for an answer. */
const CASE_SECONDS = "2";

/** Cases in strict mode; fewer mean that the tool did not run to its end. */
export const H2SPEC_CASES = 146;

/** A server, and how the tool's requests get to it. */
export interface H2specTarget {
  readonly place: Place;
  readonly credentials: Credentials;
  /** Where a server of tunnels leads each request; undefined where it takes requests as they are. */
  readonly authority?: string;
}

/** One case: `passed`, or what happened instead. */
export interface H2specCase {
  /** Section and sentence, as in `http2/6.1: Sends a DATA frame ...`. */
  readonly id: string;
  readonly outcome: string;
}

/** False where the tool was not built. */
export function hasH2spec(): boolean {
  return existsSync(H2SPEC);
}

/**
 * Runs the suite of RFC 7540 and 7541 in strict mode through a bridge that adds TLS and a certificate. `args` picks
 * sections and options; the report goes to `path`.
 */
export async function h2spec(
  target: H2specTarget,
  path: string,
  args: readonly string[] = [],
): Promise<readonly H2specCase[]> {
  const server = await bridge(target);
  try {
    const { port } = server.address() as AddressInfo;
    const common = ["--strict", "--timeout", CASE_SECONDS, "--host", "127.0.0.1", "--port", String(port)];
    const child = spawn(H2SPEC, [...common, "--junit-report", path, ...args], { stdio: "ignore" });
    await once(child, "close");
    return casesOf(readFileSync(path, "utf8"));
  } finally {
    server.close();
  }
}

/** A plain port of ours that leads to the target. */
async function bridge(target: H2specTarget): Promise<Server> {
  const server = createServer({ allowHalfOpen: true }, (plain) => lead(plain, target));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

function lead(plain: Socket, { place, credentials, authority }: H2specTarget): void {
  const secure = connectTls({
    host: place.ip,
    port: place.port,
    ALPNProtocols: ["h2"],
    rejectUnauthorized: false,
    cert: credentials.chain,
    key: credentials.key,
  });
  // The tool takes a reset of its connection for a failure of its own: it is read to the end.
  const end = (): void => void plain.resume().end();
  secure.on("error", end).on("close", end);
  plain.on("error", () => secure.destroy()).on("close", () => secure.destroy());
  secure.pipe(plain);
  const asConnect = authority === undefined ? undefined : new AsConnect(authority);
  plain.on("data", (chunk: Buffer) => secure.write(asConnect?.take(chunk) ?? chunk));
  plain.on("end", () => secure.end());
}

function casesOf(junit: string): H2specCase[] {
  const cases = junit.matchAll(/<testcase package="([^"]*)" classname="([^"]*)"[^>]*>(.*?)<\/testcase>/gs);
  return [...cases].map(([, section = "", sentence = "", body = ""]) => ({
    id: plainText(`${section}: ${sentence}`),
    outcome: outcomeOf(body),
  }));
}

function outcomeOf(body: string): string {
  if (/<skipped/.test(body)) return "skipped";
  return /<(?:failure|error)/.test(body) ? plainText(body.replaceAll(/<[^>]*>/g, " ")) : "passed";
}

function plainText(xml: string): string {
  const text = xml.replaceAll("&#34;", '"').replaceAll("&#39;", "'").replaceAll("&amp;", "&");
  return text.replaceAll(/\s+/g, " ").trim();
}
