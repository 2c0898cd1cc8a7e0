import { parseCidr, parseIp } from "@ambit/base/ip.ts";
import { asMapping, describeValue, wrongType, type Path, type Report, type Schema } from "./schema.ts";

/** Text; numbers and booleans are refused, because YAML turned them into something else than was meant. */
export function text(
  options: {
    readonly pattern?: RegExp;
    readonly maxLength?: number;
    readonly expected?: string;
    readonly allowEmpty?: boolean;
  } = {},
): Schema<string> {
  const { pattern, maxLength = 65_536, expected = "text", allowEmpty = true } = options;
  return (value, path, report) => {
    if (typeof value !== "string") {
      if (typeof value === "number" || typeof value === "boolean") {
        return report.add(
          "AMB0006",
          path,
          `expected text, found ${describeValue(value)}`,
          "put it in quotes",
        );
      }
      return wrongType("text", value, path, report);
    }
    if (value.length > maxLength) {
      return report.add(
        "AMB0007",
        path,
        `text of ${value.length} characters is too long`,
        `at most ${maxLength}`,
      );
    }
    if ((!allowEmpty && value === "") || (pattern !== undefined && !pattern.test(value))) {
      return report.add("AMB0007", path, `${describeValue(value)} is not ${expected}`, `write ${expected}`);
    }
    return value;
  };
}

/** A whole number within a range, both ends included. */
export function integer(range: { readonly min: number; readonly max: number }): Schema<number> {
  return (value, path, report) => {
    if (typeof value !== "number") return wrongType("a number", value, path, report);
    if (Number.isInteger(value) && value >= range.min && value <= range.max) return value;
    return report.add(
      "AMB0007",
      path,
      `${value} is not a whole number from ${range.min} to ${range.max}`,
      "correct the number",
    );
  };
}

/** A port number, 1 to 65535. */
export const port: Schema<number> = integer({ min: 1, max: 65_535 });

/** True or false. */
export const flag: Schema<boolean> = (value, path, report) =>
  typeof value === "boolean" ? value : wrongType("true or false", value, path, report);

/** One of a closed set of words. */
export function oneOf<const Words extends readonly string[]>(words: Words): Schema<Words[number]> {
  return (value, path, report) => {
    const found = words.find((word) => word === value);
    if (found !== undefined) return found;
    return report.add(
      "AMB0007",
      path,
      `${describeValue(value)} is not allowed`,
      `use one of ${words.join(", ")}`,
    );
  };
}

/** A list; every wrong item is reported. `min` demands items. */
export function list<T>(item: Schema<T>, options: { readonly min?: number } = {}): Schema<readonly T[]> {
  return (value, path, report) => {
    if (!Array.isArray(value)) return wrongType("a list", value, path, report);
    if (value.length < (options.min ?? 0)) {
      return report.add("AMB0007", path, "the list is empty", "add an item, or remove the field");
    }
    const out: T[] = [];
    for (const [index, entry] of value.entries()) {
      const read = item(entry, { parent: path, key: index }, report);
      if (read !== undefined) out.push(read);
    }
    return out.length === value.length ? out : undefined;
  };
}

/** A mapping from any text to values of one kind, without a prototype. */
export function dictionary<T>(
  item: Schema<T>,
  key?: (key: string, path: Path, report: Report) => boolean,
): Schema<Readonly<Record<string, T>>> {
  return (value, path, report) => {
    const source = asMapping(value, path, report);
    if (source === undefined) return undefined;
    const out = Object.create(null) as Record<string, T>;
    let whole = true;
    for (const [name, entry] of Object.entries(source)) {
      const at = { parent: path, key: name };
      if (key !== undefined && !key(name, at, report)) whole = false;
      const read = item(entry, at, report);
      if (read === undefined) whole = false;
      else out[name] = read;
    }
    return whole ? out : undefined;
  };
}

/** Either form, tried by the type of the value. */
export function numberOrText(number: Schema<number>, word: Schema<string>): Schema<number | string> {
  return (value, path, report) =>
    typeof value === "number" ? number(value, path, report) : word(value, path, report);
}

/** An IPv4 or IPv6 address in text form. */
export const ipAddress: Schema<string> = (value, path, report) => {
  const found = text()(value, path, report);
  if (found === undefined || parseIp(found) !== undefined) return found;
  return report.add("AMB0007", path, `"${found}" is no IP address`, "write for example 10.0.0.1 or fd00::1");
};

/** An address, or a block such as 10.0.0.0/8. */
export const ipBlock: Schema<string> = (value, path, report) => {
  const found = text()(value, path, report);
  if (found === undefined || parseCidr(found) !== undefined) return found;
  return report.add(
    "AMB0007",
    path,
    `"${found}" is neither an IP address nor a block`,
    "write for example 10.0.0.0/8",
  );
};

const DNS_SUBDOMAIN = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/;

/** True for an RFC 1123 subdomain of at most 253 characters, as most Kubernetes names are. */
export function isDnsSubdomain(name: string): boolean {
  return name.length <= 253 && DNS_SUBDOMAIN.test(name);
}

const QUALIFIED =
  /^([a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*\/)?[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/;
const LABEL_VALUE = /^([A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?$/;

/** The key of a label: optional domain, slash, name. */
function labelKey(key: string, path: Path, report: Report): boolean {
  if (key.length <= 317 && QUALIFIED.test(key)) return true;
  report.add("AMB0007", path, `${describeValue(key)} is no label key`, "write name or domain/name", {
    at: "key",
  });
  return false;
}

/** The value of a label. */
const labelValue: Schema<string> = text({
  pattern: LABEL_VALUE,
  expected: "a label value of letters, digits, '.', '_' and '-', at most 63 characters",
});

/** Labels: keys and values as Kubernetes allows them. */
export const labels: Schema<Readonly<Record<string, string>>> = dictionary(labelValue, labelKey);
