import { SERVED } from "./row.ts";

export function wait(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}

/** Asks until the answer is `served` or the time is up; the last answer. */
export async function eventually(ask: () => Promise<string>, timeoutMs: number): Promise<string> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const outcome = await ask();
    if (outcome === SERVED || performance.now() > deadline) return outcome;
    await wait(100);
  }
}
