import fc from "fast-check";
import { expect, test } from "vitest";
import { anyPolicy, anyService, anyWorkload } from "../testing/arbitrary.ts";
import { decodeAddress, encodeAddress } from "./address.ts";
import { decodeAuthorization, encodeAuthorization } from "./authorization.ts";

// Shared setting of the properties below: how many values each is shown.
const RUNS = { numRuns: 300 };

test("decodeAddress() gives back what encodeAddress() was given: workloads", () => {
  fc.assert(
    fc.property(anyWorkload, (workload) => {
      const decoded = decodeAddress(encodeAddress({ kind: "workload", workload }));
      expect(decoded).toEqual({ ok: true, value: { kind: "workload", workload } });
    }),
    RUNS,
  );
});

test("decodeAddress() gives back what encodeAddress() was given: services", () => {
  fc.assert(
    fc.property(anyService, (service) => {
      const decoded = decodeAddress(encodeAddress({ kind: "service", service }));
      expect(decoded).toEqual({ ok: true, value: { kind: "service", service } });
    }),
    RUNS,
  );
});

test("decodeAuthorization() gives back what encodeAuthorization() was given", () => {
  fc.assert(
    fc.property(anyPolicy, (policy) => {
      const decoded = decodeAuthorization(encodeAuthorization(policy));
      expect(decoded).toEqual({ ok: true, value: policy });
    }),
    RUNS,
  );
});

test("encodeAddress() gives the same bytes whatever the order in which a workload's services were found", () => {
  fc.assert(
    fc.property(anyWorkload, (workload) => {
      const reversed = { ...workload, services: new Map([...workload.services].toReversed()) };
      const [one, two] = [workload, reversed].map((value) =>
        encodeAddress({ kind: "workload", workload: value }),
      );
      expect(Buffer.from(one ?? []).equals(Buffer.from(two ?? []))).toBe(true);
    }),
    RUNS,
  );
});

/** Bytes of a good resource with some of them changed, cut off or repeated. */
function damaged(good: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> {
  const blow = fc.record({ at: fc.nat(), to: fc.nat(255), kind: fc.nat(3) });
  return fc.tuple(good, fc.array(blow, { minLength: 1, maxLength: 4 })).map(([bytes, blows]) => {
    let hurt = Buffer.from(bytes);
    for (const { at, to, kind } of blows) {
      const place = hurt.length === 0 ? 0 : at % hurt.length;
      if (kind === 0) hurt = hurt.subarray(0, place);
      else if (kind === 1) hurt = Buffer.concat([hurt, hurt.subarray(place)]);
      else if (hurt.length > 0) hurt[place] = to;
    }
    return hurt;
  });
}

test("decoders never throw on damaged resources, and what they accept can be encoded again", () => {
  const addresses = fc.oneof(
    anyWorkload.map((workload) => encodeAddress({ kind: "workload", workload })),
    anyService.map((service) => encodeAddress({ kind: "service", service })),
  );
  fc.assert(
    fc.property(damaged(addresses), (bytes) => {
      const decoded = decodeAddress(bytes);
      if (decoded.ok) expect(decodeAddress(encodeAddress(decoded.value)).ok).toBe(true);
      else expect(decoded.reason).not.toBe("");
    }),
    { numRuns: 3_000 },
  );
  fc.assert(
    fc.property(damaged(anyPolicy.map(encodeAuthorization)), (bytes) => {
      const decoded = decodeAuthorization(bytes);
      if (decoded.ok) expect(decodeAuthorization(encodeAuthorization(decoded.value))).toEqual(decoded);
      else expect(decoded.reason).not.toBe("");
    }),
    { numRuns: 3_000 },
  );
});

test("decoders never throw on arbitrary bytes", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      for (const decoded of [decodeAddress(bytes), decodeAuthorization(bytes)])
        if (!decoded.ok) expect(decoded.reason).not.toBe("");
    }),
    { numRuns: 5_000 },
  );
});
