import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import protobuf from "protobufjs";
import { describe, expect, test } from "vitest";
import { aggregatedDiscoveryService, certificateService } from "../grpc-services.ts";
import { ENUMS, MESSAGES, METHODS, RESERVED } from "./fields.ts";

const PROTO = join(import.meta.dirname, "../../../../proto");

/** The contract as proto/ has it, in the form of the tables. */
interface Parsed {
  readonly messages: Record<string, string[]>;
  readonly enums: Record<string, Record<string, number>>;
  readonly reserved: Record<string, (number | string)[]>;
  readonly methods: Record<string, string>;
}

function parseProto(): Parsed {
  const root = new protobuf.Root();
  for (const file of readdirSync(PROTO, { recursive: true, encoding: "utf8" })) {
    if (file.endsWith(".proto"))
      protobuf.parse(readFileSync(join(PROTO, file), "utf8"), root, { keepCase: true });
  }
  root.resolveAll();
  const parsed: Parsed = { messages: {}, enums: {}, reserved: {}, methods: {} };
  walk(root, "", parsed);
  return parsed;
}

function walk(namespace: protobuf.NamespaceBase, packageName: string, into: Parsed): void {
  for (const entry of namespace.nestedArray) {
    const name = entry.fullName.slice(1);
    if (entry instanceof protobuf.Type) {
      into.messages[name] = entry.fieldsArray.map((field) => describeField(field, packageName));
      const reserved = (entry.reserved ?? []).map((range) => (Array.isArray(range) ? range[0] : range));
      if (reserved.length > 0) into.reserved[name] = reserved.filter((value) => value !== undefined);
      walk(entry, packageName, into);
    } else if (entry instanceof protobuf.Enum) into.enums[name] = entry.values;
    else if (entry instanceof protobuf.Service) {
      for (const method of entry.methodsArray) {
        const request = method.resolvedRequestType?.fullName.slice(1);
        const response = method.resolvedResponseType?.fullName.slice(1);
        const sides = [
          method.requestStream === true ? "stream" : "",
          request,
          method.responseStream === true ? "stream" : "",
          response,
        ];
        into.methods[`/${name}/${method.name}`] = sides.filter((side) => side !== "").join(" ");
      }
    } else if (entry instanceof protobuf.Namespace) walk(entry, name, into);
  }
}

function describeField(field: protobuf.Field, packageName: string): string {
  const own = `${packageName}.`;
  const full = field.resolvedType?.fullName.slice(1) ?? field.type;
  const short = full.startsWith(own) && field.resolvedType !== null ? full.slice(own.length) : full;
  const type = field instanceof protobuf.MapField ? `map<${field.keyType}, ${short}>` : short;
  const isOptional = field.options?.["proto3_optional"] === true;
  const rule = field.repeated ? "repeated " : isOptional ? "optional " : "";
  const oneof = field.partOf !== null && !isOptional ? ` in ${field.partOf.name}` : "";
  return `${field.id} ${field.name} ${rule}${type}${oneof}`;
}

function byNumber(lines: readonly string[]): string[] {
  return lines.toSorted((left, right) => Number.parseInt(left, 10) - Number.parseInt(right, 10));
}

const parsed = parseProto();

describe("proto/ against the reference table", () => {
  test("has exactly the messages of the table", () => {
    expect(Object.keys(parsed.messages).toSorted()).toEqual(Object.keys(MESSAGES).toSorted());
  });

  test.each(Object.keys(MESSAGES))("%s has exactly the fields of the table", (name) => {
    expect(byNumber(parsed.messages[name] ?? [])).toEqual(byNumber(MESSAGES[name] ?? []));
  });

  test("has exactly the enums of the table, numbered as it says", () => {
    const expected = Object.entries(ENUMS).map(([name, values]) => [
      name,
      Object.fromEntries(values.map((value, number) => [value, number])),
    ]);
    expect(parsed.enums).toEqual(Object.fromEntries(expected));
  });

  test("keeps exactly the reserved numbers and names of the table", () => {
    expect(parsed.reserved).toEqual(RESERVED);
  });

  test("has exactly the methods of the table", () => {
    expect(parsed.methods).toEqual(METHODS);
  });
});

describe("the services that grpc-js is given", () => {
  test("stand at the table's paths with the table's streaming", () => {
    const services = [
      aggregatedDiscoveryService.deltaAggregatedResources,
      certificateService.createCertificate,
    ];
    const found = services.map(({ path, requestStream, responseStream }) => [
      path,
      { requestStream, responseStream },
    ]);
    const expected = Object.entries(METHODS).map(([path, sides]) => [
      path,
      { requestStream: sides.startsWith("stream "), responseStream: sides.includes(" stream ") },
    ]);
    expect(Object.fromEntries(found)).toEqual(Object.fromEntries(expected));
  });
});
