import packet from "dns-packet";
import { seededRandom, type Random } from "@ambit/base/random.ts";
import { MeshStore } from "@ambit/store/mesh-store.ts";
import { FakeClock } from "@ambit/testkit/fake-clock.ts";
import { ClusterDns } from "../../../apps/node-agent/src/cluster-dns.ts";
import { DnsForwarder } from "../../../apps/ztunnel/src/data/dns-forward.ts";
import { DnsMetrics } from "../../../apps/ztunnel/src/data/dns-metrics.ts";
import { DnsServer } from "../../../apps/ztunnel/src/data/dns-server.ts";
import {
  codeOf,
  fitUdp,
  isAnswerTo,
  readQuery,
  withId,
  writeAnswer,
} from "../../../apps/ztunnel/src/data/dns-wire.ts";
import { pod, service, workload } from "../../../apps/ztunnel/src/testing/build.ts";
import { must, mustEqual, type FuzzTarget } from "../target.ts";
import { once, pick, several, word } from "../words.ts";

const NAMES = ["cart.shop.svc.cluster.local", "cart.shop", "CART", "many.shop", "www.example.com", "."];
const TYPES = ["A", "AAAA", "CNAME", "TXT", "SRV", "PTR", "ANY", "HTTPS", "OPT"] as const;

/** An OPT record without options. */
const OPT_BYTES = 11;

/** Questions of pods, and what their node's resolvers answer. */
export function create(): FuzzTarget {
  const rig = new Rig();
  const cluster = new ClusterDns("cluster.local");
  return {
    valid: (random) => (once(random, 5) ? someAnswer(random) : someQuestion(random)),
    check: (input) => {
      must("an answer is one for its own id", !isAnswerTo(input, 7) || isAnswerTo(withId(input, 9), 9));
      codeOf(input);
      const clusterAnswer = cluster.respond(input);
      if (clusterAnswer !== undefined) packet.decode(Buffer.from(clusterAnswer));
      const query = readQuery(input);
      const answer = rig.ask(input);
      if (query === undefined) {
        mustEqual("what is no question gets no answer", answer, undefined);
        return;
      }
      for (const code of ["NOERROR", "SERVFAIL"] as const) {
        const written = writeAnswer(query, code, []);
        // Question and id come back byte by byte.
        const end = written.length - (query.hasEdns ? OPT_BYTES : 0);
        mustEqual("the question", hex(written.subarray(12, end)), hex(input.subarray(12, end)));
        mustEqual("the id", hex(written.subarray(0, 2)), hex(input.subarray(0, 2)));
      }
      if (answer === undefined) return;
      must("an answer fits", fitUdp(query, answer).length <= query.udpPayloadSize);
      const read = packet.decode(Buffer.from(answer));
      must("an answer is one", read.type === "response" && read.questions?.length === 1);
    },
  };
}

/** A pod's DNS server with a mesh behind it; questions that are forwarded get no answer. */
class Rig {
  readonly #server: DnsServer;

  constructor() {
    const clock = new FakeClock();
    const store = new MeshStore();
    const address = (ip: string) => ({ network: "", ip, length: undefined });
    store.upsertService(service("cart", { addresses: [address("10.96.0.7"), address("fd00::7")] }));
    const many = Array.from({ length: 60 }, (_, index) => address(`10.97.0.${index}`));
    store.upsertService(service("many", { addresses: many }));
    const forwarder = new DnsForwarder([], {
      clock,
      random: seededRandom(3),
      open: () => Promise.reject(new Error("nobody is asked")),
    });
    this.#server = new DnsServer(
      { ...pod("web"), workload: workload("web") },
      { clusterDomain: "cluster.local", preferredNamespace: undefined, ipv6: true },
      { clock, random: seededRandom(1), store, metrics: new DnsMetrics(), forwarder },
    );
  }

  ask(message: Uint8Array): Uint8Array | undefined {
    let found: Uint8Array | undefined;
    this.#server.handle(message, "udp", (answer) => {
      found = answer;
    });
    return found;
  }
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

function someName(random: Random): string {
  return once(random, 3) ? several(random, 5, () => word(random)).join(".") : pick(random, NAMES);
}

// Labels of any bytes, up to the longest name there can be.
function binaryQuestion(random: Random): Uint8Array {
  const filler = pick(random, [0xff, 0x2e, 0x00, 0x5c, 0x41]);
  const labels = several(random, 4, () => {
    const length = 1 + random.below(once(random, 2) ? 63 : 8);
    return Buffer.concat([
      Buffer.of(length),
      once(random, 2) ? random.bytes(length) : Buffer.alloc(length, filler),
    ]);
  });
  const head = Buffer.from("000101000001000000000000", "hex");
  return Buffer.concat([head, ...labels, Buffer.from("0000010001", "hex")]);
}

function someQuestion(random: Random): Uint8Array {
  if (once(random, 6)) return binaryQuestion(random);
  const type = pick(random, TYPES) as packet.RecordType;
  return packet.encode({
    type: "query",
    id: random.below(65_536),
    flags: once(random, 2) ? packet.RECURSION_DESIRED : 0,
    questions: [{ type, name: someName(random), class: "IN" }],
    additionals: once(random, 2) ? [edns(random)] : [],
  });
}

function someAnswer(random: Random): Uint8Array {
  const name = someName(random);
  return packet.encode({
    type: "response",
    id: random.below(65_536),
    questions: [{ type: "A", name, class: "IN" }],
    answers: several(random, 4, () => ({
      type: "A" as const,
      name,
      ttl: 30,
      class: "IN" as const,
      data: "10.0.0.1",
    })),
  });
}

function edns(random: Random): packet.Answer {
  return {
    type: "OPT",
    name: ".",
    udpPayloadSize: pick(random, [0, 512, 1_232, 4_096, 65_535]),
    extendedRcode: 0,
    ednsVersion: 0,
    flags: 0,
    flag_do: false,
    options: [],
  };
}
