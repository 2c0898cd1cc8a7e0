import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { canonicalImage, findImage, readImages } from "./images.ts";

describe("canonicalImage()", () => {
  test.each([
    ["myapp", "myapp:latest"],
    ["docker.io/library/nginx", "nginx:latest"],
    ["registry:5000/team/app", "registry:5000/team/app:latest"],
    ["app@sha256:00", "app@sha256:00"],
    ["app:1.2", "app:1.2"],
  ])("spells %s as %s", (given, wanted) => expect(canonicalImage(given)).toBe(wanted));
});

describe("readImages()", () => {
  test("reads commands, arguments, folders and variables", () => {
    const images = readImages(
      "images:\n  myapp: { command: [node, server.ts, 7], args: [x], cwd: app, env: { A: 1 } }\n  other:1: [run]\n",
      "/m/ambit.yaml",
    );
    expect(images.get("myapp:latest")).toEqual({
      command: ["node", "server.ts", "7"],
      args: ["x"],
      cwd: "/m/app",
      env: { A: "1" },
    });
    expect(images.get("other:1")).toMatchObject({ command: ["run"], cwd: "/m" });
  });

  test.each([
    ["images: [a]", /images: expected a mapping/],
    ["images: { a: { comand: [x] } }", /images\["a"\]\.comand: unknown field/],
    ["images: { a: { command: [] } }", /command: expected a list with a program/],
    ["images: { a: { command: [{}] } }", /command\[0\]: expected a text/],
    ["images: {", /no YAML/],
  ])("refuses %s and says where", (text, message) => {
    expect(() => readImages(text, "/m/ambit.yaml")).toThrow(message);
  });

  test("takes a file without images as empty", () => expect(readImages("", "/m/ambit.yaml").size).toBe(0));
});

describe("findImage()", () => {
  let top = "";
  beforeEach(() => {
    top = mkdtempSync(join(tmpdir(), "ambit-images-"));
    mkdirSync(join(top, "a/b"), { recursive: true });
    writeFileSync(join(top, "ambit.yaml"), "images: { one: { command: [top] }, two: { command: [top] } }");
    writeFileSync(join(top, "a/ambit.yaml"), "images: { one: { command: [near] } }");
  });
  afterEach(() => rmSync(top, { recursive: true }));

  test("takes the nearest file that names the image", () => {
    expect(findImage("one:latest", join(top, "a/b"), top)?.command).toEqual(["near"]);
    expect(findImage("two", join(top, "a/b"), top)?.command).toEqual(["top"]);
    expect(findImage("three", join(top, "a/b"), top)).toBeUndefined();
  });

  test("does not look outside the source folder", () => {
    expect(findImage("two", join(top, "a"), join(top, "a"))).toBeUndefined();
  });
});
