import { describe, expect, test } from "vitest";
import { cycloneDx, goComponents, npmComponent, runtimeComponents, systemComponents } from "./sbom.ts";

const SUBJECT = { type: "application", name: "ambit-ca", version: "1.0.0" } as const;
const NPM = npmComponent({
  name: "@grpc/grpc-js",
  version: "1.2.3",
  licence: "Apache-2.0",
  folder: "",
  foreign: true,
});
const OWN = npmComponent({ name: "@ambit/ca", version: "1.0.0", licence: "", folder: "", foreign: false });

describe("cycloneDx()", () => {
  test("names the subject, every component and how they depend on each other", () => {
    expect(JSON.parse(cycloneDx(SUBJECT, [NPM, OWN]))).toMatchObject({
      bomFormat: "CycloneDX",
      specVersion: "1.6",
      version: 1,
      metadata: { component: { "bom-ref": "application:ambit-ca@1.0.0" } },
      components: [
        {
          "bom-ref": "pkg:npm/%40grpc/grpc-js@1.2.3",
          name: "@grpc/grpc-js",
          licenses: [{ license: { id: "Apache-2.0" } }],
        },
        { "bom-ref": "library:@ambit/ca@1.0.0" },
      ],
      dependencies: [
        {
          ref: "application:ambit-ca@1.0.0",
          dependsOn: ["library:@ambit/ca@1.0.0", "pkg:npm/%40grpc/grpc-js@1.2.3"],
        },
      ],
    });
  });

  test("has a UUID of its content: the same text for the same content, another for other content", () => {
    const text = cycloneDx(SUBJECT, [NPM]);
    expect(cycloneDx(SUBJECT, [NPM])).toBe(text);
    const serial = (json: string): string => (JSON.parse(json) as { serialNumber: string }).serialNumber;
    expect(serial(text)).toMatch(/^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(serial(cycloneDx(SUBJECT, [OWN]))).not.toBe(serial(text));
  });

  test("tells one licence from an expression of several, and says nothing where there is none", () => {
    const licences = (licence: string): unknown => {
      const { components } = JSON.parse(cycloneDx(SUBJECT, [{ ...NPM, licence }])) as {
        components: readonly { licenses?: unknown }[];
      };
      return components[0]?.licenses;
    };
    expect(licences("(MIT OR Apache-2.0)")).toEqual([{ expression: "(MIT OR Apache-2.0)" }]);
    expect(licences("")).toBeUndefined();
  });
});

describe("runtimeComponents()", () => {
  test("lists the runtime and the libraries in it, not the numbers that are no code", () => {
    const found = runtimeComponents({
      node: "24.1.0",
      openssl: "3.5.0+quic",
      modules: "137",
      unicode: "16.0",
    });
    expect(found.map(({ purl }) => purl)).toEqual([
      "pkg:generic/node@24.1.0",
      "pkg:generic/openssl@3.5.0%2Bquic",
    ]);
  });
});

describe("systemComponents()", () => {
  test("lists each package of the distribution once, and a file of unknown origin by its path", () => {
    const origin = { distribution: "debian", name: "libc6", version: "2.36-9+deb12u1" };
    const found = systemComponents([
      { path: "/lib/libc.so.6", source: "/lib/libc.so.6", origin },
      { path: "/lib/libm.so.6", source: "/lib/libm.so.6", origin },
      { path: "/opt/odd.so", source: "/opt/odd.so", origin: undefined },
    ]);
    expect(found.map(({ name, purl }) => [name, purl])).toEqual([
      ["libc6", "pkg:deb/debian/libc6@2.36-9%2Bdeb12u1"],
      ["/opt/odd.so", undefined],
    ]);
  });
});

describe("goComponents()", () => {
  test("finds what a Go program says it was built from, between bytes that are no text", () => {
    const program = Buffer.concat([
      Buffer.from([0xff, 0x00, 0x0a]),
      Buffer.from("path\tgithub.com/nats-io/nats-server/v2\n"),
      Buffer.from("mod\tgithub.com/nats-io/nats-server/v2\tv2.10.1\t\n"),
      Buffer.from("dep\tgolang.org/x/crypto\tv0.31.0\th1:abc=\n"),
      Buffer.from([0x00, 0xfe]),
    ]);
    expect(goComponents(program).map(({ type, purl }) => [type, purl])).toEqual([
      ["application", "pkg:golang/github.com/nats-io/nats-server/v2@v2.10.1"],
      ["library", "pkg:golang/golang.org/x/crypto@v0.31.0"],
    ]);
    expect(goComponents(Buffer.from("no go\n"))).toEqual([]);
  });
});
