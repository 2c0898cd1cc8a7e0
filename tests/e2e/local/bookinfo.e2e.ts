import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { missingForNamespaces, TestMesh, until } from "../support/mesh.ts";

const missing = missingForNamespaces();
if (missing !== "") process.stderr.write(`SKIPPED: bookinfo end to end: ${missing}\n`);

const FOR_NOBODY = `apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: ratings-viewer, namespace: default }
spec:
  selector: { matchLabels: { app: ratings } }
  action: ALLOW
  rules:
  - from:
    - source: { principals: [cluster.local/ns/default/sa/nobody] }
`;

describe.skipIf(missing !== "")("samples/bookinfo", () => {
  const mesh = new TestMesh({ sample: "bookinfo" });

  beforeAll(() => mesh.up());
  afterAll(() => mesh.remove());

  /** The product page as another workload gets it. */
  function page(): string {
    const read = 'fetch("http://productpage:9080/productpage").then((r) => r.text()).then(console.log)';
    return mesh.ambit("exec", "loadgenerator", "--", "node", "-e", read).stdout;
  }

  test("the page shows the reviews of all three versions in turn", async () => {
    const seen = new Map<string, string>();
    await until(
      "all three versions have answered",
      () => {
        const text = page();
        seen.set(/served by: (reviews-v[0-9])/.exec(text)?.[1] ?? "", starsOf(text));
        return ["reviews-v1", "reviews-v2", "reviews-v3"].every((name) => seen.has(name));
      },
      40_000,
    );
    seen.delete("");
    expect(seen).toEqual(
      new Map([
        ["reviews-v1", ""],
        ["reviews-v2", "black"],
        ["reviews-v3", "red"],
      ]),
    );
  });

  test("ratings that nobody may read leave the page without stars, and the rest works", async () => {
    writeFileSync(join(mesh.manifests, "policy.yaml"), FOR_NOBODY);
    await until("no page has stars", () => [page(), page(), page()].every((text) => starsOf(text) === ""));
    expect(page()).toContain("Reviews served by");
    expect(page()).toContain("Book Details");
  });

  test("a command runs under the name of its pod", () => {
    expect(mesh.ambit("exec", "loadgenerator", "--", "hostname").stdout).toMatch(/^loadgenerator-/);
  });
});

/** The colour of the stars on a page; empty when there are none. */
function starsOf(text: string): string {
  return /color:(black|red)">★/.exec(text)?.[1] ?? "";
}
