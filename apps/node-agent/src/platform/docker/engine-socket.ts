import { request, type IncomingMessage } from "node:http";
import type { Clock } from "@ambit/base/clock.ts";
import { DockerError } from "./docker-error.ts";

/** A whole answer. */
export interface EngineAnswer {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

export interface AnswerLimits {
  readonly maxBytes: number;
  /** From the question to the last byte. */
  readonly timeoutMs: number;
}

export interface StreamEvents {
  /** A DockerError it throws ends the stream with that error. */
  readonly onData: (chunk: Buffer) => void;
  /** Called once, after which nothing follows; `error` is undefined when the engine closed the stream. */
  readonly onEnd: (error: DockerError | undefined) => void;
}

/** What an error answer may weigh. */
const MAX_ERROR_BYTES = 4_096;

/** HTTP over the engine's unix socket, and nothing but GET: the platform can read and cannot change anything. */
export class EngineSocket {
  readonly #path: string;
  readonly #clock: Clock;

  constructor(path: string, clock: Clock) {
    this.#path = path;
    this.#clock = clock;
  }

  /** One question, one bounded answer of any status. Rejects with a DockerError. */
  get(path: string, limits: AnswerLimits): Promise<EngineAnswer> {
    return new Promise((resolve, reject) => {
      const call = request({ socketPath: this.#path, path, headers: { host: "docker" }, agent: false });
      const end = (error: DockerError): void => {
        timer.cancel();
        call.destroy();
        reject(error);
      };
      const timer = this.#clock.after(limits.timeoutMs, () =>
        end(new DockerError("timeout", `The engine did not answer in ${limits.timeoutMs} ms`)),
      );
      call.once("error", (cause) => end(unreachable(this.#path, cause)));
      call.once("response", (response) => {
        collect(response, limits.maxBytes).then(
          (body) => {
            timer.cancel();
            resolve({ status: response.statusCode ?? 0, headers: response.headers, body });
          },
          (thrown: unknown) => end(thrown instanceof DockerError ? thrown : unreachable(this.#path, thrown)),
        );
      });
      call.end();
    });
  }

  /**
   * An answer without an end. Resolves with how to close it once the engine has said 200; rejects with a DockerError.
   * Closing it calls nobody back.
   */
  stream(path: string, headTimeoutMs: number, events: StreamEvents): Promise<() => void> {
    return new Promise((resolve, reject) => {
      const call = request({ socketPath: this.#path, path, headers: { host: "docker" }, agent: false });
      let over: (error: DockerError | undefined) => void = (error) =>
        reject(error ?? new DockerError("unreachable", "The engine closed the stream before it began"));
      const end = (error: DockerError | undefined): void => {
        timer.cancel();
        const told = over;
        over = () => undefined;
        call.destroy();
        told(error);
      };
      const timer = this.#clock.after(headTimeoutMs, () =>
        end(new DockerError("timeout", `The engine did not begin to answer in ${headTimeoutMs} ms`)),
      );
      call.on("error", (cause) => end(unreachable(this.#path, cause)));
      call.once("response", (response) => {
        if (response.statusCode !== 200) {
          void refusal(path, response).then(end);
          return;
        }
        timer.cancel();
        over = events.onEnd;
        response.on("data", (chunk: Buffer) => {
          try {
            events.onData(chunk);
          } catch (thrown) {
            end(thrown instanceof DockerError ? thrown : unreachable(this.#path, thrown));
          }
        });
        response.on("error", (cause) => end(unreachable(this.#path, cause)));
        response.once("close", () => end(undefined));
        resolve(() => {
          over = () => undefined;
          call.destroy();
        });
      });
      call.end();
    });
  }
}

/** The error behind an answer with another status than 200. */
export function statusError(path: string, status: number, body: string): DockerError {
  const facts = { path, status, message: messageOf(body) };
  const place = path.split("?")[0];
  if (status === 404) return new DockerError("not-found", `The engine knows no ${place}`, { facts });
  if (status === 400 && /version/i.test(body)) {
    return new DockerError("version", `The engine does not speak this version: ${facts.message}`, { facts });
  }
  return new DockerError("status", `The engine answered ${status} to ${place}: ${facts.message}`, { facts });
}

async function refusal(path: string, response: IncomingMessage): Promise<DockerError> {
  const body = await collect(response, MAX_ERROR_BYTES).catch(() => "");
  return statusError(path, response.statusCode ?? 0, body);
}

function collect(response: IncomingMessage, maxBytes: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    response.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size <= maxBytes) chunks.push(chunk);
      else reject(new DockerError("too-large", `The engine's answer has more than ${maxBytes} bytes`));
    });
    response.once("end", () => resolve(Buffer.concat(chunks).toString("utf8")));
    response.once("error", reject);
    response.once("close", () => reject(new DockerError("unreachable", "The engine's answer broke off")));
  });
}

// The engine's errors are `{"message": "..."}`; a proxy in front of its socket may answer with anything.
function messageOf(body: string): string {
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed === "object" && parsed !== null && "message" in parsed) {
      return String(parsed.message).slice(0, 300);
    }
  } catch {
    // Not JSON: shown as it is.
  }
  return body.trim().slice(0, 300);
}

function unreachable(path: string, cause: unknown): DockerError {
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  if (code === "EACCES" || code === "EPERM") {
    return new DockerError("denied", `The engine's socket ${path} may not be used`, {
      cause,
      hint: "run the node agent as root or give it the socket's group",
    });
  }
  return new DockerError("unreachable", `The engine cannot be reached on ${path}`, {
    cause,
    hint: "start the engine, or name its socket in AMBIT_DOCKER_SOCKET",
  });
}
