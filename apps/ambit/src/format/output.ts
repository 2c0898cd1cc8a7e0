import pc from "picocolors";
import { stringify } from "yaml";

/** How a command prints: for people, or as data. */
export type OutputFormat = "short" | "json" | "yaml";

/** Writes to standard output. */
export function print(text: string): void {
  process.stdout.write(text.endsWith("\n") ? text : `${text}\n`);
}

/** Prints `data` as JSON or YAML, or what `people` makes of it. */
export function printAs(format: OutputFormat, data: unknown, people: () => string): void {
  switch (format) {
    case "json":
      print(JSON.stringify(data, undefined, 2));
      break;
    case "yaml":
      print(stringify(data));
      break;
    case "short":
      print(people());
      break;
  }
}

export const MARK = {
  ok: pc.green("ok"),
  warn: pc.yellow("!!"),
  fail: pc.red("xx"),
  info: pc.dim("--"),
} as const;
