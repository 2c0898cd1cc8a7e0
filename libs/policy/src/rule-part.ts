import type { Cidr } from "@ambit/base/ip.ts";
import type { PolicyAction, ServiceAccountMatch, StringMatch } from "@ambit/model/policy.ts";
import type { PolicyProblem } from "./policy-problem.ts";
import { readBlock, readPort, readServiceAccount, readStringMatch } from "./policy-values.ts";

/** What all parts of one rule share; `problems` is added to. */
export interface RuleContext {
  readonly action: PolicyAction;
  readonly policyNamespace: string;
  readonly problems: PolicyProblem[];
}

/** Reads the lists of one source, operation or condition and notes what layer 4 cannot evaluate. */
export class RulePart {
  /** Some of it could not be evaluated, so what was read says less than its author meant. */
  clipped = false;
  readonly #path: string;
  readonly #context: RuleContext;

  constructor(path: string, context: RuleContext) {
    this.#path = path;
    this.#context = context;
  }

  texts(field: string, values: readonly string[]): readonly StringMatch[] {
    return this.#read(field, values, readStringMatch, "* is only understood alone, in front or at the end");
  }

  accounts(field: string, values: readonly string[]): readonly ServiceAccountMatch[] {
    return this.#read(
      field,
      values,
      (text) => readServiceAccount(text, this.#context.policyNamespace),
      "write name or namespace/name",
    );
  }

  blocks(field: string, values: readonly string[]): readonly Cidr[] {
    return this.#read(field, values, readBlock, "write an address, or a block such as 10.0.0.0/8");
  }

  ports(field: string, values: readonly string[]): readonly number[] {
    return this.#read(field, values, readPort, "write a port from 1 to 65535");
  }

  /** Notes every named list that is not empty as layer 7. */
  refuse<Field extends string>(
    from: Readonly<Record<Field, readonly string[]>>,
    fields: readonly Field[],
  ): void {
    for (const field of fields) if (from[field].length > 0) this.unsupported(field, `"${field}"`);
  }

  unsupported(field: string, what: string): void {
    this.clipped = true;
    const effect =
      this.#context.action === "ALLOW"
        ? "the rule is dropped and allows nothing"
        : "the rule denies without it";
    this.#context.problems.push({
      path: `${this.#path}.${field}`,
      code: "UnsupportedValue",
      message: `${what} needs layer 7: at node proxies ${effect}`,
      remedy: "attach the policy to a waypoint with spec.targetRefs",
    });
  }

  #read<T>(
    field: string,
    values: readonly string[],
    read: (text: string) => T | undefined,
    remedy: string,
  ): T[] {
    const readable: T[] = [];
    values.forEach((text, index) => {
      const value = read(text);
      if (value !== undefined) readable.push(value);
      else this.#invalid(`${field}[${index}]`, text, remedy);
    });
    // A list that lost all its values, or an exception that lost one, no longer says what its author meant.
    const lost = readable.length < values.length;
    if (lost && (readable.length === 0 || field.startsWith("not"))) this.clipped = true;
    return readable;
  }

  #invalid(field: string, text: string, remedy: string): void {
    this.#context.problems.push({
      path: `${this.#path}.${field}`,
      code: "Invalid",
      message: `value "${text.slice(0, 80)}" cannot be read and is left out`,
      remedy,
    });
  }
}
