import { parse } from "yaml";
import type { Random } from "@ambit/base/random.ts";
import { readDocument, type ReadDocument } from "@ambit/kube/read-resources.ts";
import { podValue, policyValue, serviceValue, yamlDocument } from "@ambit/kube/testing/yaml-builder.ts";
import { EMPTY_CONTENT, readFileContent } from "../../../libs/kube/src/file-content.ts";
import { splitDocuments } from "../../../libs/kube/src/yaml-text.ts";
import { must, mustEqual, type FuzzTarget } from "../target.ts";
import { ipText, once, pick, portNumber, several, word } from "../words.ts";

const PLACE = { file: "a.yaml", rank: 0, round: 1 };
const PAUSE = async (): Promise<void> => undefined;

/** Files of the mesh's configuration, of every kind that is read. */
export async function create(): Promise<FuzzTarget> {
  const before = await readFileContent(GOOD, EMPTY_CONTENT, PLACE, PAUSE);
  return {
    valid: (random) => Buffer.from(someFile(random)),
    check: async (input) => {
      const text = Buffer.from(input).toString("utf8");
      const after = await readFileContent(text, before, { ...PLACE, round: 2 }, PAUSE);
      for (const { origin } of after.diagnostics) must("a finding has a line", (origin?.line ?? 0) >= 1);
      const read = splitDocuments(text).map((piece) => readDocument(piece.text));
      for (const { entries, diagnostics } of read) checkDocument(entries, diagnostics);
      // What cannot be read in full may have been a policy of before: each is still there.
      if (read.every(({ entries }) => entries.every(({ resource }) => resource !== undefined))) return;
      for (const { key } of before.claims)
        must(
          `what was good stays: ${key}`,
          after.claims.some((claim) => claim.key === key),
        );
    },
    prove: (random) => {
      const value = someObject(random);
      const [entry] = readDocument(yamlDocument(value)).entries;
      const [again] = readDocument(JSON.stringify(parse(yamlDocument(value)))).entries;
      mustEqual("YAML and JSON say the same", again?.object, entry?.object);
    },
  };
}

const GOOD = [
  yamlDocument(policyValue("p1", { action: "DENY", rules: [{ from: [{ source: { namespaces: ["x"] } }] }] })),
  yamlDocument(policyValue("p2", { action: "ALLOW", rules: [] })),
].join("---\n");

function checkDocument(entries: ReadDocument["entries"], diagnostics: ReadDocument["diagnostics"]): void {
  for (const { line, message } of diagnostics)
    must("a diagnostic has a place and a text", line >= 1 && message !== "");
  for (const { object, resource } of entries) {
    must("what is good has a name", object === undefined || (resource?.name ?? "") !== "");
    mustBeText(object);
  }
}

// The wire is UTF-8: a lone half of a surrogate pair would make a message that nobody can read.
function mustBeText(value: unknown): void {
  if (typeof value === "string") must("text can be sent", value.isWellFormed());
  else if (typeof value === "number") must("a number is one", Number.isFinite(value));
  else if (typeof value === "object" && value !== null) {
    const entries = value instanceof Map ? value : Object.entries(value);
    for (const [key, inner] of entries) {
      mustBeText(key);
      mustBeText(inner);
    }
  }
}

function someFile(random: Random): string {
  const documents = Array.from({ length: 1 + random.below(3) }, () => someDocument(random));
  return documents.join(once(random, 6) ? "...\n---\n" : "---\n");
}

function someDocument(random: Random): string {
  if (once(random, 8)) return pick(random, ODD_DOCUMENTS);
  const value = someObject(random);
  if (once(random, 6)) return JSON.stringify(value);
  if (once(random, 8))
    return yamlDocument({ apiVersion: "v1", kind: "List", items: [value, someObject(random)] });
  return yamlDocument(value);
}

const ODD_DOCUMENTS = [
  "a: &a [*a]\n",
  "a: &x {b: *x}\n",
  "&a a: *a\n",
  "? {a: b}\n: c\n",
  "a: !!binary aGk=\nb: !!set {x}\n",
  '"\\ud800": "\\udfff"\n',
  "a: .inf\nb: .nan\nc: 0x1f\nd: 1e400\n",
  "<<: {a: b}\na: c\n",
  "a: |2\n   x\nb: >-\n  y\n",
  "%YAML 1.2\n---\na: 1\n",
  "[[[[[[[[[[[[[[[[",
  "{a: {a: {a: {a: {",
  "a: 'x\n",
  "\tb: 1\n",
  "__proto__: {x: 1}\nconstructor: 2\n",
  "x: &l [a,a]\ny: &m [*l,*l]\nz: &n [*m,*m]\nw: [*n,*n,*n]\n",
];

function someObject(random: Random): object {
  const name = once(random, 6) ? word(random) : `n${random.below(4)}`;
  const namespace = once(random, 6) ? word(random) : "shop";
  const labels = Object.fromEntries(several(random, 3, () => [word(random), word(random)]));
  const metadata = { name, namespace, labels };
  switch (random.below(10)) {
    case 0:
      return podValue({ name, namespace, labels, ip: ipText(random) });
    case 1:
      return serviceValue({ name, namespace, spec: { ports: several(random, 2, () => somePort(random)) } });
    case 2:
    case 3:
      return policyValue(name, somePolicySpec(random), namespace);
    case 4:
      return serviceEntry(metadata, random);
    case 5:
      return { apiVersion: "v1", kind: pick(random, ["Namespace", "ServiceAccount", "Node"]), metadata };
    case 6:
      return workloadEntry(metadata, random);
    case 7:
      return endpointSlice(metadata, random);
    case 8: {
      const spec = { mtls: { mode: pick(random, ["STRICT", "PERMISSIVE", word(random)]) } };
      return { apiVersion: "security.istio.io/v1", kind: "PeerAuthentication", metadata, spec };
    }
    default:
      return { apiVersion: "apps/v1", kind: "Deployment", metadata, spec: { replicas: random.below(9) - 2 } };
  }
}

function serviceEntry(metadata: object, random: Random): object {
  const spec = {
    hosts: several(random, 2, () => word(random)),
    addresses: several(random, 2, () => ipText(random)),
    ports: several(random, 2, () => ({ number: portNumber(random), name: word(random), protocol: "TCP" })),
    resolution: pick(random, ["STATIC", "DNS", "NONE", word(random)]),
    location: pick(random, ["MESH_INTERNAL", "MESH_EXTERNAL"]),
  };
  return { apiVersion: "networking.istio.io/v1", kind: "ServiceEntry", metadata, spec };
}

function workloadEntry(metadata: object, random: Random): object {
  const spec = { address: ipText(random), serviceAccount: word(random), ports: { http: portNumber(random) } };
  return { apiVersion: "networking.istio.io/v1", kind: "WorkloadEntry", metadata, spec };
}

function endpointSlice(metadata: object, random: Random): object {
  const endpoints = several(random, 2, () => ({ addresses: [ipText(random)], conditions: { ready: true } }));
  const ports = [{ name: "http", port: portNumber(random) }];
  return {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata,
    addressType: "IPv4",
    endpoints,
    ports,
  };
}

function somePolicySpec(random: Random): object {
  const source = {
    principals: several(random, 2, () => word(random)),
    namespaces: several(random, 2, () => word(random)),
    ipBlocks: several(random, 2, () => `${ipText(random)}/${random.below(40)}`),
  };
  const operation = { ports: several(random, 2, () => String(portNumber(random))) };
  const rules = several(random, 2, () => ({ from: [{ source }], to: [{ operation }] }));
  return {
    action: pick(random, ["ALLOW", "DENY", "AUDIT", word(random)]),
    rules,
    ...(once(random, 3) ? { selector: { matchLabels: { app: word(random) } } } : {}),
  };
}

function somePort(random: Random): object {
  return { name: word(random), port: portNumber(random), targetPort: once(random, 2) ? word(random) : 80 };
}
