import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type Document,
  type Node as YamlNode,
  type Pair,
} from "yaml";
import type { DiagnosticCode } from "./diagnostics.ts";
import { parsePlainDocument } from "./yaml-plain.ts";

/** A fault of the text itself, before it means anything. */
interface TextProblem {
  readonly code: DiagnosticCode;
  /** Counted from 1 within the document's text. */
  readonly line: number;
  readonly message: string;
  readonly remedy: string;
}

/** One YAML document as plain values, with a way back to the lines. */
export interface YamlDocument {
  /** Plain mappings, lists and scalars; undefined when `problem` is set. */
  readonly value: unknown;
  readonly problem: TextProblem | undefined;
  /** The line, from 1 within the text, of the deepest part of `keys` that exists. */
  readonly lineOf: (keys: readonly (string | number)[], at: "key" | "value") => number;
}

/** Mappings and lists within each other; Kubernetes objects stay below 30. */
const MAX_DEPTH = 100;
/** Values one document may expand to through aliases. */
const MAX_EXPANDED = 50_000;
/** Keys that reach a prototype in JavaScript; no Kubernetes object has them. */
const FORBIDDEN_KEYS = new Set(["__proto__", "constructor", "prototype"]);

/** Parses one document. Never throws: every fault of the text becomes `problem`, the first one found. */
export function parseYamlDocument(text: string): YamlDocument {
  const plain = parsePlainDocument(text);
  if (plain === undefined) return parseAnyYaml(text);
  let full: YamlDocument | undefined;
  return {
    value: plain.value,
    problem: undefined,
    // Only what complains asks for lines; most documents give no reason.
    lineOf: (keys, at) =>
      keys.length === 0 ? plain.firstLine : (full ??= parseAnyYaml(text)).lineOf(keys, at),
  };
}

/** Parses a document of any form. */
export function parseAnyYaml(text: string): YamlDocument {
  const lines = new LineCounter();
  let document: Document.Parsed;
  try {
    document = parseDocument(text, {
      lineCounter: lines,
      prettyErrors: false,
      logLevel: "silent",
      stringKeys: false,
      // Checked below in linear time; the library compares each key with every other.
      uniqueKeys: false,
    });
  } catch {
    return broken({
      code: "AMB0016",
      line: 1,
      message: "the document is nested too deeply to be read",
      remedy: `stay below ${MAX_DEPTH} levels`,
    });
  }
  const error = document.errors[0];
  if (error !== undefined) {
    return broken({
      code: "AMB0001",
      line: lines.linePos(error.pos[0]).line,
      message: `the text is no valid YAML: ${firstLine(error.message)}`,
      remedy: "correct the text; mind indentation and quotes",
    });
  }
  const converter = new Converter(lines);
  try {
    const value = converter.convert(document.contents, 0);
    return { value, problem: undefined, lineOf: (keys, at) => lineOf(document, lines, keys, at) };
  } catch (thrown) {
    if (thrown instanceof TextFault) return broken(thrown.problem);
    throw thrown;
  }
}

function broken(problem: TextProblem): YamlDocument {
  return { value: undefined, problem, lineOf: () => problem.line };
}

function firstLine(message: string): string {
  return (message.split("\n")[0] ?? message).replace(/[:.]$/, "").slice(0, 200);
}

class TextFault extends Error {
  readonly problem: TextProblem;

  constructor(problem: TextProblem) {
    super(problem.message);
    this.problem = problem;
  }
}

/** Turns nodes into plain values and enforces the limits on the way. */
class Converter {
  readonly #lines: LineCounter;
  readonly #anchors = new Map<string, YamlNode>();
  #expanded = 0;
  #insideAlias = 0;

  constructor(lines: LineCounter) {
    this.#lines = lines;
  }

  convert(node: unknown, depth: number): unknown {
    if (depth > MAX_DEPTH) {
      this.#fail("AMB0016", node, "the document is nested too deeply", `stay below ${MAX_DEPTH} levels`);
    }
    if (this.#insideAlias > 0 && ++this.#expanded > MAX_EXPANDED) {
      this.#fail(
        "AMB0010",
        node,
        "its aliases expand to too many values",
        "write the values out, or use fewer aliases",
      );
    }
    if (isAlias(node)) return this.#alias(node.source, node, depth);
    if (isScalar(node)) {
      this.#remember(node);
      // An escape can write half a character: no message to a proxy that holds it could be read there.
      if (typeof node.value === "string" && !node.value.isWellFormed()) {
        this.#fail("AMB0001", node, "the text holds half a surrogate pair", "write the whole character");
      }
      return node.value;
    }
    if (isSeq(node)) {
      this.#remember(node);
      return node.items.map((item) => this.convert(item, depth + 1));
    }
    if (isMap(node)) {
      this.#remember(node);
      return this.#mapping(node.items, depth);
    }
    return null;
  }

  #remember(node: YamlNode & { anchor?: string | undefined }): void {
    if (node.anchor !== undefined && this.#insideAlias === 0) this.#anchors.set(node.anchor, node);
  }

  #alias(name: string, node: YamlNode, depth: number): unknown {
    const target = this.#anchors.get(name);
    if (target === undefined) {
      return this.#fail(
        "AMB0001",
        node,
        `the alias *${name.slice(0, 40)} has no anchor`,
        "define the anchor before it",
      );
    }
    this.#insideAlias++;
    const value = this.convert(target, depth + 1);
    this.#insideAlias--;
    return value;
  }

  #mapping(items: readonly Pair[], depth: number): Record<string, unknown> {
    const out: Record<string, unknown> = {};
    const merged: unknown[] = [];
    for (const pair of items) {
      const key = this.#key(pair.key, depth);
      const value = this.convert(pair.value, depth + 1);
      if (key === "<<" && typeof value === "object" && value !== null) {
        merged.push(...(Array.isArray(value) ? value : [value]));
        continue;
      }
      if (Object.hasOwn(out, key)) {
        this.#fail("AMB0009", pair.key, `the key "${key.slice(0, 80)}" appears twice`, "remove one of them");
      }
      out[key] = value;
    }
    for (const source of merged) {
      if (typeof source !== "object" || source === null) continue;
      for (const [key, value] of Object.entries(source)) if (!Object.hasOwn(out, key)) out[key] = value;
    }
    return out;
  }

  #key(node: unknown, depth: number): string {
    const value = this.convert(node, depth + 1);
    if (typeof value === "object" && value !== null) {
      return this.#fail("AMB0001", node, "a key is a mapping or a list", "use text as key");
    }
    const key = String(value);
    if (FORBIDDEN_KEYS.has(key)) {
      this.#fail("AMB0013", node, `the key "${key}" is forbidden`, "remove it; no Kubernetes object has it");
    }
    return key;
  }

  #fail(code: DiagnosticCode, node: unknown, message: string, remedy: string): never {
    throw new TextFault({ code, line: lineOfNode(node, this.#lines), message, remedy });
  }
}

function lineOfNode(node: unknown, lines: LineCounter): number {
  const range = (node as { range?: readonly [number, number, number] | null } | null)?.range;
  return range === undefined || range === null ? 1 : lines.linePos(range[0]).line;
}

function lineOf(
  document: Document.Parsed,
  lines: LineCounter,
  keys: readonly (string | number)[],
  at: "key" | "value",
): number {
  let node: unknown = document.contents;
  let line = lineOfNode(node, lines);
  for (const [index, key] of keys.entries()) {
    if (isAlias(node)) node = node.resolve(document);
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(key));
      if (pair === undefined) return line;
      line = lineOfNode(pair.key, lines);
      node = pair.value;
      // A mapping's own place is its key's line; a scalar's may be a later line than its key.
      if (isScalar(node) && (index < keys.length - 1 || at === "value")) line = lineOfNode(node, lines);
    } else if (isSeq(node)) {
      node = node.items[Number(key)];
      if (node === undefined) return line;
      line = lineOfNode(node, lines);
    } else return line;
  }
  return line;
}
