import { createHash } from "node:crypto";
import type { NpmPackage } from "./packages.ts";
import type { SystemFile } from "./system.ts";

/** One line of a bill of materials. */
export interface Component {
  readonly type: "application" | "library" | "platform";
  readonly name: string;
  readonly version: string;
  readonly purl?: string;
  readonly licence?: string;
}

/** A CycloneDX bill of materials as JSON text: the same components give the same text, its serial number included. */
export function cycloneDx(subject: Component, components: readonly Component[]): string {
  const listed = components.map(describe);
  const body = { metadata: { component: describe(subject) }, components: listed };
  return `${JSON.stringify(
    {
      bomFormat: "CycloneDX",
      specVersion: "1.6",
      serialNumber: `urn:uuid:${uuidOf(JSON.stringify(body))}`,
      version: 1,
      ...body,
      dependencies: [{ ref: referenceOf(subject), dependsOn: components.map(referenceOf).toSorted() }],
    },
    undefined,
    2,
  )}\n`;
}

function referenceOf({ purl, type, name, version }: Component): string {
  return purl ?? `${type}:${name}@${version}`;
}

function describe(component: Component): Record<string, unknown> {
  const { type, name, version, purl, licence } = component;
  return {
    type,
    "bom-ref": referenceOf(component),
    name,
    version,
    ...(purl === undefined ? {} : { purl }),
    ...(licence === undefined || licence === "" ? {} : { licenses: [licenceOf(licence)] }),
  };
}

// A single SPDX identifier is one thing, an expression of several another.
function licenceOf(text: string): Record<string, unknown> {
  return /^[A-Za-z0-9.+-]+$/.test(text) ? { license: { id: text } } : { expression: text };
}

// Version 8 is the UUID for a scheme of one's own: here the hash of the content.
function uuidOf(text: string): string {
  const hex = createHash("sha256").update(text).digest("hex");
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join("-");
}

export function npmComponent({ name, version, licence, foreign }: NpmPackage): Component {
  const purl = `pkg:npm/${name.replace(/^@/, "%40")}@${version}`;
  return { type: "library", name, version, licence, ...(foreign ? { purl } : {}) };
}

/** The runtime and the libraries inside it, which scanners cannot see from outside. */
export function runtimeComponents(
  versions: Readonly<Record<string, string | undefined>>,
): readonly Component[] {
  const NOT_CODE = new Set(["node", "modules", "napi", "unicode", "cldr", "tz"]);
  const { node = "" } = versions;
  return [
    { type: "platform", name: "node", version: node, purl: `pkg:generic/node@${node}`, licence: "MIT" },
    ...Object.entries(versions)
      .filter(([name]) => !NOT_CODE.has(name))
      .map(([name, version = ""]) => ({
        type: "library" as const,
        name,
        version,
        purl: `pkg:generic/${name}@${encodeURIComponent(version)}`,
      })),
  ];
}

/** The distribution packages that system files were taken from; a file of unknown origin is listed by its path. */
export function systemComponents(files: readonly SystemFile[]): readonly Component[] {
  const components = new Map<string, Component>();
  for (const { path, origin } of files) {
    const component: Component =
      origin === undefined
        ? { type: "library", name: path, version: "unknown" }
        : {
            type: "library",
            name: origin.name,
            version: origin.version,
            purl: `pkg:deb/${origin.distribution}/${origin.name}@${encodeURIComponent(origin.version)}`,
          };
    components.set(referenceOf(component), component);
  }
  return [...components.values()];
}

/** The modules that a Go program says it was built from. */
export function goComponents(program: Buffer): readonly Component[] {
  const components: Component[] = [];
  const lines = program.toString("latin1").matchAll(/^(mod|dep)\t([\w./~-]+)\t(v[\w.+-]+)/gm);
  for (const [, kind, name = "", version = ""] of lines) {
    const type = kind === "mod" ? "application" : "library";
    components.push({ type, name, version, purl: `pkg:golang/${name}@${encodeURIComponent(version)}` });
  }
  return components;
}
