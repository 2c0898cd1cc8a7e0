import { beforeEach, describe, expect, test } from "vitest";
import { silentLogger } from "@ambit/base/logger.ts";
import { FakeClock } from "@ambit/testkit/fake-clock.ts";
import { ServiceBook } from "./service-book.ts";
import type { ServiceMember } from "./services.ts";

const written = new Map<string, Record<string, unknown>>();
const users = new Set<string>();
let members: ServiceMember[];
let clock: FakeClock;
let disk: { full: boolean; writes: number };
let book: ServiceBook;

beforeEach(() => {
  written.clear();
  users.clear();
  members = [];
  clock = new FakeClock();
  disk = { full: false, writes: 0 };
  book = new ServiceBook({
    clock,
    logger: silentLogger,
    members: () => members,
    isUserService: (namespace, name) => users.has(`${namespace}/${name}`),
    isUserNamespace: (name) => users.has(name),
    folder: {
      write: (kind, namespace, name, object) => {
        if (disk.full) throw new Error("ENOSPC");
        disk.writes++;
        written.set(`${kind}/${namespace}/${name}`, object);
      },
      remove: (kind, namespace, name) => void written.delete(`${kind}/${namespace}/${name}`),
    },
  });
});

function member(service: string, serviceAccount = service): ServiceMember {
  const pod = { namespace: "shop", service, serviceAccount, namedPorts: undefined };
  return { pod, exposedPorts: [80], listening: [] };
}

describe("ServiceBook", () => {
  test("update() writes the services, accounts and namespaces of all members, each once", () => {
    members = [member("web"), member("web"), member("api", "web"), member("", "job")];
    book.update();
    expect([...written.keys()].toSorted()).toEqual([
      "namespaces/shop/shop",
      "serviceaccounts/shop/job",
      "serviceaccounts/shop/web",
      "services/shop/api",
      "services/shop/web",
    ]);
    expect(disk.writes).toBe(5);
  });

  test("update() takes away what no member makes any more", () => {
    members = [member("web"), member("api")];
    book.update();
    members = [member("api")];
    book.update();
    expect([...written.keys()].toSorted()).toEqual([
      "namespaces/shop/shop",
      "serviceaccounts/shop/api",
      "services/shop/api",
    ]);
  });

  test("update() leaves a service or a namespace to the user who defines it, also later, and has it back when the user lets go", () => {
    members = [member("web")];
    users.add("shop/web");
    book.update();
    users.add("shop");
    book.update();
    expect([...written.keys()]).toEqual(["serviceaccounts/shop/web"]);
    users.clear();
    book.update();
    expect(written.has("services/shop/web")).toBe(true);
    expect(written.has("namespaces/shop/shop")).toBe(true);
    users.add("shop/web");
    book.update();
    expect(written.has("services/shop/web")).toBe(false);
  });

  test("update() writes what a full disk refused as soon as it can, and takes it away afterwards", () => {
    members = [member("web")];
    disk.full = true;
    book.update();
    expect(written.size).toBe(0);
    disk.full = false;
    book.update();
    expect(written.size).toBe(3);
    members = [];
    book.update();
    expect(written.size).toBe(0);
  });

  test("changed() writes many changes together, and nothing after stop()", async () => {
    members = [member("web")];
    for (let change = 0; change < 10; change++) book.changed();
    expect(disk.writes).toBe(0);
    await clock.advance(10);
    expect(disk.writes).toBe(3);
    members = [member("web"), member("api")];
    book.changed();
    book.stop();
    await clock.advance(1_000);
    expect(disk.writes).toBe(3);
  });
});
