import type { Random } from "@ambit/base/random.ts";
import { resolveInbound } from "@ambit/store/inbound.ts";
import { MeshStore } from "@ambit/store/mesh-store.ts";
import { HboneServer, type InboundConnect } from "@ambit/transport/hbone/server.ts";
import { decodeBaggage } from "@ambit/transport/hbone/baggage.ts";
import { describeSource } from "../../../apps/ztunnel/src/data/inbound-facts.ts";
import { service, workload } from "../../../apps/ztunnel/src/testing/build.ts";
import { FLAG, FRAME } from "../../../libs/transport/src/h2/frames.ts";
import { encodeHeaders } from "../../../libs/transport/src/h2/hpack-encoder.ts";
import { CLIENT_START, frame, framesOf } from "../../../libs/transport/src/testing/frame-bytes.ts";
import { MemoryDriver, said } from "../../../libs/transport/src/testing/memory-driver.ts";
import { PlainPeer } from "../../../libs/transport/src/testing/plain-peer.ts";
import { must, mustEqual, type FuzzTarget } from "../target.ts";
import { ipText, once, pick, portNumber, several, word } from "../words.ts";

const POD = "10.0.0.8";
const WEB = "spiffe://cluster.local/ns/web/sa/web";

/** What may be asked of this pod: its own address in any of its forms, or the service in front of it, at a port that is not ours. */
const OURS =
  /^(10\.0\.0\.8|\[::ffff:(10\.0\.0\.8|a00:8)\]|cart\.shop\.svc\.cluster\.local):0*([1-9][0-9]{0,4})$/i;
const OWN_PORTS = new Set([15_001, 15_006, 15_008]);

/**
 * Heads of CONNECT requests, one field a line (`name: value`), through a server and the decision about where they go. Every
 * request has one answer; only what is asked in the right form of this very pod is accepted.
 */
export function create(): FuzzTarget {
  const rig = new Rig();
  return {
    valid: (random) => Buffer.from(someHead(random), "latin1"),
    check: (input) => void rig.ask(fieldsOf(Buffer.from(input).toString("latin1"))),
    prove: () => {
      const good: [string, string][] = [
        [":method", "CONNECT"],
        [":authority", `${POD}:8080`],
      ];
      must("what is asked rightly is accepted", rig.ask(good));
    },
  };
}

class Rig {
  readonly #driver = new MemoryDriver();
  readonly #store = new MeshStore();
  readonly #local = workload("cart", {
    addresses: [POD],
    services: new Map([["shop/cart.shop.svc.cluster.local", []]]),
  });
  #accepted: InboundConnect["head"] | undefined;

  constructor() {
    this.#store.upsertWorkload(this.#local);
    this.#store.upsertService(service("cart"));
    this.#store.upsertService(service("other"));
    const server = new HboneServer(this.#driver, { onConnect: (request) => this.#decide(request) });
    const context = this.#driver.tlsContext(said("spiffe://cluster.local/ns/shop/sa/cart"));
    this.#driver.listen({ ip: POD, port: 15_008 }, (socket) =>
      server.serve(socket, context, "cluster.local"),
    );
  }

  /** True when the request was accepted. */
  ask(fields: readonly (readonly [string, string])[]): boolean {
    this.#accepted = undefined;
    const peer = new PlainPeer(this.#driver);
    const socket = this.#driver.connect({ ip: POD, port: 15_008 }, peer);
    this.#driver.tlsConnect(socket, this.#driver.tlsContext(said(WEB)), peer);
    this.#driver.run();
    peer.send(Buffer.concat([CLIENT_START, frame(FRAME.headers, FLAG.endHeaders, 1, encodeHeaders(fields))]));
    this.#driver.run();
    const answers = framesOf(peer.received).filter(
      ({ type }) => type === FRAME.headers || type === FRAME.rstStream || type === FRAME.goaway,
    );
    must("every request is answered", answers.length > 0);
    const heads = answers.filter(({ type }) => type === FRAME.headers).length;
    must("no request is answered twice", heads <= 1);
    const values = (name: string): string[] =>
      fields.filter(([key]) => key === name).map(([, value]) => value);
    if (this.#accepted !== undefined) {
      const { method, authority } = this.#accepted;
      mustEqual("only CONNECT is accepted", method, "CONNECT");
      const port = Number(OURS.exec(authority)?.[3] ?? "0");
      must(`${JSON.stringify(authority)} is this pod's`, port >= 1 && port <= 65_535 && !OWN_PORTS.has(port));
      must("it was asked for", values(":authority").includes(authority));
    }
    peer.socket?.reset();
    this.#driver.run();
    return this.#accepted !== undefined;
  }

  #decide(request: InboundConnect): void {
    const { method, authority } = request.head;
    const target = resolveInbound(this.#store, this.#local, {
      method,
      authority: authority === "" ? undefined : authority,
      localIp: POD,
    });
    // What the request says about its source is for logs: it must be readable whatever it is.
    const tunnel = { ...request, close: () => undefined };
    const described = describeSource(this.#store, "", tunnel);
    must("a source is described", described.workload !== undefined || described.derived !== undefined);
    for (const [, value] of request.head.headers) decodeBaggage(value);
    if (target.kind === "accept") this.#accepted = request.head;
    request.refuse(target.kind === "accept" ? 200 : target.status);
  }
}

function fieldsOf(text: string): [string, string][] {
  return text.split("\n").flatMap((line): [string, string][] => {
    const colon = line.indexOf(": ");
    return colon < 0 ? [] : [[line.slice(0, colon), line.slice(colon + 2)]];
  });
}

function someHead(random: Random): string {
  const host = pick(random, [
    POD,
    POD,
    "[::ffff:10.0.0.8]",
    "cart.shop.svc.cluster.local",
    "CART.shop.svc.cluster.local",
  ]);
  const other = pick(random, [
    ipText(random),
    word(random),
    "other.shop.svc.cluster.local",
    "[fd00::1]",
    "127.0.0.1",
  ]);
  const authority = `${once(random, 4) ? other : host}:${once(random, 4) ? portNumber(random) : 8_080}`;
  const lines = [
    `:method: ${once(random, 10) ? pick(random, ["GET", "connect", ""]) : "CONNECT"}`,
    `:authority: ${authority}`,
    ...several(random, 3, () => someField(random)),
  ];
  if (once(random, 8)) lines.push(`:authority: ${other}:80`);
  if (once(random, 8)) lines.reverse();
  return lines.join("\n");
}

function someField(random: Random): string {
  return pick(random, [
    `baggage: k8s.namespace.name=${word(random)},service.name=${word(random)}`,
    `forwarded: for=${ipText(random)};host=${word(random)}`,
    `x-forwarded-network: ${word(random)}`,
    `traceparent: 00-${"a".repeat(32)}-${"b".repeat(16)}-00`,
    `x-istio-source: ${word(random)}`,
    `host: ${word(random)}`,
    `content-length: ${random.below(99)}`,
    `:path: /`,
    `:scheme: https`,
    `connection: close`,
    `X-Upper: ${word(random)}`,
    `${word(random)}: ${word(random)}`,
  ]);
}
