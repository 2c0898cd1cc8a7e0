import { expect, test } from "vitest";
import { expandSocketPath } from "./socket-path.ts";

test("expandSocketPath() puts the name of the machine in when it is asked for", () => {
  expect(expandSocketPath("/run/ambit/{hostname}.sock", "a1b2")).toBe("/run/ambit/a1b2.sock");
});

test("expandSocketPath() leaves any other path as it is", () => {
  expect(expandSocketPath("/run/ambit/admin.sock", "a1b2")).toBe("/run/ambit/admin.sock");
});
