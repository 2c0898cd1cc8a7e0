/** What is wrong with a part of a policy: layer 7 met at layer 4, or a value that cannot be read. */
export type PolicyProblemCode = "UnsupportedValue" | "Invalid" | "DryRun";

/** One finding about a policy, ready to become a status condition and a diagnostic. */
export interface PolicyProblem {
  /** Field path such as `spec.rules[0].to[0].operation.methods`. */
  readonly path: string;
  readonly code: PolicyProblemCode;
  /** What it means for traffic, without a full stop. */
  readonly message: string;
  /** What to do about it. */
  readonly remedy: string;
}
