import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";

const root = join(import.meta.dirname, "..");

interface ComposeFile {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

interface Service {
  readonly image: string;
  readonly profiles?: readonly string[];
  readonly ports?: readonly string[];
  readonly privileged?: boolean;
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly cap_add?: readonly string[];
  readonly healthcheck?: unknown;
}

function read(file: string): ComposeFile {
  return parse(readFileSync(join(root, file), "utf8"), { merge: true }) as ComposeFile;
}

const top = read("compose.yaml");
const mesh = read("deploy/compose/mesh.compose.yaml");

/** The mesh's part of compose.yaml under the names that the file for others gives it. */
function renamed(): unknown {
  const names = Object.keys(top.services).filter((name) => top.services[name]?.profiles?.[0] !== "apps");
  const services = Object.fromEntries(names.map((name) => [name, top.services[name]]));
  const own = (text: string): string => (text === "ambit" ? text : `ambit-${text}`);
  const rename = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(rename);
    if (typeof value === "object" && value !== null)
      return Object.fromEntries(
        Object.entries(value).map(([key, inner]) => [names.includes(key) ? own(key) : key, rename(inner)]),
      );
    if (typeof value !== "string") return value;
    const [volume = "", ...rest] = value.split(":");
    if (rest[0]?.startsWith("/") === true && volume in top.volumes) return [own(volume), ...rest].join(":");
    return value === "mesh" ? own(value) : value.replace(/^(nats|https):\/\//, "$1://ambit-");
  };
  const text = JSON.stringify(rename(services));
  return JSON.parse(text.replaceAll("./deploy/compose/manifests", "./ambit"));
}

test("mesh.compose.yaml is the mesh of compose.yaml under names of its own", () => {
  expect(mesh.services).toEqual(renamed());
  expect(Object.keys(mesh.volumes)).toEqual(Object.keys(top.volumes).map((name) => `ambit-${name}`));
});

test.each(Object.entries(top.services))("%s has no right it does not need", (name, service) => {
  const allowed: Readonly<Record<string, readonly string[]>> = {
    "node-agent": ["SYS_ADMIN", "NET_ADMIN", "SYS_PTRACE"],
    ztunnel: ["SYS_ADMIN", "NET_ADMIN"],
    ambit: ["DAC_OVERRIDE"],
  };
  expect(service).toMatchObject({ read_only: true, cap_drop: ["ALL"] });
  expect(service.cap_add ?? []).toEqual(allowed[name] ?? []);
  expect(service.privileged).toBeUndefined();
  for (const port of service.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:/);
});

test("compose.yaml checks the health of every service of the mesh", () => {
  for (const [name, service] of Object.entries(top.services))
    if (service.profiles === undefined)
      expect([name, service.healthcheck]).toEqual([name, expect.anything()]);
});

test("compose.yaml takes the images of this version", () => {
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
  for (const { image } of Object.values(top.services))
    expect(image).toMatch(
      new RegExp(`^\\$\\{AMBIT_IMAGES:-ambit\\}/[a-z-]+:\\$\\{AMBIT_VERSION:-${version}\\}$`),
    );
});
