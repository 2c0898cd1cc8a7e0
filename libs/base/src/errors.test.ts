import { expect, test } from "vitest";
import { AmbitError, describeError } from "./errors.ts";

test("describeError() joins the causes on one line", () => {
  const inner = new Error("connection refused\n  at somewhere");
  expect(describeError(new AmbitError("x", "Cannot dial", { cause: inner }))).toBe(
    "Cannot dial: connection refused at somewhere",
  );
});

test("describeError() takes what is no error", () => {
  expect(describeError("plain")).toBe("plain");
  expect(describeError({})).toBe("an unknown value was thrown");
});

test("AmbitError() keeps code, facts and hint", () => {
  const error = new AmbitError("bad", "Bad thing", { facts: { port: 1 }, hint: "do this" });
  expect(error).toMatchObject({ code: "bad", facts: { port: 1 }, hint: "do this", name: "AmbitError" });
});
