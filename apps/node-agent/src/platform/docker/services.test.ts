import { describe, expect, test } from "vitest";
import { deriveServices, type ServiceMember } from "./services.ts";

function member(
  change: Partial<ServiceMember["pod"]> & Partial<Omit<ServiceMember, "pod">> = {},
): ServiceMember {
  const { exposedPorts = [], listening = [], ...pod } = change;
  return {
    pod: { namespace: "shop", service: "web", serviceAccount: "web", namedPorts: undefined, ...pod },
    exposedPorts,
    listening,
  };
}

const tcp = (port: number) => ({ protocol: "tcp", port });

describe("deriveServices()", () => {
  test("makes one service of each name and namespace, in the order of their names", () => {
    const services = deriveServices([
      member({ service: "web" }),
      member({ service: "api" }),
      member({ service: "web" }),
      member({ service: "web", namespace: "blog" }),
      member({ service: "" }),
    ]);
    expect(services.map(({ namespace, name }) => `${namespace}/${name}`)).toEqual([
      "blog/web",
      "shop/api",
      "shop/web",
    ]);
  });

  test("offers what any member exposes or listens on, each port once", () => {
    const [web] = deriveServices([
      member({ exposedPorts: [80], listening: [9090] }),
      member({ exposedPorts: [80], listening: [80, 8080] }),
    ]);
    expect(web?.ports).toEqual([tcp(80), tcp(8080), tcp(9090)]);
  });

  test("offers what labels name and nothing else once one member's do; the first to name a port says how it is spoken to", () => {
    const [web] = deriveServices([
      member({ exposedPorts: [22], listening: [9090] }),
      member({ namedPorts: [{ protocol: "http", port: 80 }] }),
      member({ namedPorts: [tcp(80), tcp(81)] }),
    ]);
    expect(web?.ports).toEqual([{ protocol: "http", port: 80 }, tcp(81)]);
  });

  test("knows a service without a port", () => expect(deriveServices([member()])[0]?.ports).toEqual([]));
});
