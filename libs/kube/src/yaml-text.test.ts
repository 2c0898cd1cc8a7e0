import { describe, expect, test } from "vitest";
import { splitDocuments } from "./yaml-text.ts";

describe("splitDocuments()", () => {
  test("cuts at markers and keeps the line numbers", () => {
    expect(splitDocuments("a: 1\n---\nb: 2\n--- # note\nc: 3\n...\n")).toEqual([
      { text: "a: 1\n", lineOffset: 0 },
      { text: "\nb: 2\n", lineOffset: 1 },
      { text: " # note\nc: 3\n", lineOffset: 3 },
    ]);
  });

  test("leaves out directives, comments and blank pieces, and a byte order mark", () => {
    expect(splitDocuments("\uFEFF%YAML 1.2\n---\n# nothing\n---\n\n---\r\na: 1\r\n")).toEqual([
      { text: "\r\na: 1\r\n", lineOffset: 5 },
    ]);
  });

  test("a marker ends a document even inside quotes, and dashes elsewhere are no marker", () => {
    expect(splitDocuments('a: "x\n---\nb: ---\n').map((piece) => piece.text)).toEqual([
      'a: "x\n',
      "\nb: ---\n",
    ]);
    expect(splitDocuments("----\na\n")).toHaveLength(1);
  });
});
