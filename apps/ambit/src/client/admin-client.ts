import { request } from "node:http";
import { AmbitError, describeError } from "@ambit/base/errors.ts";

/** A component's admin server, reached over its unix socket, or over the first of several that somebody listens at. */
export class AdminClient {
  readonly component: string;
  readonly #sockets: readonly string[];
  readonly #timeoutMs: number;

  /** `timeoutMs`: how long an answer may take. @default 10000 */
  constructor(component: string, sockets: string | readonly string[], timeoutMs = 10_000) {
    this.component = component;
    this.#sockets = typeof sockets === "string" ? [sockets] : sockets;
    this.#timeoutMs = timeoutMs;
  }

  /** GET as parsed JSON. Throws an AmbitError naming the component when it does not answer with 200. */
  async getJson<Value>(path: string): Promise<Value> {
    return JSON.parse(await this.#call("GET", path)) as Value;
  }

  getText(path: string): Promise<string> {
    return this.#call("GET", path);
  }

  /** POST with a JSON body (or none); the answer as text. */
  post(path: string, body?: unknown): Promise<string> {
    return this.#call("POST", path, body);
  }

  async postJson<Value>(path: string, body?: unknown): Promise<Value> {
    return JSON.parse(await this.#call("POST", path, body)) as Value;
  }

  #call(method: string, path: string, body?: unknown, sockets = this.#sockets): Promise<string> {
    const payload = body === undefined ? undefined : JSON.stringify(body);
    return new Promise((resolve, reject) => {
      const fail = (cause: unknown): void =>
        reject(
          new AmbitError(
            "component-unreachable",
            `${this.component} does not answer: ${describeError(cause)}`,
            {
              hint: "npx ambit doctor",
            },
          ),
        );
      const call = request(
        {
          socketPath: sockets[0] ?? "",
          method,
          path,
          headers: {
            host: "localhost",
            ...(payload === undefined ? {} : { "content-type": "application/json" }),
          },
          timeout: this.#timeoutMs,
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on("data", (chunk: Buffer) => chunks.push(chunk));
          response.on("error", fail);
          response.on("end", () => {
            const text = Buffer.concat(chunks).toString("utf8");
            if (response.statusCode === 200) resolve(text);
            else
              reject(
                new AmbitError("component-refused", `${this.component} ${method} ${path}: ${text.trim()}`),
              );
          });
        },
      );
      call.on("timeout", () => call.destroy(new Error(`no answer within ${this.#timeoutMs / 1000} s`)));
      call.on("error", (error: NodeJS.ErrnoException) => {
        const nobody = error.code === "ECONNREFUSED" || error.code === "ENOENT";
        if (nobody && sockets.length > 1) resolve(this.#call(method, path, body, sockets.slice(1)));
        else fail(error);
      });
      call.end(payload);
    });
  }
}
