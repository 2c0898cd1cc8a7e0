import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  ENTRYPOINT,
  imageName,
  labelsOf,
  publicAddress,
  readRelease,
  userOf,
  type Release,
} from "./metadata.ts";
import { SERVICES } from "./services.ts";

const root = join(import.meta.dirname, "../..");
const RELEASE: Release = {
  version: "1.2.3",
  source: "https://example.org/ambit",
  revision: "abc",
  created: "2026-01-01T00:00:00Z",
};

describe("publicAddress()", () => {
  test.each([
    ["https://example.org/a/b.git", "https://example.org/a/b"],
    ["https://user:secret@example.org/a/b.git?token=x", "https://example.org/a/b"],
    ["http://example.org/a/b", "https://example.org/a/b"],
    ["git@example.org:a/b.git", "https://example.org/a/b"],
  ])("shows %s as %s", (remote, shown) => expect(publicAddress(remote)).toBe(shown));

  test.each(["", "/home/somebody/ambit", "file:///home/somebody/ambit", "../ambit", "https://"])(
    "shows nothing of %j",
    (remote) => expect(publicAddress(remote)).toBeUndefined(),
  );
});

describe("readRelease()", () => {
  test("takes time and source from the environment where it names them", () => {
    const environment = { SOURCE_DATE_EPOCH: "1700000000", AMBIT_IMAGE_SOURCE: "https://example.org/x" };
    expect(readRelease(root, environment)).toMatchObject({
      created: "2023-11-14T22:13:20Z",
      source: "https://example.org/x",
      version: expect.stringMatching(/^\d+\.\d+\.\d+$/) as string,
    });
  });

  test("names no folder of this machine", () => {
    const { source } = readRelease(root, {});
    expect(source).toMatch(/^https:\/\//);
    expect(source).not.toContain(root);
  });
});

describe("labelsOf()", () => {
  test("says of every image what it is and where it comes from", () => {
    for (const service of SERVICES) {
      expect(labelsOf(service, RELEASE)).toMatchObject({
        "org.opencontainers.image.title": `ambit-${service.name}`,
        "org.opencontainers.image.version": "1.2.3",
        "org.opencontainers.image.source": "https://example.org/ambit",
        "org.opencontainers.image.revision": "abc",
      });
      expect(imageName(service, RELEASE)).toBe(`ambit/${service.name}:1.2.3`);
    }
  });
});

describe("userOf()", () => {
  test("is root for what needs capabilities alone, and another user for each other service", () => {
    const users = SERVICES.map(userOf);
    const roots = SERVICES.filter((service) => userOf(service).startsWith("0:"));
    expect(roots.map(({ name }) => name)).toEqual(["ztunnel", "node-agent"]);
    expect(new Set(users).size).toBe(SERVICES.length - 1);
  });
});

test("deploy/images/Dockerfile starts a service as the images made here do", () => {
  const lines = readFileSync(join(root, "deploy/images/Dockerfile"), "utf8").split("\n");
  const entrypoint = lines.find((line) => line.startsWith("ENTRYPOINT "));
  expect(JSON.parse(entrypoint?.slice("ENTRYPOINT ".length) ?? "")).toEqual(ENTRYPOINT);
});
