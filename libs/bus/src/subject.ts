/** Longest subject that is taken. */
const MAX_SUBJECT_CHARS = 255;

/** A subject that may be published to: tokens without wildcards or blanks. */
export function isLiteral(subject: string): boolean {
  return isPattern(subject) && !subject.split(".").some((part) => part === "*" || part === ">");
}

/** A subject or pattern that is well formed: no empty tokens, `>` only at the end. */
export function isPattern(pattern: string): boolean {
  const parts = pattern.split(".");
  return (
    pattern.length <= MAX_SUBJECT_CHARS &&
    !/[\s\0]/.test(pattern) &&
    parts.every((part, index) => part !== "" && (part !== ">" || index === parts.length - 1))
  );
}

/** True when every subject that `inner` matches is matched by `outer`; a literal subject matches itself. */
export function covers(outer: string, inner: string): boolean {
  const left = outer.split(".");
  const right = inner.split(".");
  for (const [index, part] of left.entries()) {
    if (part === ">") return right.length > index;
    const other = right[index];
    if (other === undefined || other === ">") return false;
    if (part === "*") continue;
    if (part !== other) return false;
  }
  return left.length === right.length;
}
