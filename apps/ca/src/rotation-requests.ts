import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { sleep, type Clock } from "@ambit/base/clock.ts";
import { describeError } from "@ambit/base/errors.ts";
import { writeFileAtomic } from "@ambit/base/files.ts";
import type { Random } from "@ambit/base/random.ts";
import { CaError } from "./ca-error.ts";

/** The replica that leads answers within this time, or nobody leads. */
const ANSWER_MS = 5_000;
const POLL_MS = 50;
const REQUEST = /^rotate-(\d+)\.request$/;

interface Answer {
  readonly id: string;
  /** Why not; empty when it was done. */
  readonly refusal: string;
}

/** How a replica that does not lead has a rotation begun: by a file in the shared folder, answered by another. */
export class RotationRequests {
  readonly #dir: string;
  readonly #clock: Clock;
  readonly #random: Random;

  constructor(dir: string, deps: { clock: Clock; random: Random }) {
    this.#dir = dir;
    this.#clock = deps.clock;
    this.#random = deps.random;
  }

  /** Asks the replica that leads. Rejects with a CaError `state` that says what it said, or that none answered. */
  async ask(slot: number): Promise<void> {
    const { request, answer } = this.#paths(slot);
    const id = this.#random.uuid();
    writeFileAtomic(request, id, 0o600);
    const deadline = this.#clock.monotonic() + ANSWER_MS;
    try {
      while (this.#clock.monotonic() < deadline) {
        await sleep(this.#clock, POLL_MS);
        const found = readAnswer(answer);
        if (found?.id !== id) continue;
        if (found.refusal === "") return;
        throw new CaError("state", found.refusal);
      }
    } finally {
      for (const path of [request, answer]) rmSync(path, { force: true });
    }
    throw new CaError("state", `No replica that leads took the request in ${ANSWER_MS / 1_000} s`, {
      hint: "see the logs of the other replicas: one of them leads",
    });
  }

  /** Does what others asked for, as the one that leads. */
  async serve(begin: () => Promise<void>): Promise<void> {
    for (const name of readdirSync(this.#dir)) {
      const slot = REQUEST.exec(name)?.[1];
      if (slot === undefined) continue;
      const { request, answer } = this.#paths(Number(slot));
      const id = readIfThere(request);
      // Taken away first: what fails is not tried again and again.
      rmSync(request, { force: true });
      if (id === undefined) continue;
      const refusal = await begin().then(
        () => "",
        (thrown: unknown) => describeError(thrown),
      );
      writeFileAtomic(answer, JSON.stringify({ id, refusal } satisfies Answer), 0o600);
    }
  }

  #paths(slot: number): { readonly request: string; readonly answer: string } {
    const path = join(this.#dir, `rotate-${slot}`);
    return { request: `${path}.request`, answer: `${path}.answer` };
  }
}

function readIfThere(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, "utf8") : undefined;
}

function readAnswer(path: string): Answer | undefined {
  const text = readIfThere(path);
  return text === undefined ? undefined : (JSON.parse(text) as Answer);
}
