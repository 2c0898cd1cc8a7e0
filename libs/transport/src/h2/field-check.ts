import type { HeaderField } from "./hpack-decoder.ts";

/** Token characters without capitals (RFC 9113, section 8.2.1), for names of ordinary fields: 1 for each that may be. */
const NAME_CODES = Uint8Array.from({ length: 128 }, (_, code) =>
  /[!#$%&'*+\-.^_`|~0-9a-z]/.test(String.fromCharCode(code)) ? 1 : 0,
);
/** Fields of one connection alone, which HTTP/2 does not have (section 8.2.2). */
const CONNECTION_FIELDS = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "transfer-encoding",
  "upgrade",
]);
/** Without `:protocol`: an extended CONNECT is for servers that offer it (RFC 8441, section 3), which we do not. */
const REQUEST_PSEUDO = new Set([":method", ":authority", ":scheme", ":path"]);
const RESPONSE_PSEUDO = new Set([":status"]);

/**
 * What is malformed about a message's fields (RFC 9113, sections 8.2 and 8.3); undefined when nothing is. A malformed
 * message is refused whole: what one reader ignores another one may take at its word.
 */
export function malformedFields(fields: readonly HeaderField[], isRequest: boolean): string | undefined {
  const known = isRequest ? REQUEST_PSEUDO : RESPONSE_PSEUDO;
  const seen: string[] = [];
  let ordinary = false;
  for (const [name, value] of fields) {
    if (hasForbidden(value)) return "a value with a line break or a zero byte";
    if (name.startsWith(":")) {
      if (ordinary) return "a pseudo field after an ordinary one";
      if (!known.has(name)) return "an unknown pseudo field";
      if (seen.includes(name)) return "a pseudo field twice";
      seen.push(name);
      continue;
    }
    ordinary = true;
    if (!isName(name)) return "a field name with forbidden letters";
    if (CONNECTION_FIELDS.has(name)) return "a field of the connection";
    if (name === "te" && value !== "trailers") return "a field of the connection";
  }
  return isRequest ? malformedTarget(fields, seen) : undefined;
}

/** What is malformed about trailers: they are ordinary fields and nothing else. */
export function malformedTrailers(fields: readonly HeaderField[]): string | undefined {
  if (fields.some(([name]) => name.startsWith(":"))) return "a pseudo field in trailers";
  return malformedFields(fields, false);
}

// Sections 8.3.1 and 8.5. A CONNECT without `:authority` goes on: its answer is a status (ambient.md 4.5).
function malformedTarget(fields: readonly HeaderField[], seen: readonly string[]): string | undefined {
  if (!seen.includes(":method")) return "no method";
  const hasTarget = seen.includes(":scheme") || seen.includes(":path");
  if (fields.some(([name, value]) => name === ":method" && value === "CONNECT"))
    return hasTarget ? "a scheme or path in a CONNECT" : undefined;
  if (!seen.includes(":scheme")) return "no scheme";
  return fields.some(([name, value]) => name === ":path" && value !== "") ? undefined : "no path";
}

function isName(name: string): boolean {
  for (let index = 0; index < name.length; index++) {
    if (NAME_CODES[name.charCodeAt(index)] !== 1) return false;
  }
  return name !== "";
}

function hasForbidden(value: string): boolean {
  return value.includes("\0") || value.includes("\n") || value.includes("\r");
}
