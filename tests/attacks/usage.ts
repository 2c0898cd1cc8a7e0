/** What is used by whom, and how many descriptors the target's proxy has open. */
export interface Usage {
  /** Resident memory by part of the mesh. */
  readonly memoryMiB: Readonly<Record<string, number>>;
  readonly files: number;
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
