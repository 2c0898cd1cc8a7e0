import type { CommandContext } from "../commands/context.ts";
import type { MeshRecord } from "../state-dir.ts";

export type CheckCategory = "host" | "runtime" | "control-plane" | "identity" | "data-plane" | "bus";

/** What a check saw. A failure or warning carries the next step. */
export interface CheckResult {
  readonly id: string;
  readonly category: CheckCategory;
  readonly title: string;
  readonly result: "ok" | "warning" | "failed" | "skipped";
  readonly seen: string;
  readonly hint: string;
}

/** What a check may look at; `record` is undefined when no mesh runs. */
export interface CheckContext extends CommandContext {
  readonly record: MeshRecord | undefined;
}

/** A finding before it got its names. */
export type Finding = Pick<CheckResult, "result" | "seen"> & { readonly hint?: string };

export interface Check {
  readonly id: string;
  readonly category: CheckCategory;
  readonly title: string;
  /** Checks of a running mesh are skipped when none runs. */
  readonly needsMesh: boolean;
  /** Checks of node proxies are skipped where nothing is captured. */
  readonly needsProxies?: boolean;
  run(context: CheckContext): Promise<Finding> | Finding;
}

/** Runs checks one after the other; a check that throws has failed with that message. */
export async function runChecks(
  checks: readonly Check[],
  context: CheckContext,
): Promise<readonly CheckResult[]> {
  const results: CheckResult[] = [];
  for (const check of checks) results.push(await runCheck(check, context));
  return results;
}

async function runCheck(check: Check, context: CheckContext): Promise<CheckResult> {
  const { id, category, title } = check;
  if (check.needsMesh && context.record === undefined) {
    return {
      id,
      category,
      title,
      result: "skipped",
      seen: "no mesh is running",
      hint: "npx ambit up samples/myapp",
    };
  }
  if (check.needsProxies === true && context.record?.mode === "loopback") {
    return { id, category, title, result: "skipped", seen: "plain loopback: no node proxies", hint: "" };
  }
  try {
    const { result, seen, hint = "" } = await check.run(context);
    return { id, category, title, result, seen, hint };
  } catch (thrown) {
    return {
      id,
      category,
      title,
      result: "failed",
      seen: (thrown as Error).message,
      hint: "npx ambit logs <component>",
    };
  }
}
