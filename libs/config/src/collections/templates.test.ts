import { expect, test } from "vitest";
import { yamlDocument } from "@ambit/kube/testing/yaml-builder.ts";
import { Mesh } from "../mesh.ts";
import { DEFAULT_MESH_OPTIONS } from "../options.ts";
import { objectsOf, putOf } from "../testing/mesh-from-yaml.ts";

function put(mesh: Mesh, name: string, namespace: string, labels: object, replicas = 1): void {
  const template = { metadata: { labels }, spec: { containers: [{ name: "main" }] } };
  const spec = { replicas, selector: { matchLabels: labels }, template };
  const value = { apiVersion: "apps/v1", kind: "Deployment", metadata: { name, namespace }, spec };
  mesh.apply(objectsOf(yamlDocument(value)).map(putOf));
  mesh.flush();
}

test("Templates finds controllers by what their pods will look like, as it is now", () => {
  const mesh = new Mesh(DEFAULT_MESH_OPTIONS);
  put(mesh, "web", "shop", { app: "web", tier: "front" });
  put(mesh, "api", "shop", { app: "api" });
  put(mesh, "web", "other", { app: "web" });
  put(mesh, "off", "shop", { app: "web" }, 0);
  const selected = (namespace: string, selector: Record<string, string>): string[] =>
    [...mesh.templates.selected(namespace, selector)].map(
      ({ metadata }) => `${metadata.namespace}/${metadata.name}`,
    );
  expect(selected("shop", { app: "web" })).toEqual(["shop/web"]);
  expect(selected("*", { app: "web" }).sort()).toEqual(["other/web", "shop/web"]);
  expect(selected("shop", { app: "web", tier: "back" })).toEqual([]);
  expect([...mesh.templates.inNamespace("shop")].map(({ metadata }) => metadata.name)).toEqual([
    "web",
    "api",
  ]);
  put(mesh, "web", "shop", { app: "shop" });
  expect(selected("shop", { app: "web" })).toEqual([]);
  put(mesh, "web", "other", { app: "web" }, 0);
  expect([...mesh.templates.namespaces()]).toEqual(["shop"]);
  expect([...mesh.templates.all()]).toHaveLength(2);
});
