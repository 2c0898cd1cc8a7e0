import packet from "dns-packet";
import type { Random } from "@ambit/base/random.ts";
import { once, pick, several, word } from "./words.ts";

const NAMES = ["cart.shop.svc.cluster.local", "cart.shop", "CART", "many.shop", "www.example.com", "."];
const TYPES = ["A", "AAAA", "CNAME", "TXT", "SRV", "PTR", "ANY", "HTTPS", "OPT"] as const;

/** A question as a pod could ask it. */
export function someQuestion(random: Random): Uint8Array {
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

/** An answer as a resolver could give it. */
export function someAnswer(random: Random): Uint8Array {
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
