import { seededRandom } from "@ambit/base/random.ts";
import { expect, it } from "vitest";
import { explain } from "./explain.ts";
import { evaluate } from "./rbac-l4.ts";
import { randomCase, randomConnection } from "./testing/random-policies.ts";
import { referenceEvaluate } from "./testing/reference-evaluator.ts";

const SETS = 30_000;
const CONNECTIONS_PER_SET = 4;

it("evaluate() agrees with the reference on 120,000 random policy sets and connections", () => {
  const random = seededRandom(20_260_823);
  const seen = new Map<string, number>();
  for (let round = 0; round < SETS; round++) {
    const { policies, missing, connection } = randomCase(random);
    for (let index = 0; index < CONNECTIONS_PER_SET; index++) {
      const subject = index === 0 ? connection : randomConnection(random);
      const decision = evaluate({ policies, missing }, subject);
      const wanted = referenceEvaluate(policies, missing, subject);
      const noted = decision.dryRun.map((match) => `${match.action} ${match.policy}`);
      const same =
        decision.allow === wanted.allow &&
        decision.reason === wanted.reason &&
        noted.join() === wanted.noted.join() &&
        (wanted.deciding.length === 0 || decision.policy === wanted.deciding[0]);
      // A bare comparison keeps the loop fast; the assertion only runs to print a difference.
      if (!same) expect({ round, index, decision, noted }).toEqual({ round, index, wanted });
      seen.set(decision.reason, (seen.get(decision.reason) ?? 0) + 1);
    }
  }
  // The generator is worth something only if every outcome is frequent.
  for (const reason of [
    "explicitly-denied",
    "no-allow-policy",
    "explicitly-allowed",
    "not-allowed",
    "policy-not-received",
  ]) {
    expect(seen.get(reason) ?? 0, reason).toBeGreaterThan(1_000);
  }
}, 120_000);

it("explain() reaches the decision of evaluate() and marks the deciding policy on 5,000 random cases", () => {
  const random = seededRandom(7);
  for (let round = 0; round < 5_000; round++) {
    const { policies, missing, connection } = randomCase(random);
    const decision = evaluate({ policies, missing }, connection);
    const explanation = explain({ policies, missing }, connection);
    expect(explanation.decision).toEqual(decision);
    const deciding = explanation.policies.filter((entry) => entry.decides).map((entry) => entry.policy);
    expect(deciding).toEqual(decision.group === undefined ? [] : [decision.policy]);
  }
});
