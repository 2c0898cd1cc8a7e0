import { readFileSync, writeFileSync } from "node:fs";
import { afterEach, describe, expect, test } from "vitest";
import { seededRandom } from "@ambit/base/random.ts";
import { Mesh } from "@ambit/config/mesh.ts";
import { DEFAULT_MESH_OPTIONS } from "@ambit/config/options.ts";
import { deleteOf, objectsOf, putOf } from "@ambit/config/testing/mesh-from-yaml.ts";
import { TYPE_URLS } from "@ambit/contract/type-urls.ts";
import { podValue, policyValue, serviceValue, yamlDocument } from "@ambit/kube/testing/yaml-builder.ts";
import { XdsRig } from "@ambit/xds/testing/rig.ts";
import { NodeView } from "./node-view.ts";
import { Publisher } from "./publisher.ts";

const APPS = 12;
const PODS = 120;

/** Every pod is chosen by two services and two policies, so that what it says about them could come in another order. */
function resources(): readonly object[] {
  const apps = Array.from({ length: APPS }, (_, index) => `app-${index}`);
  const rule = (app: string) => ({ from: [{ source: { principals: [`cluster.local/ns/x/sa/${app}`] } }] });
  return [
    ...apps.flatMap((app) => [
      serviceValue({ name: app, selector: { app } }),
      serviceValue({ name: `${app}-all`, selector: { app } }),
      policyValue(`${app}-a`, { selector: { matchLabels: { app } }, action: "ALLOW", rules: [rule(app)] }),
      policyValue(`${app}-b`, { selector: { matchLabels: { app } }, action: "DENY", rules: [rule("evil")] }),
    ]),
    ...Array.from({ length: PODS }, (_, index) =>
      podValue({ name: `pod-${index}`, ip: `10.1.0.${index + 1}`, labels: { app: `app-${index % APPS}` } }),
    ),
  ];
}

class Replica {
  readonly publisher = new Publisher(new NodeView());
  readonly #mesh = new Mesh(DEFAULT_MESH_OPTIONS);

  put(value: object): void {
    this.#mesh.apply(objectsOf(yamlDocument(value)).map(putOf));
    this.publisher.publish(this.#mesh.flush());
  }

  remove(value: object): void {
    this.#mesh.apply(objectsOf(yamlDocument(value)).map(deleteOf));
    this.publisher.publish(this.#mesh.flush());
  }

  versions(): Record<string, string> {
    const { addresses, authorizations } = this.publisher;
    const all = [...addresses.resources(), ...authorizations.resources()];
    return Object.fromEntries(all.map(({ name, version }) => [name, version]));
  }
}

/** Two replicas that heard of the same resources in another order, one of them with a past. */
function replicas(): { readonly left: Replica; readonly right: Replica } {
  const left = new Replica();
  const right = new Replica();
  const values = resources();
  for (const value of values) left.put(value);
  const random = seededRandom(11);
  const shuffled = values
    .map((value) => ({ value, place: random.next() }))
    .toSorted((one, other) => one.place - other.place)
    .map(({ value }) => value);
  for (const value of shuffled) right.put(value);
  for (const value of shuffled.filter((_, index) => index % 7 === 0)) right.remove(value);
  for (const value of shuffled.filter((_, index) => index % 7 === 0)) right.put(value);
  return { left, right };
}

const rigs: XdsRig[] = [];
afterEach(() => {
  for (const rig of rigs.splice(0)) rig.stop();
});

async function serve(replica: Replica): Promise<XdsRig> {
  const rig = await XdsRig.start({ snapshots: replica.publisher });
  rigs.push(rig);
  return rig;
}

describe("two replicas", () => {
  test("give the same content the same version, whatever they heard first", () => {
    const { left, right } = replicas();
    expect(Object.keys(left.versions())).toHaveLength(2 * 2 * APPS + PODS);
    expect(right.versions()).toEqual(left.versions());
  });

  test("a proxy that moves to the other one is sent what differs and nothing else", async () => {
    const { left, right } = replicas();
    const [first, second] = [await serve(left), await serve(right)];
    let bytes = 0;
    let answers = 0;
    const arrived: string[] = [];
    let heard: () => void = () => undefined;
    const hear = (count: number): Promise<void> =>
      new Promise((resolve) => {
        heard = () => {
          if (answers >= count) resolve();
        };
        heard();
      });
    const types = [TYPE_URLS.address, TYPE_URLS.authorization];
    const client = first.client(
      { types: types.map((typeUrl) => ({ typeUrl, onDemand: false })) },
      {
        apply: ({ resources: got }) => {
          arrived.push(...got.map(({ name }) => name));
          answers++;
          heard();
          return [];
        },
        onMessage: (_type, size) => {
          bytes += size;
        },
      },
    );
    client.start();
    await hear(2);
    expect(arrived).toHaveLength(2 * 2 * APPS + PODS);
    const whole = bytes;

    // The other replica has heard of one change more when the proxy comes to it, at the address it knows.
    right.put(podValue({ name: "pod-3", ip: "10.1.0.250", labels: { app: "app-3" } }));
    second.stopServer();
    first.stopServer();
    second.port = first.port;
    arrived.length = 0;
    bytes = 0;
    answers = 0;
    await second.serve();
    writeFileSync(first.rootPath, readFileSync(second.rootPath));
    await hear(2);
    expect(arrived).toEqual(["Kubernetes//Pod/default/pod-3"]);
    expect(bytes).toBeLessThan(whole / 20);
  });
});
