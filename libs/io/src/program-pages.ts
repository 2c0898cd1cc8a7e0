/** A part of this process's address space. */
export interface PageRange {
  readonly start: number;
  readonly bytes: number;
}

/** `55d0c0000000-55d0c2d08000 r-xp 03b00000 08:01 1234   /usr/bin/node` and its like. */
const MAPPING = /^([0-9a-f]+)-([0-9a-f]+) (\S+) \S+ \S+ \S+ *(.*)$/;

/**
 * Where a program's file is mapped read-only and nothing has been written since: code and constants, which the kernel maps
 * again from its page cache when they are used next. `smaps` is the text of `/proc/self/smaps` (proc_pid_smaps(5)); a
 * mapping of which it does not say that no page is private is left out.
 */
export function unchangedPages(smaps: string, program: string): readonly PageRange[] {
  const ranges: PageRange[] = [];
  let mapped: PageRange | undefined;
  for (const line of smaps.split("\n")) {
    const [, start = "", end = "", mode, path] = MAPPING.exec(line) ?? [];
    if (mode !== undefined) {
      const first = Number.parseInt(start, 16);
      const isOurs = path === program && (mode === "r-xp" || mode === "r--p");
      mapped = isOurs ? { start: first, bytes: Number.parseInt(end, 16) - first } : undefined;
    } else if (mapped !== undefined && /^Anonymous: +0 kB$/.test(line)) {
      ranges.push(mapped);
    }
  }
  return ranges;
}
