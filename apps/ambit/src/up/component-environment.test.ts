import { expect, test } from "vitest";
import { readEnvironment } from "./component-environment.ts";

test("readEnvironment() gathers the variables of each component", () => {
  const entries = ["ca:A=1", "ztunnel-node-a:B=x=y:z", "ca:C="];
  expect(readEnvironment(entries)).toEqual({ ca: { A: "1", C: "" }, "ztunnel-node-a": { B: "x=y:z" } });
});

test("readEnvironment() keeps the last of two values", () => {
  expect(readEnvironment(["bus:A=1", "bus:A=2"])).toEqual({ bus: { A: "2" } });
});

test.each(["A=1", "ca", "ca:=1", "ca:1A=1", ":A=1"])(
  "readEnvironment() says how %s is to be written",
  (entry) => {
    expect(readEnvironment([entry])).toBe(`${entry}: takes COMPONENT:NAME=VALUE`);
  },
);

test("readEnvironment() names the components for one that does not exist", () => {
  expect(readEnvironment(["pilot:A=1"])).toContain("there is no component pilot; there are bus, ca");
});
