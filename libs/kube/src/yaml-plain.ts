import { ownText } from "./own-text.ts";

/** A document in plain block form. */
export interface PlainDocument {
  readonly value: unknown;
  /** Line of the first content, counted from 1. */
  readonly firstLine: number;
}

/** Deeper documents are left to the library, which refuses them. */
const MAX_DEPTH = 50;
/** Longer lines are left to the library; it limits the length of keys. */
const MAX_LINE = 1000;
/** Words that YAML reads as something else than text, in any of the spellings the core schema knows or nearly knows. */
const RESERVED = new Set(["null", "true", "false", "__proto__", "constructor", "prototype"]);
const KEY = /[A-Za-z_][A-Za-z0-9_./-]*(?=:(?:[ \n]|$))/y;
/** Plain text without any character that could mean something to YAML; a colon only before more text. */
const WORD =
  /^(?:[A-Za-z_/]|-(?=[A-Za-z-]))[A-Za-z0-9_./@%+=,()-]*(?:(?::| (?=[A-Za-z0-9_/(]))[A-Za-z0-9_./@%+=,()-]+)*$/;
/** Text that begins like a number and cannot be one: addresses, dates, versions of three parts, sizes. */
const NUMBERLIKE_WORD =
  /^[0-9]+(?:\.[0-9]+\.[0-9.]*[0-9](?:\/[0-9]+)?|-[0-9A-Za-z][0-9A-Za-z:.-]*[0-9A-Za-z]|[a-df-np-wyzA-DF-NP-WYZ][A-Za-z0-9]*)$/;
const INTEGER = /^(?:0|[1-9][0-9]{0,14})$/;

/**
 * Reads the plain block form almost every manifest is written in: mappings and lists by indentation, one-line scalars, no
 * tags, anchors, flow collections or block scalars. Undefined for everything else, and for everything doubtful: the
 * YAML library decides then. Several times faster than a full parser, and it makes no syntax tree.
 */
export function parsePlainDocument(text: string): PlainDocument | undefined {
  // Printable ASCII and line feeds only.
  if (/[^\n\x20-\x7e]/.test(text)) return undefined;
  const reader = new PlainReader(text);
  try {
    return reader.document();
  } catch (thrown) {
    if (thrown === DOUBT) return undefined;
    throw thrown;
  }
}

/** Thrown where the plain form ends; one object, because making an error with its stack costs as much as a small document. */
const DOUBT = new Error("not in plain block form");

class PlainReader {
  readonly #text: string;
  /** Start of the next line. */
  #next = 0;
  #lineNumber = 0;
  /** Where the present line's content begins and ends; `#indent` is its column, -1 at the end of the text. */
  #at = 0;
  #end = 0;
  #indent = -1;
  #depth = 0;
  #ended = false;

  constructor(text: string) {
    this.#text = text;
  }

  document(): PlainDocument {
    this.#advance();
    if (this.#indent !== 0) throw DOUBT;
    const firstLine = this.#lineNumber;
    const value = this.#block(0);
    if (!this.#ended) throw DOUBT;
    return { value, firstLine };
  }

  /** Goes to the next line with content. */
  #advance(): void {
    const text = this.#text;
    while (this.#next < text.length) {
      const start = this.#next;
      const found = text.indexOf("\n", start);
      const end = found < 0 ? text.length : found;
      this.#next = end + 1;
      this.#lineNumber++;
      let at = start;
      while (at < end && text.charCodeAt(at) === 0x20) at++;
      if (at === end || text.charCodeAt(at) === 0x23) continue;
      if (end - start > MAX_LINE || text.charCodeAt(end - 1) === 0x20) throw DOUBT;
      this.#at = at;
      this.#end = end;
      this.#indent = at - start;
      return;
    }
    this.#indent = -1;
    this.#ended = true;
  }

  #block(indent: number): unknown {
    if (++this.#depth > MAX_DEPTH) throw DOUBT;
    const value = this.#isItem() ? this.#list(indent) : this.#mapping(indent);
    this.#depth--;
    return value;
  }

  #isItem(): boolean {
    return this.#text.charCodeAt(this.#at) === 0x2d && this.#text.charCodeAt(this.#at + 1) === 0x20;
  }

  #list(indent: number): unknown[] {
    const out: unknown[] = [];
    while (this.#indent === indent && this.#isItem()) {
      const dash = this.#at;
      let at = dash + 2;
      while (this.#text.charCodeAt(at) === 0x20) at++;
      this.#at = at;
      KEY.lastIndex = at;
      if (KEY.test(this.#text)) {
        // A mapping that begins beside the dash; its column is where its first key stands.
        this.#indent = indent + at - dash;
        out.push(this.#block(this.#indent));
      } else {
        out.push(this.#scalar(at));
        this.#advance();
      }
      if (this.#indent > indent) throw DOUBT;
    }
    return out;
  }

  #mapping(indent: number): Record<string, unknown> {
    const out: Record<string, unknown> = {};
    while (this.#indent === indent && !this.#isItem()) {
      KEY.lastIndex = this.#at;
      const key = KEY.exec(this.#text)?.[0];
      if (key === undefined || RESERVED.has(key.toLowerCase()) || Object.hasOwn(out, key)) throw DOUBT;
      out[key] = this.#value(this.#at + key.length + 1, indent);
      if (this.#indent > indent) throw DOUBT;
    }
    return out;
  }

  /** What follows a key's colon: a scalar beside it, or a block below it. */
  #value(after: number, indent: number): unknown {
    if (after < this.#end) {
      let at = after;
      while (this.#text.charCodeAt(at) === 0x20) at++;
      const value = this.#scalar(at);
      this.#advance();
      return value;
    }
    this.#advance();
    if (this.#indent > indent) return this.#block(this.#indent);
    // A list may stand at the column of its key.
    if (this.#indent === indent && this.#isItem()) return this.#block(indent);
    return null;
  }

  #scalar(start: number): unknown {
    const text = this.#text.slice(start, this.#end);
    const first = text.charCodeAt(0);
    if (first === 0x22 || first === 0x27) {
      const inner = text.slice(1, -1);
      const last = text.charCodeAt(text.length - 1);
      if (text.length < 2 || last !== first || inner.includes(text.charAt(0)) || inner.includes("\\"))
        throw DOUBT;
      return ownText(inner);
    }
    if (first >= 0x30 && first <= 0x39) {
      if (INTEGER.test(text)) return Number(text);
      if (NUMBERLIKE_WORD.test(text)) return ownText(text);
      throw DOUBT;
    }
    if (WORD.test(text)) {
      if (text === "true") return true;
      if (text === "false") return false;
      if (RESERVED.has(text.toLowerCase())) throw DOUBT;
      return ownText(text);
    }
    if (text === "{}") return {};
    if (text === "[]") return [];
    throw DOUBT;
  }
}
