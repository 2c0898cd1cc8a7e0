import { ENUMS, MESSAGES } from "../reference/fields.ts";

/**
 * A message as plain data: names as in the contract, bytes as hexadecimal text, enums as numbers, maps as objects.
 */
export interface PlainMessage {
  readonly [field: string]: PlainValue;
}
export type PlainValue = string | number | boolean | PlainMessage | readonly PlainValue[];

/** One row of the reference table, taken apart. */
export interface FieldRow {
  readonly number: number;
  readonly name: string;
  readonly isRepeated: boolean;
  /** Full name of a message, or a scalar's name; enums read as `enum`. */
  readonly type: string;
  /** Set for maps: the type of the values; keys are strings. */
  readonly mapValue: string | undefined;
}

/** The fields of a message by the reference table, in the order of their numbers. */
export function fieldRows(message: string): FieldRow[] {
  const lines = MESSAGES[message];
  if (lines === undefined) throw new Error(`the table has no ${message}`);
  const rows = lines.map((line): FieldRow => {
    const [number = "", name = "", ...rest] = line.replace(/ in \w+$/, "").split(" ");
    const words = rest.join(" ").replace(/^optional /, "");
    const isRepeated = words.startsWith("repeated ");
    const map = /^map<string, (.+)>$/.exec(words);
    return {
      number: Number(number),
      name,
      isRepeated,
      type: map === null ? resolve(message, words.replace(/^repeated /, "")) : "map",
      mapValue: map === null ? undefined : resolve(message, map[1] ?? ""),
    };
  });
  return rows.toSorted((left, right) => left.number - right.number);
}

function resolve(message: string, type: string): string {
  for (let scope = message; scope.includes(".");) {
    scope = scope.slice(0, scope.lastIndexOf("."));
    if (`${scope}.${type}` in MESSAGES) return `${scope}.${type}`;
    if (`${scope}.${type}` in ENUMS) return "enum";
  }
  if (type in ENUMS) return "enum";
  return type;
}

/** The wire form by the protobuf specification, knowing nothing but the reference table. */
export function encodePlain(message: string, value: PlainMessage): Buffer {
  const parts: Buffer[] = [];
  for (const row of fieldRows(message)) {
    const held = value[row.name];
    if (held === undefined) continue;
    if (row.mapValue !== undefined) {
      for (const [key, entry] of Object.entries(held as PlainMessage)) {
        const pair = [delimited(1, Buffer.from(key)), single(2, row.mapValue, entry)];
        parts.push(delimited(row.number, Buffer.concat(pair)));
      }
    } else if (!row.isRepeated) parts.push(single(row.number, row.type, held));
    else if (isPackable(row.type)) {
      const numbers = (held as readonly number[]).map((number) => varint(number));
      parts.push(delimited(row.number, Buffer.concat(numbers)));
    } else for (const entry of held as readonly PlainValue[]) parts.push(single(row.number, row.type, entry));
  }
  return Buffer.concat(parts);
}

function isPackable(type: string): boolean {
  return type === "enum" || type === "uint32";
}

function single(number: number, type: string, value: PlainValue): Buffer {
  switch (type) {
    case "string":
      return delimited(number, Buffer.from(value as string));
    case "bytes":
      return delimited(number, Buffer.from(value as string, "hex"));
    case "double": {
      const bytes = Buffer.alloc(8);
      bytes.writeDoubleLE(value as number);
      return Buffer.concat([tag(number, 1), bytes]);
    }
    case "bool":
    case "enum":
    case "uint32":
    case "int32":
    case "int64":
      return Buffer.concat([tag(number, 0), varint(Number(value))]);
    default:
      return delimited(number, encodePlain(type, value as PlainMessage));
  }
}

function tag(number: number, wireType: number): Buffer {
  return varint(number * 8 + wireType);
}

function delimited(number: number, bytes: Buffer): Buffer {
  return Buffer.concat([tag(number, 2), varint(bytes.length), bytes]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = BigInt(value);
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return Buffer.from([...bytes, Number(rest)]);
}
