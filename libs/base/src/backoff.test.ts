import { expect, test } from "vitest";
import { Backoff } from "./backoff.ts";
import { seededRandom } from "./random.ts";

test("next() doubles up to the maximum when there is no jitter", () => {
  const backoff = new Backoff({ initialMs: 10, maxMs: 50, jitter: 0 }, seededRandom(1));
  expect([backoff.next(), backoff.next(), backoff.next(), backoff.next()]).toEqual([10, 20, 40, 50]);
});

test("next() stays within the jitter and never above the maximum", () => {
  const backoff = new Backoff({ initialMs: 100, maxMs: 1000, jitter: 0.2 }, seededRandom(7));
  const first = backoff.next();
  expect(first).toBeGreaterThanOrEqual(80);
  expect(first).toBeLessThanOrEqual(120);
  for (let attempt = 0; attempt < 50; attempt++) expect(backoff.next()).toBeLessThanOrEqual(1000);
});

test("reset() begins again", () => {
  const backoff = new Backoff({ initialMs: 10, maxMs: 50, jitter: 0 }, seededRandom(1));
  backoff.next();
  backoff.next();
  backoff.reset();
  expect(backoff.next()).toBe(10);
});
