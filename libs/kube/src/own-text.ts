/** Texts of one generation; the one before is kept for as long again. */
const GENERATION = 16_384;

let young = new Map<string, string>();
let old = new Map<string, string>();

/**
 * The same text as a string of its own. A slice keeps the whole file it was cut from in memory; what is returned
 * does not, and texts that keep coming (namespaces, images, labels) are one string. Only for ASCII.
 */
export function ownText(text: string): string {
  const recent = young.get(text);
  if (recent !== undefined) return recent;
  // Through bytes, because that is the only copy an engine cannot put off.
  const own = old.get(text) ?? Buffer.from(text, "latin1").toString("latin1");
  if (young.size >= GENERATION) {
    old = young;
    young = new Map();
  }
  young.set(own, own);
  return own;
}
