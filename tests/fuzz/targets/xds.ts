import { MeshStore } from "@ambit/store/mesh-store.ts";
import { decodeAddress, encodeAddress, type MeshAddress } from "@ambit/xds/resources/address.ts";
import { decodeAuthorization, encodeAuthorization } from "@ambit/xds/resources/authorization.ts";
import { parseIp, formatIp } from "@ambit/base/ip.ts";
import type { Random } from "@ambit/base/random.ts";
import { somePolicy, someService, someWorkload } from "../mesh-model.ts";
import { must, mustEqual, type FuzzTarget } from "../target.ts";
import { once } from "../words.ts";

/** Resources of the discovery stream: the first byte chooses policy or address. */
export function create(): FuzzTarget {
  return {
    valid: (random) => {
      const isPolicy = once(random, 2);
      const bytes = isPolicy ? encodeAuthorization(somePolicy(random)) : encodeAddress(someAddress(random));
      const resource = Buffer.concat([Buffer.of(isPolicy ? 1 : 0), bytes]);
      return once(random, 10) ? withMappedAddress(resource) : resource;
    },
    check: (input) => {
      if (((input[0] ?? 0) & 1) === 1) checkPolicy(input.subarray(1));
      else checkAddress(input.subarray(1));
    },
    prove: (random) => {
      const address = someAddress(random);
      mustEqual("an address", decodeAddress(encodeAddress(address)), { ok: true, value: address });
      const policy = somePolicy(random);
      mustEqual("a policy", decodeAuthorization(encodeAuthorization(policy)), { ok: true, value: policy });
    },
  };
}

// Sixteen bytes from fd00:: on become an IPv4 address in IPv6's clothes, which no generator of texts makes.
function withMappedAddress(resource: Buffer): Buffer {
  const at = resource.indexOf(Buffer.from("fd0000000000000000", "hex"));
  if (at >= 0) Buffer.from("00000000000000000000ffff", "hex").copy(resource, at);
  return resource;
}

function checkPolicy(bytes: Uint8Array): void {
  const decoded = decodeAuthorization(bytes);
  if (!decoded.ok) {
    must("a rejection says why", decoded.reason !== "");
    return;
  }
  mustEqual("a policy", decodeAuthorization(encodeAuthorization(decoded.value)), decoded);
  const store = new MeshStore();
  store.upsertPolicy(decoded.value);
  must("a policy can be removed", store.removePolicy(`${decoded.value.namespace}/${decoded.value.name}`));
}

function checkAddress(bytes: Uint8Array): void {
  const decoded = decodeAddress(bytes);
  if (!decoded.ok) {
    must("a rejection says why", decoded.reason !== "");
    return;
  }
  mustEqual("an address", decodeAddress(encodeAddress(decoded.value)), decoded);
  const store = new MeshStore();
  if (decoded.value.kind === "workload") {
    const { workload } = decoded.value;
    for (const ip of workload.addresses) mustEqual("the one form of an address", canonical(ip), ip);
    store.upsertWorkload(workload);
    store.upsertWorkload(workload);
    must("a workload can be removed", store.removeAddress(workload.uid));
  } else {
    const { service } = decoded.value;
    for (const { ip } of service.addresses) mustEqual("the one form of an address", canonical(ip), ip);
    store.upsertService(service);
    store.upsertService(service);
  }
  must("nothing stays behind", store.stats().workloadAddresses === 0);
}

function canonical(ip: string): string {
  const bytes = parseIp(ip);
  return bytes === undefined ? "no address" : formatIp(bytes);
}

function someAddress(random: Random): MeshAddress {
  return once(random, 2)
    ? { kind: "workload", workload: someWorkload(random) }
    : { kind: "service", service: someService(random) };
}
