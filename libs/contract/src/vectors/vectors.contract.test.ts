import { describe, expect, test } from "vitest";
import * as generated from "../gen/ambit.js";
import { MESSAGES } from "../reference/fields.ts";
import { encodePlain, fieldRows, type PlainMessage, type PlainValue } from "../testing/tiny-encoder.ts";
import { AUTH_VECTORS } from "./auth.ts";
import { DISCOVERY_VECTORS } from "./discovery.ts";
import { SECURITY_VECTORS } from "./security.ts";
import type { Vector } from "./vector.ts";
import { WORKLOAD_VECTORS } from "./workload.ts";
import { ZDS_VECTORS } from "./zds.ts";

const VECTORS: readonly Vector[] = [
  ...WORKLOAD_VECTORS,
  ...SECURITY_VECTORS,
  ...AUTH_VECTORS,
  ...ZDS_VECTORS,
  ...DISCOVERY_VECTORS,
];

interface Codec {
  encode(value: object): { finish(): Uint8Array };
  decode(bytes: Uint8Array): object;
}

/** The generated class of a message, found by its full name. */
function codec(message: string): Codec {
  let here: unknown = generated;
  for (const part of message.split(".")) here = (here as Record<string, unknown>)[part];
  return here as Codec;
}

/** Plain data as the generated code takes it: camel-case names and real bytes. */
function toGenerated(message: string, value: PlainMessage): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const { name, type, mapValue } of fieldRows(message)) {
    const held = value[name];
    if (held === undefined) continue;
    const convert = (entry: PlainValue, of = type): unknown => {
      if (of === "bytes") return Buffer.from(entry as string, "hex");
      return of in MESSAGES ? toGenerated(of, entry as PlainMessage) : entry;
    };
    const key = name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
    if (mapValue !== undefined) {
      const entries = Object.entries(held as PlainMessage);
      result[key] = Object.fromEntries(entries.map(([name_, entry]) => [name_, convert(entry, mapValue)]));
    } else result[key] = Array.isArray(held) ? held.map((entry) => convert(entry)) : convert(held);
  }
  return result;
}

/** Every field that a value sets, as `message.field`, whatever depth. */
function fieldsOf(message: string, value: PlainMessage, into: Set<string>): void {
  into.add(message);
  for (const { name, type, mapValue } of fieldRows(message)) {
    const held = value[name];
    if (held === undefined) continue;
    into.add(`${message}.${name}`);
    const inner = mapValue ?? type;
    if (!(inner in MESSAGES)) continue;
    const values = mapValue !== undefined ? Object.values(held) : Array.isArray(held) ? held : [held];
    for (const entry of values) fieldsOf(inner, entry as PlainMessage, into);
  }
}

describe.each(VECTORS)("$message, $what", ({ message, value, hex }) => {
  const bytes = Buffer.from(hex.join(""), "hex");

  test("is what the specification makes of the reference table", () => {
    expect(encodePlain(message, value).toString("hex")).toBe(bytes.toString("hex"));
  });

  test("is what the generated code writes", () => {
    const written = codec(message).encode(toGenerated(message, value)).finish();
    expect(Buffer.from(written).toString("hex")).toBe(bytes.toString("hex"));
  });

  test("is read by the generated code", () => {
    expect(codec(message).decode(bytes)).toMatchObject(toGenerated(message, value));
  });
});

test("the vectors set every field of every message", () => {
  const covered = new Set<string>();
  for (const { message, value } of VECTORS) fieldsOf(message, value, covered);
  const all = Object.keys(MESSAGES).flatMap((message) => [
    message,
    ...fieldRows(message).map(({ name }) => `${message}.${name}`),
  ]);
  expect([...covered].toSorted()).toEqual(all.toSorted());
});

test("hand-made bytes agree: the packet that removes a pod has its uid in field 2", () => {
  const { WorkloadRequest } = generated.istio.workload.zds;
  expect(WorkloadRequest.decode(Buffer.from([0x12, 3, 0x12, 1, 0x75])).del?.uid).toBe("u");
});
