import { readDocument } from "@ambit/kube/read-resources.ts";
import type { Kind, KubeObject } from "@ambit/kube/resources/registry.ts";
import type { PutEvent, SourceEvent } from "@ambit/kube/source.ts";
import { Mesh } from "../mesh.ts";
import { DEFAULT_MESH_OPTIONS, type MeshOptions } from "../options.ts";

/** The objects of a text; throws when one of its documents has an error. */
export function objectsOf(text: string): readonly KubeObject[] {
  return text.split(/^---$/m).flatMap((document) => {
    const read = readDocument(document);
    const error = read.diagnostics.find((diagnostic) => diagnostic.severity === "error");
    if (error !== undefined) throw new Error(`${error.code} ${error.field}: ${error.message}`);
    return read.entries.flatMap((entry) => (entry.object === undefined ? [] : [entry.object]));
  });
}

/** The event that puts an object. */
export function putOf(object: KubeObject): PutEvent {
  const { kind, metadata } = object;
  const { namespace, name } = metadata;
  return { type: "put", kind, namespace, name, object, origin: { file: "test.yaml", line: 1 } } as PutEvent;
}

/** The event that deletes an object. */
export function deleteOf(object: { kind: Kind; metadata: { namespace: string; name: string } }): SourceEvent {
  const { namespace, name } = object.metadata;
  return { type: "delete", kind: object.kind, namespace, name, origin: { file: "test.yaml", line: 1 } };
}

/** A flushed mesh of everything in a text. */
export function meshFrom(text: string, options: Partial<MeshOptions> = {}): Mesh {
  const mesh = new Mesh({ ...DEFAULT_MESH_OPTIONS, ...options });
  mesh.apply(objectsOf(text).map(putOf));
  mesh.flush();
  return mesh;
}
