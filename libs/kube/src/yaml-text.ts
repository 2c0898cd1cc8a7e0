/** A piece of a file between document markers. */
export interface DocumentText {
  readonly text: string;
  /** Lines of the file before the piece. */
  readonly lineOffset: number;
}

/**
 * Cuts a YAML stream at its document markers. A marker at the start of a line ends a document whatever came before it
 * (YAML 1.2 section 9.1.2, c-forbidden), so a syntax error cannot reach past its own document, and an unchanged
 * document can be recognised by its text. Pieces without content are left out.
 */
export function splitDocuments(stream: string): DocumentText[] {
  const text = stream.startsWith("\uFEFF") ? stream.slice(1) : stream;
  const pieces: DocumentText[] = [];
  let start = 0;
  let lineOffset = 0;
  const push = (end: number): void => {
    const piece = text.slice(start, end);
    if (hasContent(piece)) pieces.push({ text: piece, lineOffset });
    lineOffset += countLines(piece);
  };
  const marker = /^(?:---|\.\.\.)(?=[ \t\r\n]|$)/gm;
  for (const match of text.matchAll(marker)) {
    push(match.index);
    // What follows `---` on its line belongs to the document; the marker itself becomes blanks to keep columns.
    start = match.index + match[0].length;
  }
  push(text.length);
  return pieces;
}

function countLines(text: string): number {
  let lines = 0;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) lines++;
  return lines;
}

// Comments and directives alone make no document.
function hasContent(piece: string): boolean {
  return /^[ \t]*[^ \t\r\n#%]/m.test(piece);
}
