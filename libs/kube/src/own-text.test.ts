import { expect, test } from "vitest";
import { ownText } from "./own-text.ts";

test("ownText() gives back the same text, however many others came between", () => {
  const first = "registry.example/app-1:1.0";
  expect(ownText(first)).toBe(first);
  const others = Array.from({ length: 100_000 }, (_, index) => `pod-${index}-uid`);
  expect(others.filter((text) => ownText(text) !== text)).toEqual([]);
  expect(ownText(first)).toBe(first);
  expect(ownText("")).toBe("");
});
