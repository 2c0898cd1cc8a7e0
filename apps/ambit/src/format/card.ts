/** `name   value` lines with the names padded; rows without a value are left out. */
export function formatCard(rows: ReadonlyArray<readonly [name: string, value: string | undefined]>): string {
  const shown = rows.filter((row): row is readonly [string, string] => row[1] !== undefined && row[1] !== "");
  const width = Math.max(0, ...shown.map(([name]) => name.length));
  return shown.map(([name, value]) => `${name.padEnd(width + 2)}${value}\n`).join("");
}
