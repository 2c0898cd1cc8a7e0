import { expect, test } from "vitest";
import type { WorkloadCertificate } from "@ambit/identity/certificate.ts";
import { FakeClock } from "@ambit/testkit/fake-clock.ts";
import type { ToData } from "../messages.ts";
import { certificate, identity } from "../testing/build.ts";
import { CertificateDesk } from "./certificate-desk.ts";

function setUp(answer: () => Promise<WorkloadCertificate>): {
  desk: CertificateDesk;
  clock: FakeClock;
  posted: ToData[];
  calls: string[];
} {
  const clock = new FakeClock();
  const posted: ToData[] = [];
  const calls: string[] = [];
  const manager = {
    request: (id: string) => {
      calls.push(`request ${id}`);
      return answer();
    },
    warm: (id: string) => void calls.push(`warm ${id}`),
    forget: (id: string) => void calls.push(`forget ${id}`),
  };
  return {
    desk: new CertificateDesk({ clock, manager, broadcast: (message) => posted.push(message) }),
    clock,
    posted,
    calls,
  };
}

test("wanted() fetches once however many threads ask, and tells all of them", async () => {
  const found = certificate("web", "01", 1);
  const { desk, clock, posted, calls } = setUp(async () => found);
  desk.wanted(identity("web"));
  desk.wanted(identity("web"));
  await clock.advance(0);
  expect(calls).toHaveLength(1);
  expect(posted).toEqual([{ kind: "certificate", certificate: found }]);
});

test("wanted() tries again while traffic is held, then says why there is none", async () => {
  const { desk, clock, posted, calls } = setUp(async () => {
    throw new Error("pod unknown");
  });
  desk.wanted(identity("web"));
  await clock.advance(4_400);
  expect(posted).toEqual([]);
  await clock.advance(1_000);
  expect(calls).toHaveLength(10);
  expect(posted).toEqual([{ kind: "certificate-failed", identity: identity("web"), error: "pod unknown" }]);
  desk.wanted(identity("web"));
  expect(calls).toHaveLength(11);
});

test("wanted() that succeeds late still serves", async () => {
  let tries = 0;
  const { desk, clock, posted } = setUp(async () => {
    if (++tries < 3) throw new Error("away");
    return certificate("web", "01", 1);
  });
  desk.wanted(identity("web"));
  await clock.advance(1_000);
  expect(posted.map(({ kind }) => kind)).toEqual(["certificate"]);
});

test("drop() forgets the identity here and on the threads", () => {
  const { desk, posted, calls } = setUp(async () => certificate("web", "01", 1));
  desk.warm(identity("web"));
  desk.drop(identity("web"));
  expect(calls).toEqual([`warm ${identity("web")}`, `forget ${identity("web")}`]);
  expect(posted).toEqual([{ kind: "certificate-gone", identity: identity("web") }]);
});
