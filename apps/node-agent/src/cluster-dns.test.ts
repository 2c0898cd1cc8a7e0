import dnsPacket, { type Answer, type DecodedPacket } from "dns-packet";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ClusterDns } from "./cluster-dns.ts";
import { ServiceAddresses, viewServices, type BackendPod } from "./service-view.ts";
import { backend, service } from "./testing/services.ts";

const PODS = [
  backend("db-0", ["10.244.1.2", "fd00::2"], { labels: { app: "db" }, hostname: "db-0", subdomain: "db" }),
  backend("db-1", ["10.244.2.2", "fd00::3"], { labels: { app: "db" }, hostname: "db-1", subdomain: "db" }),
];

function dns(pods: readonly BackendPod[] = PODS): ClusterDns {
  const services = [
    service("web", { clusterIPs: ["10.96.0.7", "fd00:10:96::7"] }),
    service("db", { clusterIPs: ["None"], selector: { app: "db" } }),
    service("far", { type: "ExternalName", externalName: "example.com" }),
  ];
  const names = new ClusterDns("cluster.local");
  names.update(viewServices(services, pods, new ServiceAddresses()));
  return names;
}

function ask(name: string, type: "A" | "AAAA" | "SRV" = "A", pods = PODS, edns = false): DecodedPacket {
  const query = dnsPacket.encode({
    type: "query",
    id: 7,
    flags: dnsPacket.RECURSION_DESIRED,
    questions: [{ name, type, class: "IN" }],
    ...(edns ? { additionals: [{ type: "OPT", name: ".", udpPayloadSize: 4096, flags: 0 } as Answer] } : {}),
  });
  const answer = dns(pods).respond(query);
  if (answer === undefined) throw new Error("no answer");
  return dnsPacket.decode(Buffer.from(answer));
}

const rcode = (packet: DecodedPacket): number => (packet.flags ?? 0) & 0xf;
const data = (packet: DecodedPacket): readonly unknown[] =>
  (packet.answers ?? []).map((record) => ("data" in record ? record.data : undefined));

describe("ClusterDns", () => {
  test("answers a service with its virtual address of the family asked for", () => {
    expect(data(ask("web.default.svc.cluster.local"))).toEqual(["10.96.0.7"]);
    expect(data(ask("WEB.default.svc.cluster.local", "AAAA"))).toEqual(["fd00:10:96::7"]);
    const answer = ask("web.default.svc.cluster.local");
    expect([answer.id, answer.flag_aa, answer.flag_ra, answer.flag_rd]).toEqual([7, true, true, true]);
  });

  test("answers a headless service with its pods, and each pod by its own name", () => {
    expect(data(ask("db.default.svc.cluster.local"))).toEqual(["10.244.1.2", "10.244.2.2"]);
    expect(data(ask("db-1.db.default.svc.cluster.local"))).toEqual(["10.244.2.2"]);
    expect(rcode(ask("db-9.db.default.svc.cluster.local"))).toBe(3);
  });

  test("answers ports as SRV", () => {
    expect(data(ask("_http._tcp.web.default.svc.cluster.local", "SRV"))).toEqual([
      { priority: 0, weight: 1, port: 80, target: "web.default.svc.cluster.local" },
    ]);
    expect(data(ask("_http._tcp.db.default.svc.cluster.local", "SRV"))).toMatchObject([
      { port: 8080, target: "db-0.db.default.svc.cluster.local" },
      { port: 8080, target: "db-1.db.default.svc.cluster.local" },
    ]);
    expect(rcode(ask("_grpc._tcp.web.default.svc.cluster.local", "SRV"))).toBe(3);
  });

  test("answers pods by address and external names by alias", () => {
    expect(data(ask("10-244-1-2.default.pod.cluster.local"))).toEqual(["10.244.1.2"]);
    expect(data(ask("far.default.svc.cluster.local"))).toEqual(["example.com"]);
  });

  test("says that an unknown name of the cluster does not exist, and fails at once for every other", () => {
    expect(rcode(ask("nothing.default.svc.cluster.local"))).toBe(3);
    expect(rcode(ask("web.default.svc.cluster.local.default.svc.cluster.local"))).toBe(3);
    expect(rcode(ask("example.com"))).toBe(2);
    expect([
      rcode(ask("db.default.svc.cluster.local", "SRV")),
      data(ask("web.default.svc.cluster.local", "SRV")),
    ]).toEqual([0, []]);
  });

  test("cuts an answer that does not fit and says so", () => {
    const many = Array.from({ length: 60 }, (_, index) =>
      backend(`db-${index}`, [`10.244.1.${index + 2}`], { labels: { app: "db" } }),
    );
    const plain = ask("db.default.svc.cluster.local", "A", many);
    expect(plain.flag_tc).toBe(true);
    expect(plain.answers?.length).toBeGreaterThan(5);
    const larger = ask("db.default.svc.cluster.local", "A", many, true);
    expect(larger.answers?.length).toBeGreaterThan(plain.answers?.length ?? 0);
  });

  test("gives anything that is no query no answer, and never throws", () => {
    const names = dns();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        names.respond(bytes);
      }),
      { numRuns: 2_000 },
    );
    expect(names.respond(dnsPacket.encode({ type: "response", id: 1, questions: [] }))).toBeUndefined();
  });

  test("does not answer a name that is no text, however long: repeating it would never end", () => {
    const labels = Array.from({ length: 3 }, () => `3f${"ff".repeat(63)}`).join("");
    const query = Buffer.from(`000701000001000000000000${labels}0000010001`, "hex");
    expect(dns().respond(query)).toBeUndefined();
    for (const label of ["01ff", "022f2e", "032e2e2e"])
      expect(dns().respond(Buffer.from(`000701000001000000000000${label}0000010001`, "hex"))).toBeUndefined();
  });
});
