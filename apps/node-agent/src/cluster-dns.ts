import { parseIp } from "@ambit/base/ip.ts";
import dnsPacket, { type Answer, type DecodedPacket, type Question } from "dns-packet";
import { targetPort, type BackendPod, type ServiceView } from "./service-view.ts";

/** Seconds a client may keep an answer; short, because pods come and go. */
const TTL = 5;
/** Largest UDP answer without EDNS (RFC 1035, 4.2.1). */
const PLAIN_BYTES = 512;
/** Largest UDP answer we send (RFC 9715's advice against fragmentation). */
const MAX_BYTES = 1_232;

const RCODE = { ok: 0, serverFailure: 2, noName: 3, notImplemented: 4, refused: 5 } as const;

/** Bytes before the question (RFC 1035, 4.1.1). */
const HEADER_BYTES = 12;

interface Found {
  readonly rcode: number;
  readonly answers: readonly Answer[];
}

const NO_NAME: Found = { rcode: RCODE.noName, answers: [] };
const NOTHING: Found = { rcode: RCODE.ok, answers: [] };

/**
 * What the cluster's name service knows: services, headless services' pods, pods by address, external names. For pods
 * outside the mesh; captured ones ask their node proxy.
 */
export class ClusterDns {
  readonly #zone: string;
  #services = new Map<string, ServiceView>();

  /** `domain`: such as `cluster.local`. */
  constructor(domain: string) {
    this.#zone = domain;
  }

  update(views: readonly ServiceView[]): void {
    this.#services = new Map(
      views.map((view) => [`${view.service.metadata.name}.${view.service.metadata.namespace}`, view]),
    );
  }

  /** The answer to a packet; undefined when it deserves none. Names outside the cluster fail at once, nothing is forwarded. */
  respond(packet: Uint8Array): Uint8Array | undefined {
    let query: DecodedPacket;
    try {
      query = dnsPacket.decode(Buffer.from(packet));
    } catch {
      return undefined;
    }
    const [question] = query.questions ?? [];
    if (query.type !== "query" || question === undefined || !isRepeatable(packet, question)) return undefined;
    const edns = query.additionals?.find((record) => record.type === "OPT");
    const found =
      operation(query) === 0 ? this.#resolve(question) : { ...NOTHING, rcode: RCODE.notImplemented };
    return encode(query, question, found, edns !== undefined);
  }

  #resolve(question: Question): Found {
    const name = question.name.toLowerCase().replace(/\.$/, "");
    if (name !== this.#zone && !name.endsWith(`.${this.#zone}`))
      // Not ours to say that it does not exist.
      return { rcode: RCODE.serverFailure, answers: [] };
    const labels = name.slice(0, -this.#zone.length - 1).split(".");
    const kind = labels.pop();
    if (kind === "svc") return this.#service(question, name, labels);
    if (kind === "pod") return podByAddress(question, name, labels);
    return kind === "" || kind === undefined ? NOTHING : NO_NAME;
  }

  /** `svc.ns`, `host.svc.ns`, `_port._proto.svc.ns`. */
  #service(question: Question, name: string, labels: readonly string[]): Found {
    if (labels.length < 2) return NOTHING;
    const view = this.#services.get(labels.slice(-2).join("."));
    if (view === undefined) return NO_NAME;
    const rest = labels.slice(0, -2);
    const { externalName, type } = view.service.spec;
    if (rest.length === 0 && type === "ExternalName") {
      return { rcode: RCODE.ok, answers: [{ type: "CNAME", name, ttl: TTL, data: externalName ?? "" }] };
    }
    if (rest.length === 0) return addresses(question, name, this.#addressesOf(view));
    if (rest.length === 1) {
      const pod = view.backends.find((candidate) => nameBelow(view, candidate) === rest[0]);
      return pod === undefined ? NO_NAME : addresses(question, name, pod.ips);
    }
    return rest.length === 2 ? this.#ports(question, name, view, rest) : NO_NAME;
  }

  #addressesOf(view: ServiceView): readonly string[] {
    return view.vips.length > 0 ? view.vips : view.backends.flatMap((pod) => pod.ips);
  }

  #ports(question: Question, name: string, view: ServiceView, labels: readonly string[]): Found {
    const [port, protocol] = labels.map((label) => label.replace(/^_/, ""));
    const wanted = view.service.spec.ports.find(
      (entry) => entry.name === port && entry.protocol.toLowerCase() === protocol,
    );
    if (wanted === undefined) return NO_NAME;
    if (question.type !== "SRV") return NOTHING;
    const { namespace, name: service } = view.service.metadata;
    const own = `${service}.${namespace}.svc.${this.#zone}`;
    const record = (target: string, number: number): Answer => ({
      type: "SRV",
      name,
      ttl: TTL,
      data: { priority: 0, weight: 1, port: number, target },
    });
    if (view.vips.length > 0) return { rcode: RCODE.ok, answers: [record(own, wanted.port)] };
    return {
      rcode: RCODE.ok,
      answers: view.backends.flatMap((pod) => {
        const number = targetPort(wanted, pod);
        return number === undefined ? [] : [record(`${nameBelow(view, pod)}.${own}`, number)];
      }),
    };
  }
}

// The decoder garbles labels that are no text or hold a dot. Names of the cluster have none, and an answer to another
// question than was asked helps nobody.
function isRepeatable(packet: Uint8Array, question: Question): boolean {
  const repeated = dnsPacket.encode({ type: "query", questions: [question] });
  const asked = packet.subarray(HEADER_BYTES, repeated.length);
  return Buffer.compare(repeated.subarray(HEADER_BYTES), asked) === 0;
}

/** The kind of query (RFC 1035, 4.1.1): 0 is an ordinary one. */
function operation(query: DecodedPacket): number {
  return ((query.flags ?? 0) >> 11) & 0xf;
}

/** A pod's label below a headless service: its host name when its subdomain says so, else its address with dashes. */
function nameBelow(view: ServiceView, pod: BackendPod): string {
  if (pod.subdomain === view.service.metadata.name && pod.hostname !== "") return pod.hostname;
  return (pod.ips[0] ?? "").replaceAll(/[.:]/g, "-");
}

/** `10-244-1-2.ns.pod`: the address is in the name itself. */
function podByAddress(question: Question, name: string, labels: readonly string[]): Found {
  const [dashed = ""] = labels;
  if (labels.length !== 2) return NO_NAME;
  const ip = [dashed.replaceAll("-", "."), dashed.replaceAll("-", ":")].find(
    (text) => parseIp(text) !== undefined,
  );
  return ip === undefined ? NO_NAME : addresses(question, name, [ip]);
}

function addresses(question: Question, name: string, ips: readonly string[]): Found {
  const answers = ips.flatMap((ip): readonly Answer[] => {
    const type = ip.includes(":") ? "AAAA" : "A";
    return question.type === type ? [{ type, name, ttl: TTL, data: ip }] : [];
  });
  return { rcode: RCODE.ok, answers };
}

function encode(query: DecodedPacket, question: Question, found: Found, edns: boolean): Uint8Array {
  const flags =
    dnsPacket.AUTHORITATIVE_ANSWER |
    dnsPacket.RECURSION_AVAILABLE |
    (query.flag_rd ? dnsPacket.RECURSION_DESIRED : 0) |
    found.rcode;
  const packet = (answers: readonly Answer[], extra: number): Uint8Array =>
    dnsPacket.encode({
      type: "response",
      ...(query.id === undefined ? {} : { id: query.id }),
      flags: flags | extra,
      questions: [question],
      answers: [...answers],
      ...(edns ? { additionals: [OPT] } : {}),
    });
  const limit = edns ? MAX_BYTES : PLAIN_BYTES;
  let answers = found.answers;
  let bytes = packet(answers, 0);
  // Half of many addresses is as good as all of them; whoever wants all is told that it was cut.
  while (bytes.length > limit && answers.length > 0) {
    answers = answers.slice(0, Math.floor(answers.length / 2));
    bytes = packet(answers, dnsPacket.TRUNCATED_RESPONSE);
  }
  return bytes;
}

const OPT: Answer = {
  type: "OPT",
  name: ".",
  udpPayloadSize: MAX_BYTES,
  extendedRcode: 0,
  ednsVersion: 0,
  flags: 0,
  flag_do: false,
  options: [],
};
