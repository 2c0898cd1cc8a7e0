import type { Clock } from "@ambit/base/clock.ts";
import { DockerError } from "./docker-error.ts";
import {
  parseJson,
  readContainer,
  readEvent,
  readList,
  type Container,
  type EngineEvent,
  type ListedContainer,
} from "./engine-answers.ts";
import { EngineSocket, statusError, type AnswerLimits } from "./engine-socket.ts";
import { LineSplitter } from "./line-splitter.ts";

/** The newest version of the engine's API this client was written against, and the oldest that has what it reads. */
const NEWEST = { major: 1, minor: 50 };
const OLDEST = { major: 1, minor: 30 };

const PING: AnswerLimits = { maxBytes: 4_096, timeoutMs: 5_000 };
const LIST: AnswerLimits = { maxBytes: 32 * 1024 * 1024, timeoutMs: 20_000 };
/** The engine holds a container's description back while it starts it. */
const INSPECT: AnswerLimits = { maxBytes: 4 * 1024 * 1024, timeoutMs: 60_000 };
const MAX_EVENT_BYTES = 1024 * 1024;
const STREAM_HEAD_MS = 10_000;

/** What happens to a container that the mesh has to know of. */
const WATCHED = {
  type: ["container", "network"],
  event: [
    ...["create", "start", "die", "destroy", "pause", "unpause", "rename", "update", "health_status"],
    ...["connect", "disconnect"],
  ],
};

export interface EventHandler {
  readonly onEvent: (event: EngineEvent) => void;
  /** Called once when the stream is over; `error` is undefined when the engine ended it. */
  readonly onEnd: (error: DockerError | undefined) => void;
}

/** The calls of a container engine's API that the platform needs. All of them only read; all reject with a DockerError. */
export class EngineClient {
  readonly #socket: EngineSocket;
  #prefix: string | undefined;

  constructor(socketPath: string, clock: Clock) {
    this.#socket = new EngineSocket(socketPath, clock);
  }

  /** Asks whether the engine lives, and agrees on the version of the API again: it may have been exchanged. */
  async ping(): Promise<void> {
    const answer = await this.#socket.get("/_ping", PING);
    if (answer.status !== 200) throw statusError("/_ping", answer.status, answer.body);
    this.#prefix = `/v${commonVersion(answer.headers["api-version"])}`;
  }

  /** Every container, also those that do not run. */
  async containers(): Promise<readonly ListedContainer[]> {
    return readList(await this.#json("/containers/json?all=true", LIST));
  }

  /** One container. Rejects with `not-found` when it is gone. */
  async inspect(id: string): Promise<Container> {
    return readContainer(await this.#json(`/containers/${encodeURIComponent(id)}/json`, INSPECT));
  }

  /** Follows what happens, from `since` (seconds since the epoch) on. Resolves with how to stop once the stream is open. */
  async events(since: number | undefined, handler: EventHandler): Promise<() => void> {
    const query = new URLSearchParams({ filters: JSON.stringify(WATCHED) });
    if (since !== undefined) query.set("since", String(since));
    const lines = new LineSplitter(MAX_EVENT_BYTES);
    const prefix = await this.#version();
    return this.#socket.stream(`${prefix}/events?${query.toString()}`, STREAM_HEAD_MS, {
      onData: (chunk) => {
        for (const line of lines.push(chunk)) {
          const event = readEvent(parseJson(line, "/events"));
          if (event !== undefined) handler.onEvent(event);
        }
      },
      onEnd: handler.onEnd,
    });
  }

  async #json(path: string, limits: AnswerLimits): Promise<unknown> {
    const whole = `${await this.#version()}${path}`;
    const { status, body } = await this.#socket.get(whole, limits);
    if (status !== 200) throw statusError(path, status, body);
    return parseJson(body, path);
  }

  async #version(): Promise<string> {
    if (this.#prefix === undefined) await this.ping();
    return this.#prefix ?? "";
  }
}

/** The version both know. Throws a DockerError `version` when the engine is too old or does not say. */
export function commonVersion(offered: string | readonly string[] | undefined): string {
  const [, major = "0", minor = "0"] = /^(\d{1,3})\.(\d{1,4})$/.exec(String(offered)) ?? [];
  const engine = { major: Number(major), minor: Number(minor) };
  if (isOlder(engine, OLDEST)) {
    throw new DockerError("version", `The engine speaks version ${String(offered)} of its API`, {
      hint: `an engine with version ${OLDEST.major}.${OLDEST.minor} of the API or newer is needed`,
    });
  }
  const common = isOlder(engine, NEWEST) ? engine : NEWEST;
  return `${common.major}.${common.minor}`;
}

function isOlder(left: typeof NEWEST, right: typeof NEWEST): boolean {
  return left.major < right.major || (left.major === right.major && left.minor < right.minor);
}
