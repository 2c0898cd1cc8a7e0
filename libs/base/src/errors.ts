/**
 * The base of every error the mesh raises on purpose: a stable `code` from a closed set per room,
 * facts as a plain record, and the operator's next step when it is known.
 */
export class AmbitError<Code extends string = string> extends Error {
  readonly code: Code;
  readonly facts: Readonly<Record<string, unknown>>;
  readonly hint: string | undefined;

  constructor(
    code: Code,
    message: string,
    options: { facts?: Record<string, unknown>; hint?: string; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.facts = options.facts ?? {};
    this.hint = options.hint;
  }
}

/** The message of anything that was thrown, with the causes behind it, on one line. */
export function describeError(thrown: unknown): string {
  const parts: string[] = [];
  let current: unknown = thrown;
  for (let depth = 0; depth < 5 && current !== undefined; depth++) {
    if (!(current instanceof Error)) {
      parts.push(typeof current === "string" ? current : "an unknown value was thrown");
      break;
    }
    parts.push(current.message);
    current = current.cause;
  }
  return parts.join(": ").replaceAll(/\s*\n\s*/g, " ");
}
