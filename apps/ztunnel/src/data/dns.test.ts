import packet from "dns-packet";
import { expect, test } from "vitest";
import { seededRandom } from "@ambit/base/random.ts";
import type { SocketAddress } from "@ambit/io/driver.ts";
import { MeshStore } from "@ambit/store/mesh-store.ts";
import { FakeClock } from "@ambit/testkit/fake-clock.ts";
import { pod, service, workload } from "../testing/build.ts";
import { FakeDriver, FakeSocket } from "../testing/fake-driver.ts";
import { DnsForwarder } from "./dns-forward.ts";
import { DnsMetrics } from "./dns-metrics.ts";
import { DnsServer } from "./dns-server.ts";
import { DnsTcp } from "./dns-tcp.ts";
import { codeOf, fitUdp, readQuery, writeAnswer } from "./dns-wire.ts";
import { LocalWorkloads } from "./local-workloads.ts";

const UPSTREAMS = [
  { ip: "192.0.2.53", port: 53 },
  { ip: "192.0.2.54", port: 53 },
];

function ask(name: string, type: "A" | "AAAA" | "TXT" = "A", edns = false): Buffer {
  return packet.encode({
    type: "query",
    id: 4711,
    flags: packet.RECURSION_DESIRED,
    questions: [{ type, name, class: "IN" }],
    additionals: edns
      ? [
          {
            type: "OPT",
            name: ".",
            udpPayloadSize: 4096,
            extendedRcode: 0,
            ednsVersion: 0,
            flags: 0,
            flag_do: false,
            options: [],
          },
        ]
      : [],
  });
}

function setUp(known = true): {
  server: DnsServer;
  clock: FakeClock;
  metrics: DnsMetrics;
  sent: { bytes: Uint8Array; to: SocketAddress }[];
  reply: (bytes: Uint8Array, from: SocketAddress) => void;
  forwarder: DnsForwarder;
  /** Discovery describes the pod. */
  describe: () => void;
} {
  const clock = new FakeClock();
  const store = new MeshStore();
  const metrics = new DnsMetrics();
  const sent: { bytes: Uint8Array; to: SocketAddress }[] = [];
  let reply: (bytes: Uint8Array, from: SocketAddress) => void = () => undefined;
  const forwarder = new DnsForwarder(UPSTREAMS, {
    clock,
    random: seededRandom(3),
    open: async (onDatagram) => {
      reply = onDatagram;
      return { sendTo: (bytes, to) => void sent.push({ bytes, to }), close: () => undefined };
    },
  });
  store.upsertService(service("cart", { addresses: [{ network: "", ip: "10.96.0.7", length: undefined }] }));
  const web = pod("web");
  const local = new LocalWorkloads({ clock, store, clusterId: "Kubernetes" });
  local.add(web);
  const describe = (): void => {
    store.upsertWorkload(workload("web"));
    local.takeTouched();
  };
  if (known) describe();
  const server = new DnsServer(
    web,
    { clusterDomain: "cluster.local", preferredNamespace: undefined, ipv6: true },
    { clock, random: seededRandom(1), store, metrics, forwarder, local },
  );
  return { server, clock, metrics, sent, reply: (bytes, from) => reply(bytes, from), forwarder, describe };
}

function answerOf(server: DnsServer, message: Uint8Array): packet.DecodedPacket | undefined {
  let found: packet.DecodedPacket | undefined;
  server.handle(message, "udp", (answer) => {
    found = packet.decode(Buffer.from(answer));
  });
  return found;
}

test("handle() answers a service from the mesh, with the search domain as a CNAME", () => {
  const { server } = setUp();
  const answer = answerOf(server, ask("cart.shop.svc.cluster.local"));
  expect(answer).toMatchObject({ id: 4711, flag_aa: true, flag_ra: true, flag_rd: true, rcode: "NOERROR" });
  expect(answer?.answers).toMatchObject([
    { type: "A", name: "cart.shop.svc.cluster.local", ttl: 30, data: "10.96.0.7" },
  ]);
  const searched = answerOf(server, ask("cart.shop.svc.cluster.local.shop.svc.cluster.local"));
  expect(searched?.answers).toMatchObject([
    { type: "CNAME", data: "cart.shop.svc.cluster.local" },
    { type: "A", data: "10.96.0.7" },
  ]);
});

test("handle() echoes EDNS and answers a family that is not there with nothing", () => {
  const { server } = setUp();
  const answer = answerOf(server, ask("cart.shop.svc.cluster.local", "AAAA", true));
  expect(answer?.answers).toEqual([]);
  expect(answer).toMatchObject({ rcode: "NOERROR" });
  expect(answer?.additionals?.[0]).toMatchObject({ type: "OPT" });
  expect(answerOf(server, ask("cart.shop.svc.cluster.local"))?.additionals).toEqual([]);
});

test("handle() lets a question wait for discovery to describe its pod, and says SERVFAIL after five seconds", async () => {
  const { server, clock, describe } = setUp(false);
  const codes: string[] = [];
  const question = ask("cart.shop.svc.cluster.local");
  server.handle(question, "udp", (answer) => codes.push(codeOf(answer)));
  await clock.advance(4_999);
  expect(codes).toEqual([]);
  await clock.advance(1);
  expect(codes).toEqual(["SERVFAIL"]);
  server.handle(question, "udp", (answer) => codes.push(codeOf(answer)));
  describe();
  expect(codes).toEqual(["SERVFAIL", "NOERROR"]);
  expect(clock.armed).toBe(0);
});

test("handle() lets 256 questions wait at once", async () => {
  const { server, clock } = setUp(false);
  const codes: string[] = [];
  const askOnce = (): void =>
    server.handle(ask("cart.shop.svc.cluster.local"), "udp", (answer) => codes.push(codeOf(answer)));
  for (let count = 0; count < 256; count++) askOnce();
  expect(codes).toEqual([]);
  askOnce();
  expect(codes).toEqual(["SERVFAIL"]);
  await clock.advance(5_000);
  expect(codes).toHaveLength(257);
  askOnce();
  expect(codes).toHaveLength(257);
});

test("handle() ignores what is no query", () => {
  const { server } = setUp();
  const whole = ask("cart.shop.svc.cluster.local");
  for (let length = 0; length < whole.length; length++)
    expect(answerOf(server, whole.subarray(0, length))).toBeUndefined();
  const response = Buffer.from(whole);
  response.writeUInt8(0x80, 2);
  expect(answerOf(server, response)).toBeUndefined();
  expect(readQuery(new Uint8Array(5_000))).toBeUndefined();
});

test("handle() forwards other names under an id of its own and takes the asked upstream's answer only", async () => {
  const { server, clock, sent, reply, metrics } = setUp();
  const answers: Uint8Array[] = [];
  server.handle(ask("example.com"), "udp", (answer) => answers.push(answer));
  await clock.advance(0);
  const [question] = sent;
  const id = Buffer.from(question?.bytes ?? []).readUInt16BE(0);
  expect(id).not.toBe(4711);
  expect(question?.to).toEqual(UPSTREAMS[0]);
  const answer = packet.encode({ type: "response", id, questions: [{ type: "A", name: "example.com" }] });
  reply(answer, { ip: "203.0.113.1", port: 53 });
  reply(answer, { ip: "192.0.2.53", port: 5353 });
  expect(answers).toEqual([]);
  reply(answer, { ip: "192.0.2.53", port: 53 });
  reply(answer, { ip: "192.0.2.53", port: 53 });
  expect(answers).toHaveLength(1);
  expect(Buffer.from(answers[0] ?? []).readUInt16BE(0)).toBe(4711);
  const upstream = metrics.samples().find((sample) => sample.name === "istio_dns_upstream_requests_total");
  expect(upstream).toMatchObject({ labels: ["A", "udp", "web", "v1"], value: 1 });
  expect(clock.armed).toBe(0);
});

test("forward() tries each upstream twice, then gives up with SERVFAIL", async () => {
  const { server, clock, sent, metrics } = setUp();
  const answers: Uint8Array[] = [];
  server.handle(ask("example.com", "TXT"), "udp", (answer) => answers.push(answer));
  await clock.advance(8_000);
  expect(sent.map(({ to }) => to.ip)).toEqual(["192.0.2.53", "192.0.2.54", "192.0.2.53", "192.0.2.54"]);
  expect(answers.map(codeOf)).toEqual(["SERVFAIL"]);
  const failures = metrics.samples().find((sample) => sample.name === "istio_dns_upstream_failures_total");
  expect(failures?.value).toBe(1);
  const inf = metrics.samples().find((sample) => sample.labels.at(-1) === "+Inf");
  expect(inf?.value).toBe(1);
});

test("close() answers whoever waits", async () => {
  const { server, clock, forwarder } = setUp();
  const answers: Uint8Array[] = [];
  server.handle(ask("example.com"), "udp", (answer) => answers.push(answer));
  await clock.advance(0);
  forwarder.close();
  expect(answers.map(codeOf)).toEqual(["SERVFAIL"]);
  expect(clock.armed).toBe(0);
});

test("fitUdp() cuts an answer that is too long and says so", () => {
  const query = readQuery(ask("cart"));
  if (query === undefined) throw new Error("the query cannot be read");
  const records = Array.from({ length: 60 }, (_, index) => ({
    type: "A" as const,
    name: "cart",
    ip: `10.0.0.${index}`,
    ttl: 30,
  }));
  const long = writeAnswer(query, "NOERROR", records);
  const cut = packet.decode(Buffer.from(fitUdp(query, long)));
  expect(cut).toMatchObject({ flag_tc: true, answers: [] });
  const short = writeAnswer(query, "NOERROR", records.slice(0, 1));
  expect(fitUdp(query, short)).toBe(short);
});

test("an answer repeats the question byte by byte, also one whose name is no text", () => {
  for (const label of ["636f7274", "43415274", "c3f7727f", "632e7274", "635c7274"]) {
    const message = Buffer.from(`12340100000100000000000004${label}0473686f7000001c0001`, "hex");
    const query = readQuery(message);
    if (query === undefined) throw new Error("the query cannot be read");
    const answer = Buffer.from(writeAnswer(query, "SERVFAIL", []));
    expect(answer.subarray(12).toString("hex")).toBe(message.subarray(12).toString("hex"));
    expect(answer.readUInt16BE(4)).toBe(1);
  }
});

test("readQuery() does not take a dot within a label for the end of one", () => {
  const message = Buffer.from("12340100000100000000000009636172742e73686f700000010001", "hex");
  expect(readQuery(message)?.name).toBe("cart\\.shop");
  // Forwarded, not answered at once.
  expect(answerOf(setUp().server, message)).toBeUndefined();
});

test("readQuery() refuses a name that points somewhere", () => {
  const message = Buffer.from("1234010000010000000000000463617274c00000010001", "hex");
  expect(readQuery(message)).toBeUndefined();
});

test("metrics keep query types bounded", () => {
  const metrics = new DnsMetrics();
  for (let type = 0; type < 500; type++) metrics.request(undefined, `UNKNOWN_${type}`, "udp");
  expect(metrics.samples().filter((sample) => sample.name === "istio_dns_requests_total")).toHaveLength(1);
});

function framed(message: Uint8Array): Buffer {
  const prefix = Buffer.alloc(2);
  prefix.writeUInt16BE(message.length, 0);
  return Buffer.concat([prefix, message]);
}

test("DnsTcp answers one question after the other, however the bytes arrive", () => {
  const { server, clock } = setUp();
  const driver = new FakeDriver(clock);
  const tcp = new DnsTcp(driver, server);
  const socket = new FakeSocket({ ip: "127.0.0.1", port: 15053 }, { ip: "127.0.0.1", port: 1 });
  tcp.accept(socket);
  const both = Buffer.concat([
    framed(ask("cart.shop.svc.cluster.local")),
    framed(ask("cart.shop.svc.cluster.local", "AAAA")),
  ]);
  for (const byte of both) socket.arrive(Buffer.from([byte]));
  const all = Buffer.concat(socket.written);
  const first = all.readUInt16BE(0);
  expect(packet.decode(all.subarray(2, 2 + first)).answers).toHaveLength(1);
  const second = all.subarray(2 + first);
  expect(packet.decode(second.subarray(2)).answers).toEqual([]);
  socket.finish();
  expect(socket.closed).toBe(true);
});

test("DnsTcp takes two questions that arrive together", () => {
  const { server, clock } = setUp();
  const socket = new FakeSocket({ ip: "127.0.0.1", port: 15053 }, { ip: "127.0.0.1", port: 1 });
  new DnsTcp(new FakeDriver(clock), server).accept(socket);
  const one = framed(ask("cart.shop.svc.cluster.local"));
  socket.arrive(Buffer.concat([one, one]));
  expect(socket.written).toHaveLength(2);
});

test("DnsTcp closes a connection that is idle, or whose length cannot be", async () => {
  const { server, clock } = setUp();
  const tcp = new DnsTcp(new FakeDriver(clock), server);
  const idle = new FakeSocket({ ip: "127.0.0.1", port: 15053 }, { ip: "127.0.0.1", port: 1 });
  tcp.accept(idle);
  await clock.advance(5_000);
  expect(idle.closed).toBe(true);
  const wrong = new FakeSocket({ ip: "127.0.0.1", port: 15053 }, { ip: "127.0.0.1", port: 2 });
  tcp.accept(wrong);
  wrong.arrive(Buffer.from([0xff, 0xff]));
  expect(wrong.closed).toBe(true);
});
