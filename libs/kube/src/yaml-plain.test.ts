import { describe, expect, test } from "vitest";
import { seededRandom } from "@ambit/base/random.ts";
import { parseAnyYaml } from "./yaml-document.ts";
import { parsePlainDocument } from "./yaml-plain.ts";

const MANIFEST = `# a comment
apiVersion: v1
kind: Pod
metadata:
  name: app-1-h0a1b2c3d-12e45
  namespace: team-3
  uid: 12f45
  labels:
    app.kubernetes.io/name: app
    version: v1

  annotations: {}
spec:
  nodeName: node-7
  hostNetwork: false
  containers:
  - name: main
    image: registry.example:5000/app:1.0
    args:
      - --verbose
      - "quoted # text: here"
      - 'single'
    ports:
      - containerPort: 8080
      -   name: metrics
          containerPort: 9090
  tolerations: []
status:
  podIP: 10.1.2.3
  startTime: 2026-01-02T03:04:05Z
  conditions:
    - type: Ready
      status: "True"
`;

/** What the plain reader says must be what the library says, or nothing. */
function agrees(text: string): boolean {
  const plain = parsePlainDocument(text);
  if (plain === undefined) return false;
  const full = parseAnyYaml(text);
  expect(full.problem, JSON.stringify(text)).toBeUndefined();
  expect(plain.value, JSON.stringify(text)).toEqual(full.value);
  expect(plain.firstLine, JSON.stringify(text)).toBe(full.lineOf([], "key"));
  return true;
}

describe("parsePlainDocument()", () => {
  test("reads a manifest as the library does", () => {
    expect(agrees(MANIFEST)).toBe(true);
  });

  test.each([
    "a: b",
    "a:\n- b\n- c: 1\n  d: x\ne: f",
    "a:\n\n  b: 0\n# c\n  d: 10",
    "- a\n- b: 1",
    "a:\nb:",
    "a: x y z",
    "a: 1.2.3.4/8",
    "a: 10m",
    "a: 5Gi",
    "a: ''\nb: \"\"",
    "a: b:c",
    "a: -x",
  ])("reads %j as the library does", (text) => {
    expect(agrees(text)).toBe(true);
  });

  test.each([
    "",
    "# only a comment",
    "a: b # comment",
    "a: 1.5",
    "a: 1e5",
    "a: 0x1f",
    "a: 0o17",
    "a: 007",
    "a: 1_000",
    "a: 12345678901234567",
    "a: True",
    "a: NULL",
    "a: ~",
    "a: .inf",
    "a: -1",
    "a: +1",
    "a: |\n  text",
    "a: >\n  text",
    "a: &x 1",
    "a: *x",
    "a: !!str 1",
    "a: [1]",
    "a: {b: 1}",
    "a: b: c",
    "a: b\n  c",
    "a: b\n  c: d",
    "a:\n  b",
    'a: "x\\n"',
    "a: 'it''s'",
    'a: "b" c',
    "a: 1\na: 2",
    "__proto__: 1",
    "true: 1",
    "? a",
    "a:\tb",
    "a: \u00e9",
    "a:\r\n  b: c",
    "a: b ",
    "- - a",
    "-\n  a: b",
    "a\n",
    " a: b",
    "a:\n    b: 1\n  c: 2",
    "a:\n  - b\n    c: 1",
    "a:\n  - b: 1\n    - c",
    "%YAML 1.2",
    "<<: a",
    "a:b",
    "a: @b",
    "a: `b",
    "a: ,b",
    "a: - b",
    "a: 1 2",
    `a: ${"x".repeat(2000)}`,
    Array.from({ length: 60 }, (_, depth) => `${" ".repeat(depth)}a:`).join("\n"),
  ])("leaves %j to the library", (text) => {
    expect(parsePlainDocument(text)).toBeUndefined();
  });

  test("never says anything else than the library about a damaged manifest", () => {
    const random = seededRandom(11);
    const pieces = [
      " ",
      "  ",
      "\n",
      "-",
      "- ",
      ":",
      ": ",
      "#",
      '"',
      "'",
      "a",
      "1",
      ".",
      "e",
      "0",
      "/",
      "[",
      "{",
      "|",
      "&",
      "~",
      "x: y\n",
      "- z\n",
      "_",
      ",",
      "T",
      "true",
    ];
    let read = 0;
    for (let round = 0; round < 15_000; round++) {
      const lines = MANIFEST.split("\n");
      const from = random.below(lines.length);
      const indent = /^ */.exec(lines[from] ?? "")?.[0].length ?? 0;
      const some = lines.slice(from, from + 1 + random.below(12));
      let text = some.map((line) => line.slice(indent)).join("\n");
      for (let edits = 1 + random.below(3); edits > 0; edits--) {
        const at = random.below(text.length + 1);
        const cut = random.below(3);
        text = text.slice(0, at) + (pieces[random.below(pieces.length)] ?? "") + text.slice(at + cut);
      }
      if (agrees(text)) read++;
    }
    expect(read).toBeGreaterThan(500);
  });
});
