import { expect, test } from "vitest";
import { formatAge, formatTable } from "./table.ts";

test("formatTable() pads columns to their widest cell and trims line ends", () => {
  expect(
    formatTable(
      ["A", "BB"],
      [
        ["long", ""],
        ["x", "y"],
      ],
    ),
  ).toBe("A      BB\nlong\nx      y\n");
});

test.each([
  [5_000, "5s"],
  [119_000, "119s"],
  [180_000, "3m"],
  [7_200_000, "2h"],
  [19_980_000, "5h33m"],
  [187_200_000, "2d4h"],
  [315_360_000_000, "3650d"],
])("formatAge() of %d ms", (milliseconds, expected) => expect(formatAge(milliseconds)).toBe(expected));
