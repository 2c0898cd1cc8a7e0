import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { sleep, systemClock } from "@ambit/base/clock.ts";
import { silentLogger } from "@ambit/base/logger.ts";
import { seededRandom } from "@ambit/base/random.ts";
import { NatsBus } from "../nats-bus.ts";
import { BUS_USERS, type BrokerUnderTest, type StartBroker } from "./broker-under-test.ts";

const CA_BUNDLE = "mesh.ca.bundle";

/** What the mesh's own client does against a broker, whichever it is. */
export function describeBusClient(name: string, start: StartBroker): void {
  describe(name, () => {
    let broker: BrokerUnderTest;

    const folder = mkdtempSync(join(tmpdir(), "ambit-bus-"));
    const buses: NatsBus[] = [];

    beforeAll(async () => {
      broker = await start(BUS_USERS);
    });
    afterEach(async () => {
      for (const bus of buses.splice(0)) await bus.close();
    });
    afterAll(async () => {
      await broker.stop();
      rmSync(folder, { recursive: true });
    });

    function busOf(user: string, password = `secret-of-${user}`, port = broker.port): NatsBus {
      const credentialsPath = join(folder, `${user}.json`);
      writeFileSync(credentialsPath, JSON.stringify({ user, password }));
      const bus = new NatsBus(
        { url: `nats://127.0.0.1:${port}`, credentialsPath },
        { clock: systemClock, random: seededRandom(1), logger: silentLogger },
      );
      buses.push(bus);
      bus.start();
      return bus;
    }

    async function connected(bus: NatsBus): Promise<NatsBus> {
      await expect.poll(() => bus.connected, { timeout: 10_000 }).toBe(true);
      return bus;
    }

    it("carries what one user publishes to those who subscribed, until they stop", async () => {
      const got: string[] = [];
      const listener = busOf("ztunnel-node-a");
      const stop = listener.subscribe(CA_BUNDLE, ({ subject, data }) => {
        got.push(`${subject}=${Buffer.from(data).toString()}`);
      });
      await connected(listener);
      const ca = await connected(busOf("ca"));
      await expect
        .poll(() => {
          ca.publish(CA_BUNDLE, Buffer.from("hint"));
          return got[0];
        })
        .toBe(`${CA_BUNDLE}=hint`);
      stop();
      const before = got.length;
      ca.publish(CA_BUNDLE, Buffer.from("unheard"));
      const later: string[] = [];
      listener.subscribe(CA_BUNDLE, ({ data }) => void later.push(Buffer.from(data).toString()));
      await expect
        .poll(() => {
          ca.publish(CA_BUNDLE, Buffer.from("again"));
          return later.at(-1);
        })
        .toBe("again");
      expect(got.slice(before).filter((text) => text.endsWith("again"))).toEqual([]);
    });

    it("survives a subscription that it may not have", async () => {
      const bus = busOf("ztunnel-node-a");
      bus.subscribe("mesh.hb.>", () => undefined);
      const got: string[] = [];
      bus.subscribe(CA_BUNDLE, ({ data }) => void got.push(Buffer.from(data).toString()));
      await connected(bus);
      const ca = await connected(busOf("ca"));
      await expect
        .poll(() => {
          ca.publish(CA_BUNDLE, Buffer.from("hint"));
          return got[0];
        })
        .toBe("hint");
    });

    it("comes in as soon as its credentials are right", async () => {
      const bus = busOf("discovery", "wrong");
      await sleep(systemClock, 300);
      expect(bus.connected).toBe(false);
      writeFileSync(
        join(folder, "discovery.json"),
        JSON.stringify({ user: "discovery", password: "secret-of-discovery" }),
      );
      await connected(bus);
    });

    it(
      "knows when the broker is gone, publishes nothing then, and comes back with its subscriptions",
      { timeout: 30_000 },
      async () => {
        let own = await start(BUS_USERS);
        const { port } = own;
        const got: string[] = [];
        const listener = busOf("ztunnel-node-a", undefined, port);
        listener.subscribe(CA_BUNDLE, ({ data }) => void got.push(Buffer.from(data).toString()));
        const ca = await connected(busOf("ca", undefined, port));
        await connected(listener);
        await own.stop();
        await expect.poll(() => ca.connected || listener.connected, { timeout: 10_000 }).toBe(false);
        ca.publish(CA_BUNDLE, Buffer.from("lost"));
        own = await start(BUS_USERS, port);
        await connected(ca);
        await connected(listener);
        await expect
          .poll(() => {
            ca.publish(CA_BUNDLE, Buffer.from("hint"));
            return got.length > 0;
          })
          .toBe(true);
        expect(got).not.toContain("lost");
        await ca.close();
        await listener.close();
        await own.stop();
      },
    );

    it("stays closed", async () => {
      const bus = await connected(busOf("ca"));
      await bus.close();
      expect(bus.connected).toBe(false);
      expect(() => bus.publish(CA_BUNDLE, Buffer.from("x"))).not.toThrow();
    });
  });
}
