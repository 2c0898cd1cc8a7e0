/** What is used by whom, and how many descriptors the target's proxy has open. */
export interface Usage {
  /** Resident memory by part of the mesh. */
  readonly memoryMiB: Readonly<Record<string, number>>;
  readonly files: number;
}

/** The most of either. */
export function most(left: Usage, right: Usage): Usage {
  const parts = Object.keys(left.memoryMiB).map((part) => {
    const used = Math.max(left.memoryMiB[part] ?? 0, right.memoryMiB[part] ?? 0);
    return [part, used] as const;
  });
  return { memoryMiB: Object.fromEntries(parts), files: Math.max(left.files, right.files) };
}

/** How much more than before may be used at the end. */
const MORE = 1.1;

/** Parts of the mesh that use over a tenth more memory than before. */
export function grown(before: Usage, after: Usage): readonly string[] {
  return Object.keys(after.memoryMiB).filter(
    (part) => (after.memoryMiB[part] ?? 0) > (before.memoryMiB[part] ?? 0) * MORE,
  );
}

/** Nothing uses over a tenth more than before. */
export function isBack(before: Usage, after: Usage): boolean {
  return grown(before, after).length === 0;
}
