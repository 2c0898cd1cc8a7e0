/**
 * What the four programs of the bookshop have in common: an HTTP server with a health page and the knobs `?delay=MS` and
 * `?fail=PERCENT`, and requests to each other that carry tracing and user headers on.
 */
import { createServer, get, type IncomingHttpHeaders, type IncomingMessage } from "node:http";

const CARRIED = [
  "x-request-id",
  "traceparent",
  "tracestate",
  "b3",
  "x-b3-traceid",
  "x-b3-spanid",
  "x-b3-parentspanid",
  "x-b3-sampled",
  "x-b3-flags",
  "end-user",
  "user-agent",
  "authorization",
];
const TIMEOUT_MS = 3_000;

/** What a page answers with: JSON, or HTML when `html` is set. */
export interface Page {
  readonly status: number;
  readonly json?: unknown;
  readonly html?: string;
}

/** Serves pages on PORT (9080) until SIGTERM. `/health` is answered here. */
export function serve(
  name: string,
  page: (path: string, request: IncomingMessage) => Promise<Page> | Page,
): void {
  const port = Number(process.env["PORT"] ?? 9080);
  const answer = async (request: IncomingMessage): Promise<Page> => {
    const url = new URL(request.url ?? "/", "http://service");
    const delayMs = Math.min(60_000, Number(url.searchParams.get("delay") ?? 0) || 0);
    if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs));
    if (Math.random() * 100 < (Number(url.searchParams.get("fail") ?? 0) || 0)) {
      return { status: 503, json: { error: `${name} failed on request` } };
    }
    if (url.pathname === "/health") return { status: 200, json: { status: `${name} is healthy` } };
    return page(url.pathname, request);
  };
  const server = createServer((request, response) => {
    request.resume();
    answer(request)
      .catch((error: unknown): Page => ({ status: 500, json: { error: String(error) } }))
      .then(({ status, json, html }) => {
        const body = html ?? JSON.stringify(json);
        response.writeHead(status, {
          "content-type": html === undefined ? "application/json" : "text/html; charset=utf-8",
          "content-length": Buffer.byteLength(body),
        });
        response.end(body);
      })
      .catch(() => response.destroy());
  });
  const host = process.env["HOST"];
  server.listen({ port, ...(host === undefined ? {} : { host }) }, () => console.log(`${name} on ${port}`));
  process.once("SIGTERM", () => {
    server.close(() => process.exit(0));
    server.closeIdleConnections();
    setTimeout(() => process.exit(0), 3_000).unref();
  });
}

/** The JSON behind a URL, or undefined when the other service does not answer with 200 in time. */
export function fetchJson(url: string, from: IncomingHttpHeaders): Promise<unknown> {
  const headers: Record<string, string> = {};
  for (const name of CARRIED) {
    const value = from[name];
    if (typeof value === "string") headers[name] = value;
  }
  return new Promise((resolve) => {
    const call = get(url, { agent: false, headers, timeout: TIMEOUT_MS }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        text += chunk;
      });
      response.on("error", () => resolve(undefined));
      response.on("end", () => {
        try {
          resolve(response.statusCode === 200 ? JSON.parse(text) : undefined);
        } catch {
          resolve(undefined);
        }
      });
    });
    call.on("timeout", () => call.destroy());
    call.on("error", () => resolve(undefined));
  });
}

/** The number at the end of `/prefix/NUMBER`; undefined for any other path. */
export function idOf(path: string, prefix: string): number | undefined {
  const match = new RegExp(`^/${prefix}/([0-9]{1,9})$`).exec(path);
  return match === null ? undefined : Number(match[1]);
}
