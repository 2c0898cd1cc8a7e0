import { describe, expect, test } from "vitest";
import { annotatedForwards, parseForward } from "./forward-spec.ts";
import { service } from "./testing/services.ts";

function annotated(text: string) {
  return annotatedForwards(service("web", { annotations: { "ambit.dev/forward": text } }));
}

describe("annotatedForwards()", () => {
  test.each([
    ["8080", [[8080, 80]]],
    ["8080:http", [[8080, 80]]],
    [
      "8080:80, 9090:80",
      [
        [8080, 80],
        [9090, 80],
      ],
    ],
    ["", []],
  ])("reads %j", (text, wanted) => {
    const { forwards, problems } = annotated(text);
    expect(forwards.map((forward) => [forward.hostPort, forward.port])).toEqual(wanted);
    expect(problems).toEqual([]);
  });

  test.each([
    ["x", /no port number/],
    ["70000", /no port number/],
    ["8080:grpc", /no such port/],
  ])("reports %j", (text, message) => {
    const { forwards, problems } = annotated(text);
    expect(forwards).toEqual([]);
    expect(problems[0]).toMatch(message);
  });
});

describe("parseForward()", () => {
  test("reads a host port and a target", () => {
    expect(parseForward("8080=default/web:http")).toEqual({
      hostPort: 8080,
      namespace: "default",
      name: "web",
      port: "http",
    });
    expect(parseForward("8080=default/web:80")?.port).toBe(80);
  });

  test.each([
    "",
    "8080",
    "0=default/web:80",
    "8080=web:80",
    "8080=default/web",
    "8080=default/web:0",
    "x=a/b:1",
  ])("refuses %j", (text) => expect(parseForward(text)).toBeUndefined());
});
