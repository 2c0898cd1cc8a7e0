import type { Diagnostic, ResourceName } from "./diagnostics.ts";
import { formatPath, nearest, pathKeys, Report, type Path, type Problem } from "./schema.ts";
import { objectMeta, type ObjectMeta } from "./resources/metadata.ts";
import { findDefinition, type KubeObject } from "./resources/registry.ts";
import { parseYamlDocument, type YamlDocument } from "./yaml-document.ts";

/** A diagnostic whose line counts within the document, so that it stays true when the document moves. */
export interface LocalDiagnostic extends Omit<Diagnostic, "origin"> {
  readonly line: number;
}

/** One resource of a document, or what could be learnt about it. */
export interface ReadEntry {
  /** Undefined when the document is too broken to tell. */
  readonly resource: ResourceName | undefined;
  /** Undefined when an error keeps it from taking effect. */
  readonly object: KubeObject | undefined;
  /** Counted from 1 within the document. */
  readonly line: number;
  /** Where the object begins within the document: empty, or the place in a List. */
  readonly keys: readonly (string | number)[];
}

export interface ReadDocument {
  readonly entries: readonly ReadEntry[];
  readonly diagnostics: readonly LocalDiagnostic[];
}

// One array for all of the many that have none.
const NO_DIAGNOSTICS: readonly LocalDiagnostic[] = [];
const NO_KEYS: readonly (string | number)[] = [];

/** Namespace of a namespaced resource that names none. */
const DEFAULT_NAMESPACE = "default";

/** Reads the resources of one YAML (or JSON) document; `kind: List` is opened. Never throws. */
export function readDocument(text: string): ReadDocument {
  const document = parseYamlDocument(text);
  if (document.problem !== undefined) {
    const { code, line, message, remedy } = document.problem;
    const diagnostic = {
      code,
      severity: "error",
      line,
      message,
      remedy,
      field: "",
      resource: undefined,
    } as const;
    return {
      entries: [{ resource: undefined, object: undefined, line, keys: [] }],
      diagnostics: [diagnostic],
    };
  }
  const reader = new DocumentReader(document);
  if (document.value !== null) reader.read(document.value, undefined, true);
  // Not the reader itself: it holds the syntax tree, which is many times the size of what was read.
  const { entries, diagnostics } = reader;
  return { entries: entries.slice(), diagnostics: diagnostics.length === 0 ? NO_DIAGNOSTICS : diagnostics };
}

class DocumentReader {
  readonly entries: ReadEntry[] = [];
  readonly diagnostics: LocalDiagnostic[] = [];
  readonly #document: YamlDocument;

  constructor(document: YamlDocument) {
    this.#document = document;
  }

  read(value: unknown, path: Path | undefined, mayBeList: boolean): void {
    const line = this.#document.lineOf(pathKeys(path), "key");
    const header = readHeader(value);
    if (header === undefined) {
      this.#refuse(path, line, 'a Kubernetes object needs "apiVersion" and "kind" as text', "add them");
      return;
    }
    const { apiVersion, kind, source } = header;
    if (mayBeList && kind === "List" && apiVersion === "v1") {
      const items = source["items"];
      if (!Array.isArray(items)) {
        this.#refuse(
          { parent: path, key: "items" },
          line,
          "a List needs items",
          "add items, or remove the List",
        );
        return;
      }
      for (const [index, item] of items.entries()) {
        this.read(item, { parent: { parent: path, key: "items" }, key: index }, false);
      }
      return;
    }
    this.#readObject(apiVersion, kind, source, path, line);
  }

  #readObject(
    apiVersion: string,
    kind: string,
    source: Readonly<Record<string, unknown>>,
    path: Path | undefined,
    line: number,
  ): void {
    const definition = findDefinition(kind, apiVersion);
    if (definition === undefined) {
      this.#unknownKind(apiVersion, kind, path);
      return;
    }
    const report = new Report({ strict: definition.strict });
    const metadata = readMetadata(source["metadata"], definition.namespaced, path, report);
    const resource =
      metadata === undefined ? undefined : { kind, namespace: metadata.namespace, name: metadata.name };
    if (!definition.apiVersions.includes(apiVersion)) {
      report.add(
        "AMB0015",
        { parent: path, key: "apiVersion" },
        `apiVersion "${apiVersion.slice(0, 80)}" of ${kind} is not supported`,
        `use ${definition.apiVersions[0]}`,
      );
    }
    const { apiVersion: _version, kind: _kind, metadata: _metadata, ...rest } = source;
    const body = definition.body(rest, path, report);
    const complete = metadata !== undefined && body !== undefined && !report.failed;
    // The body was read by the definition of this very kind.
    const object = complete ? ({ kind, metadata, ...body } as KubeObject) : undefined;
    this.entries.push({ resource, object, line, keys: path === undefined ? NO_KEYS : pathKeys(path) });
    for (const problem of report.problems) this.diagnostics.push(this.#locate(problem, resource));
  }

  #unknownKind(apiVersion: string, kind: string, path: Path | undefined): void {
    const near = nearest(kind, KNOWN_KINDS);
    const problem: Problem = {
      code: "AMB0003",
      severity: "info",
      path: { parent: path, key: "kind" },
      at: "value",
      message: `the mesh does not use ${kind.slice(0, 80)} of ${apiVersion.slice(0, 80)}; it is ignored`,
      remedy: near === undefined || near === kind ? "" : `did you mean ${near}?`,
    };
    this.diagnostics.push(this.#locate(problem, undefined));
  }

  #refuse(path: Path | undefined, line: number, message: string, remedy: string): void {
    this.entries.push({ resource: undefined, object: undefined, line, keys: pathKeys(path) });
    const problem = { code: "AMB0002", severity: "error", path, at: "value", message, remedy } as const;
    this.diagnostics.push(this.#locate(problem, undefined));
  }

  #locate(problem: Problem, resource: ResourceName | undefined): LocalDiagnostic {
    const { code, severity, message, remedy, path, at } = problem;
    const line = this.#document.lineOf(pathKeys(path), at);
    return { code, severity, message, remedy, line, field: formatPath(path), resource };
  }
}

const KNOWN_KINDS = [
  "AuthorizationPolicy",
  "Deployment",
  "EndpointSlice",
  "Namespace",
  "Node",
  "PeerAuthentication",
  "Pod",
  "Service",
  "ServiceAccount",
  "ServiceEntry",
  "StatefulSet",
  "WorkloadEntry",
];

function readHeader(
  value: unknown,
): { apiVersion: string; kind: string; source: Readonly<Record<string, unknown>> } | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const source = value as Record<string, unknown>;
  const { apiVersion, kind } = source;
  if (typeof apiVersion !== "string" || typeof kind !== "string" || apiVersion === "" || kind === "") {
    return undefined;
  }
  return { apiVersion, kind, source };
}

function readMetadata(
  value: unknown,
  namespaced: boolean,
  path: Path | undefined,
  report: Report,
): ObjectMeta | undefined {
  const at = { parent: path, key: "metadata" };
  if (value === undefined || value === null) {
    return report.add("AMB0005", path, 'the field "metadata" is missing', "add metadata.name");
  }
  const metadata = objectMeta(value, at, report);
  if (metadata === undefined) return undefined;
  if (!namespaced) return { ...metadata, namespace: "" };
  return metadata.namespace === "" ? { ...metadata, namespace: DEFAULT_NAMESPACE } : metadata;
}

/** The line, from 1 within the document, of a field of one of its objects. */
export function lineOfField(text: string, entry: ReadEntry, field: string): number {
  return parseYamlDocument(text).lineOf([...entry.keys, ...parseFieldPath(field)], "key");
}

/** The keys of a path such as `spec.rules[0].to` or `metadata.annotations[istio.io/dry-run]`. */
export function parseFieldPath(field: string): (string | number)[] {
  const keys: (string | number)[] = [];
  for (const [, name, inner] of field.matchAll(/([^.[\]]+)|\[([^\]]*)\]/g)) {
    if (inner === undefined) keys.push(name ?? "");
    else keys.push(/^[0-9]+$/.test(inner) ? Number(inner) : inner.replace(/^"(.*)"$/, "$1"));
  }
  return keys;
}
