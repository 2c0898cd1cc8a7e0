import { describe, expect, test } from "vitest";
import { seededRandom, type Random } from "@ambit/base/random.ts";
import type { DeltaRequestProperties, DeltaResponse } from "@ambit/contract/grpc-services.ts";
import { envoy } from "@ambit/contract/gen/ambit.js";
import { TYPE_URLS } from "@ambit/contract/type-urls.ts";
import { ClientSession } from "./client/protocol.ts";
import { PushOrder } from "./server/push-order.ts";
import { encodeResponse } from "./server/response-bytes.ts";
import { Snapshot, type SnapshotResource } from "./server/snapshot.ts";
import { deltaRequest } from "./testing/messages.ts";

const RUNS = 80;
const STEPS = 120;

/** Both ends in memory: a mesh that changes at random, and a client that reads slowly, reconnects and asks at random. */
class Simulation {
  readonly random: Random;
  readonly policies = new Snapshot(TYPE_URLS.authorization);
  readonly addresses = new Snapshot(TYPE_URLS.address);
  readonly hidden = new Set<string>();
  /** What the client holds, by type. */
  readonly held = new Map<string, Map<string, string>>();
  readonly clients: ReadonlyMap<string, ClientSession>;
  readonly asked = new Set<string>();
  readonly answered = new Set<string>();
  /** Content that the client refuses. */
  refuses: (text: string) => boolean = () => false;
  afterResponse: () => void = () => undefined;
  #toServer: DeltaRequestProperties[] = [];
  #toClient: DeltaResponse[] = [];
  #order: PushOrder | undefined;
  #subscriptions: (() => void)[] = [];
  #nonce = 0;

  readonly #chunkBytes: number;

  constructor(seed: number, onDemand: boolean, chunkBytes = 300) {
    this.#chunkBytes = chunkBytes;
    this.random = seededRandom(seed);
    this.clients = new Map(
      [
        { typeUrl: TYPE_URLS.address, onDemand },
        { typeUrl: TYPE_URLS.authorization, onDemand: false },
      ].map((type) => [type.typeUrl, new ClientSession(type)]),
    );
    for (const typeUrl of this.clients.keys()) this.held.set(typeUrl, new Map());
    this.connect();
  }

  connect(): void {
    for (const end of this.#subscriptions) end();
    this.#subscriptions = [];
    this.#toServer = [];
    this.#toClient = [];
    this.#order = new PushOrder([this.policies, this.addresses], {
      expectAll: true,
      chunkBytes: this.#chunkBytes,
    });
    for (const session of this.clients.values()) this.#toServer.push(session.initialRequest({ id: "n" }));
  }

  ask(key: string): void {
    const session = this.clients.get(TYPE_URLS.address);
    if (session === undefined) return;
    const { request, answered } = session.subscribe(key);
    this.asked.add(key);
    void answered.then(() => this.answered.add(key));
    this.#toServer.push(request);
  }

  mayRead(resource: SnapshotResource): boolean {
    return !this.hidden.has(resource.name);
  }

  hide(name: string, hidden: boolean): void {
    if (hidden) this.hidden.add(name);
    else this.hidden.delete(name);
    this.addresses.reconsider([name]);
    this.policies.reconsider([name]);
  }

  /** Lets one message pass, in either direction. False when none waits. */
  step(): boolean {
    const first = this.random.below(2);
    return first === 0 ? this.#serve() || this.#receive() : this.#receive() || this.#serve();
  }

  settle(): void {
    for (let step = 0; step < 10_000; step++) if (!this.step()) return;
    throw new Error("the two ends do not come to rest");
  }

  #serve(): boolean {
    const request = this.#toServer.shift();
    if (request !== undefined) this.#take(request);
    const next = this.#order?.next();
    if (next === undefined) return request !== undefined;
    const bytes = encodeResponse(next.response, next.snapshot.typeUrl, "1");
    this.#toClient.push(envoy.service.discovery.v3.DeltaDiscoveryResponse.decode(bytes));
    return true;
  }

  #take(properties: DeltaRequestProperties): void {
    const request = deltaRequest(properties);
    const snapshot = request.typeUrl === TYPE_URLS.address ? this.addresses : this.policies;
    let session = this.#order?.session(request.typeUrl);
    if (session === undefined) {
      const opened = this.#order?.open(snapshot, {
        mayRead: (resource) => this.mayRead(resource),
        newNonce: () => String(++this.#nonce),
      });
      this.#subscriptions.push(snapshot.subscribe((names) => opened?.onChange(names)));
      session = opened;
    }
    expect(session?.onRequest(request)).toBeUndefined();
  }

  #receive(): boolean {
    const response = this.#toClient.shift();
    if (response === undefined) return false;
    const held = this.held.get(response.typeUrl);
    const answer = this.clients.get(response.typeUrl)?.onResponse(response, (resources, removed) => {
      const rejected = [];
      for (const { name, bytes } of resources) {
        const text = Buffer.from(bytes).toString();
        if (this.refuses(text)) rejected.push({ name, reason: "refused" });
        else held?.set(name, text);
      }
      for (const name of removed) held?.delete(name);
      return rejected;
    });
    if (answer !== undefined) this.#toServer.push(answer);
    this.afterResponse();
    return true;
  }
}

function visible(simulation: Simulation, snapshot: Snapshot): Map<string, string> {
  const resources = [...snapshot.resources()];
  return new Map(
    resources
      .filter((resource) => simulation.mayRead(resource))
      .map((resource) => [resource.name, contentOf(resource)]),
  );
}

function contentOf(resource: SnapshotResource): string {
  const wire = envoy.service.discovery.v3.Resource.decode(resource.encoded);
  return Buffer.from(wire.resource?.value ?? "").toString();
}

function sorted(map: ReadonlyMap<string, string>): [string, string][] {
  return [...map].toSorted(([left], [right]) => (left < right ? -1 : 1));
}

/** Changes one address of a small world: workloads that belong to services, and services with addresses. */
function changeAddress(simulation: Simulation): void {
  const { random, addresses } = simulation;
  const service = `ns/svc-${random.below(3)}`;
  const name = random.below(3) === 0 ? service : `pod-${random.below(6)}`;
  if (random.below(4) === 0) addresses.apply({ remove: [name] });
  else {
    const aliases = [`/10.0.0.${random.below(8)}`];
    const keys = name === service ? [] : [service];
    addresses.apply({ put: [{ name, bytes: Buffer.from(`${name} ${random.below(4)}`), aliases, keys }] });
  }
}

function wander(simulation: Simulation, act: (choice: number) => void, reconnects = true): void {
  const { random } = simulation;
  for (let step = 0; step < STEPS; step++) {
    if (random.below(3) > 0) simulation.step();
    else if (reconnects && random.below(25) === 0) simulation.connect();
    else act(random.below(10));
  }
  simulation.settle();
}

describe("client and server", () => {
  test("a wildcard client ends with exactly what it may see, whatever happened on the way", () => {
    for (let seed = 0; seed < RUNS; seed++) {
      const simulation = new Simulation(seed, false);
      const { random } = simulation;
      wander(simulation, (choice) => {
        if (choice < 2) simulation.hide(`pod-${random.below(6)}`, random.below(2) === 0);
        else changeAddress(simulation);
      });
      const held = simulation.held.get(TYPE_URLS.address) ?? new Map<string, string>();
      expect(sorted(held), `seed ${seed}`).toEqual(sorted(visible(simulation, simulation.addresses)));
    }
  });

  test("a client that refuses some content ends with the last good one, and without what is gone", () => {
    for (let seed = 0; seed < RUNS; seed++) {
      const simulation = new Simulation(seed, false);
      simulation.refuses = (text) => text.endsWith("3");
      wander(simulation, () => changeAddress(simulation));
      const held = simulation.held.get(TYPE_URLS.address) ?? new Map<string, string>();
      const server = visible(simulation, simulation.addresses);
      for (const [name, text] of held) {
        expect(server.has(name), `seed ${seed}: ${name} is gone`).toBe(true);
        if (!simulation.refuses(server.get(name) ?? "")) expect(text, `seed ${seed}`).toBe(server.get(name));
      }
      for (const [name, text] of server)
        if (!simulation.refuses(text)) expect(held.get(name), `seed ${seed}`).toBe(text);
    }
  });

  test("an on-demand client is answered, holds nothing stale and everything its keys lead to", async () => {
    for (let seed = 0; seed < RUNS; seed++) {
      const simulation = new Simulation(seed, true);
      const { random } = simulation;
      // What was asked before a reconnect is followed by the names it gave, so keys are asked again at the end.
      wander(simulation, (choice) => {
        if (choice < 3) simulation.ask(`/10.0.0.${random.below(8)}`);
        else if (choice < 4) simulation.ask(`ns/svc-${random.below(3)}`);
        else if (choice < 5) simulation.hide(`pod-${random.below(6)}`, random.below(2) === 0);
        else changeAddress(simulation);
      });
      const keys = [...simulation.asked];
      for (const key of keys) simulation.ask(key);
      simulation.settle();
      await Promise.resolve();
      expect([...simulation.answered].toSorted(), `seed ${seed}`).toEqual(keys.toSorted());
      const held = simulation.held.get(TYPE_URLS.address) ?? new Map<string, string>();
      const server = visible(simulation, simulation.addresses);
      for (const [name, text] of held) expect(text, `seed ${seed}: ${name}`).toBe(server.get(name));
      for (const key of keys)
        for (const name of simulation.addresses.resolve(key))
          if (server.has(name)) expect(held.has(name), `seed ${seed}: ${key} leads to ${name}`).toBe(true);
    }
  });

  test.each([
    { sizes: "one response", chunkBytes: 1_000_000, reconnects: true },
    { sizes: "several responses", chunkBytes: 100, reconnects: false },
  ])("a ready client holds every policy that its workloads name: $sizes", ({ chunkBytes, reconnects }) => {
    for (let seed = 0; seed < RUNS; seed++) {
      const simulation = new Simulation(seed, false, chunkBytes);
      let checked = 0;
      simulation.afterResponse = () => {
        if (![...simulation.clients.values()].every((session) => session.synced)) return;
        const policies = simulation.held.get(TYPE_URLS.authorization);
        for (const [name, text] of simulation.held.get(TYPE_URLS.address) ?? []) {
          for (const policy of JSON.parse(text) as string[]) {
            checked++;
            expect(policies?.has(policy), `seed ${seed}: ${name} names ${policy}`).toBe(true);
          }
        }
      };
      // A first state, so that it takes several responses where they are small.
      for (let change = 0; change < 10; change++) changeMesh(simulation);
      wander(simulation, () => changeMesh(simulation), reconnects);
      expect(checked).toBeGreaterThan(0);
    }
  });
});

/** One turn of a mesh in which workloads name only policies that exist. */
function changeMesh({ random, policies, addresses }: Simulation): void {
  const present = new Set([...policies.resources()].map((resource) => resource.name));
  const name = `ns/p-${random.below(5)}`;
  const drop = present.has(name) && random.below(2) === 0;
  if (drop) present.delete(name);
  else present.add(name);
  const chosen = [...present].filter(() => random.below(2) === 0);
  const put = [...addresses.resources()].map((resource) => {
    const named = JSON.parse(contentOf(resource)) as string[];
    return { name: resource.name, bytes: text(named.filter((policy) => present.has(policy))) };
  });
  put.push({ name: `pod-${random.below(4)}`, bytes: text(chosen) });
  policies.apply(drop ? { remove: [name] } : { put: [{ name, bytes: Buffer.from(`${random.below(3)}`) }] });
  addresses.apply({ put, ...(random.below(4) === 0 ? { remove: [`pod-${random.below(4)}`] } : {}) });
}

function text(policies: readonly string[]): Uint8Array {
  return Buffer.from(JSON.stringify(policies));
}
