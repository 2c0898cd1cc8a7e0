import { expect, test } from "vitest";
import { Mesh } from "@ambit/config/mesh.ts";
import { DEFAULT_MESH_OPTIONS } from "@ambit/config/options.ts";
import { objectsOf, putOf } from "@ambit/config/testing/mesh-from-yaml.ts";
import { podValue, policyValue, yamlDocuments } from "@ambit/kube/testing/yaml-builder.ts";
import { announcePolicies } from "./announce.ts";

test("announcePolicies() names each namespace whose policies changed once, and says nothing otherwise", () => {
  const mesh = new Mesh(DEFAULT_MESH_OPTIONS);
  const said: (readonly string[])[] = [];
  const announcer = { policiesInvalidated: (namespaces: readonly string[]) => void said.push(namespaces) };
  mesh.apply(objectsOf(yamlDocuments(podValue({ name: "p" }))).map(putOf));
  announcePolicies(mesh.flush(), announcer);
  expect(said).toEqual([]);
  const values = [policyValue("a", {}, "shop"), policyValue("b", {}, "shop"), policyValue("c", {}, "back")];
  mesh.apply(objectsOf(yamlDocuments(...values)).map(putOf));
  announcePolicies(mesh.flush(), announcer);
  expect(said).toEqual([["back", "shop"]]);
});
