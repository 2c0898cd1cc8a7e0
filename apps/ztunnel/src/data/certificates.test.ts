import { expect, test } from "vitest";
import { FakeClock } from "@ambit/testkit/fake-clock.ts";
import { certificate, identity } from "../testing/build.ts";
import { Certificates } from "./certificates.ts";

const HOUR = 3_600_000;

function setUp(): {
  certificates: Certificates;
  clock: FakeClock;
  wanted: string[];
  released: string[];
  replaced: string[];
} {
  const clock = new FakeClock();
  const wanted: string[] = [];
  const released: string[] = [];
  const replaced: string[] = [];
  let contexts = 0;
  const certificates = new Certificates({
    clock,
    load: ({ privateKey }) => {
      if (privateKey === "broken") throw new Error("cannot be loaded");
      const name = `context ${++contexts}`;
      return { release: () => void released.push(name) };
    },
    want: (id) => wanted.push(id),
    onReplaced: (before, after) => replaced.push(`${before.serial}>${after.serial}`),
  });
  return { certificates, clock, wanted, released, replaced };
}

test("whenReady() asks once however many wait, and serves all of them", () => {
  const { certificates, clock, wanted } = setUp();
  const got: (string | undefined)[] = [];
  certificates.whenReady(identity("web"), (loaded) => got.push(loaded?.certificate.serial));
  certificates.whenReady(identity("web"), (loaded) => got.push(loaded?.certificate.serial));
  expect(wanted).toEqual([identity("web")]);
  certificates.put(certificate("web", "01", clock.now() + HOUR));
  expect(got).toEqual(["01", "01"]);
  certificates.whenReady(identity("web"), (loaded) => got.push(loaded?.certificate.serial));
  expect(got).toHaveLength(3);
  expect(clock.armed).toBe(0);
});

test("whenReady() gives up after five seconds, or when it is told that there is none", async () => {
  const { certificates, clock } = setUp();
  const errors: string[] = [];
  certificates.whenReady(identity("web"), (_loaded, error) => errors.push(error));
  await clock.advance(4_999);
  expect(errors).toEqual([]);
  await clock.advance(1);
  expect(errors).toEqual([`no certificate for ${identity("web")} within 5 s`]);
  certificates.whenReady(identity("web"), (_loaded, error) => errors.push(error));
  certificates.fail(identity("web"), "refused");
  expect(errors[1]).toBe("refused");
});

test("whenReady() forgets who gave the wait up", () => {
  const { certificates, clock, wanted } = setUp();
  const cancel = certificates.whenReady(identity("web"), () => expect.unreachable());
  cancel();
  certificates.put(certificate("web", "01", clock.now() + HOUR));
  expect(wanted).toHaveLength(1);
});

test("put() replaces for new handshakes and releases the old context", () => {
  const { certificates, clock, released, replaced } = setUp();
  certificates.put(certificate("web", "01", clock.now() + HOUR));
  certificates.put(certificate("web", "01", clock.now() + HOUR));
  expect(released).toEqual([]);
  certificates.put(certificate("web", "02", clock.now() + HOUR));
  expect(certificates.peek(identity("web"))?.certificate.serial).toBe("02");
  expect(released).toEqual(["context 1"]);
  expect(replaced).toEqual(["01>02"]);
});

test("peek() never hands out an expired certificate", async () => {
  const { certificates, clock } = setUp();
  certificates.put(certificate("web", "01", clock.now() + 1_000));
  await clock.advance(1_000);
  expect(certificates.peek(identity("web"))).toBeUndefined();
});

test("put() of material that cannot be loaded keeps the old one and fails those who wait", () => {
  const { certificates, clock } = setUp();
  const errors: string[] = [];
  certificates.whenReady(identity("web"), (_loaded, error) => errors.push(error));
  certificates.put({ ...certificate("web", "01", clock.now() + HOUR), privateKey: "broken" });
  expect(errors).toEqual([`the certificate for ${identity("web")} cannot be loaded`]);
});

test("remove() releases the context and fails those who wait", () => {
  const { certificates, clock, released } = setUp();
  certificates.put(certificate("web", "01", clock.now() + HOUR));
  certificates.remove(identity("web"));
  expect(released).toEqual(["context 1"]);
  expect(certificates.peek(identity("web"))).toBeUndefined();
});
