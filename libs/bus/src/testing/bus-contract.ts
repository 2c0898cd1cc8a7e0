import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { sleep, systemClock } from "@ambit/base/clock.ts";
import { seededRandom } from "@ambit/base/random.ts";
import { BROKER_LIMITS } from "../broker-limits.ts";
import { BUS_USERS, type BrokerUnderTest, type StartBroker } from "./broker-under-test.ts";
import { WireClient } from "./wire-client.ts";

const CA_BUNDLE = "mesh.ca.bundle";
const ROTATED_A = "mesh.cert.rotated.node-a";
const POLICY = "mesh.policy.invalidated.shop";

/**
 * Messages of the largest payload, 100 MiB of them. A client that reads nothing is not slow before its broker has to wait,
 * and the kernel may hold 36 MiB for a connection (`tcp_rmem`, `tcp_wmem`), twice that behind a container engine's
 * port, which is a proxy's.
 */
const MORE_THAN_LIES_ON_THE_WAY = 1_600;

/** What every broker of the mesh does, the embedded one and a real server alike. */
export function describeBroker(name: string, start: StartBroker): void {
  describe(name, () => {
    let broker: BrokerUnderTest;
    const open: WireClient[] = [];

    beforeAll(async () => {
      broker = await start(BUS_USERS);
    });
    afterEach(() => {
      for (const client of open.splice(0)) client.close();
    });
    afterAll(() => broker.stop());

    async function stranger(): Promise<WireClient> {
      const client = await WireClient.open(broker.port);
      open.push(client);
      return client;
    }

    async function as(user: string): Promise<WireClient> {
      const client = await stranger();
      await client.login(user, `secret-of-${user}`);
      expect(client.errors).toEqual([]);
      return client;
    }

    describe("a stranger", () => {
      it("is told that it has to name itself, and the limits", async () => {
        const client = await stranger();
        expect(client.text).toContain('"auth_required":true');
        expect(client.text).toContain(`"max_payload":${BROKER_LIMITS.maxPayload}`);
      });

      it.each(["SUB > 1", "PUB mesh.ca.bundle 0\r\n", "PING", "UNSUB 1", "HPUB x 0 0\r\n", "+OK", "INFO {}"])(
        "is thrown out when its first word is %j",
        async (first) => {
          const client = await stranger();
          client.send(`${first}\r\n`);
          await client.untilClosed();
          expect(client.errors).toEqual(["Authorization Violation"]);
        },
      );

      it.each([
        ["no name", "{}"],
        ["an unknown name", '{"user":"root","pass":"secret-of-ca"}'],
        ["a wrong password", '{"user":"ca","pass":"guess"}'],
        ["no password", '{"user":"ca"}'],
        ["another's password", '{"user":"ca","pass":"secret-of-discovery"}'],
        ["a token", '{"auth_token":"secret-of-ca"}'],
        ["a JWT", '{"jwt":"eyJhbGciOiJub25lIn0.e30.","sig":"x","user":""}'],
        ["an array", '{"user":["ca"],"pass":["secret-of-ca"]}'],
        ["rubbish", "{"],
      ])("is thrown out with %s", async (_name, options) => {
        const client = await stranger();
        client.send(`CONNECT ${options}\r\nSUB > 1\r\n`);
        await client.untilClosed();
        // The real server does not always say why.
        expect(client.errors.length).toBeLessThanOrEqual(1);
        await as("ca");
      });

      it("is thrown out when it says nothing", async () => {
        const client = await stranger();
        await client.untilClosed();
        expect(client.errors).toEqual(["Authentication Timeout"]);
      });
    });

    describe("permissions", () => {
      // user, subject, whether it may publish there, whether it may subscribe there.
      it.each<[string, string, boolean, boolean]>([
        ["ca", CA_BUNDLE, true, false],
        ["ca", ROTATED_A, true, false],
        ["ca", POLICY, false, false],
        ["discovery", POLICY, true, false],
        ["discovery", "mesh.cfg.version", true, false],
        ["discovery", CA_BUNDLE, false, true],
        ["discovery", "mesh.cert.rotated.*", false, true],
        ["discovery", "mesh.cert.>", false, false],
        ["ztunnel-node-a", "mesh.hb.node-a", true, false],
        ["ztunnel-node-a", "mesh.hb.node-b", false, false],
        ["ztunnel-node-a", CA_BUNDLE, false, true],
        ["ztunnel-node-a", ROTATED_A, false, true],
        ["ztunnel-node-a", "mesh.cert.rotated.node-b", false, false],
        ["ztunnel-node-a", "mesh.cert.rotated.*", false, false],
        ["ztunnel-node-a", "mesh.cert.rotated.>", false, false],
        ["ztunnel-node-a", "mesh.policy.invalidated.>", false, true],
        ["ztunnel-node-a", "mesh.policy.*.shop", false, false],
        ["ztunnel-node-a", "mesh.>", false, false],
        ["ztunnel-node-a", "*.ca.bundle", false, false],
        ["ztunnel-node-a", "*", false, false],
        ["ztunnel-node-a", ">", false, false],
        ["waypoint-shop-wp", "mesh.hb.shop.wp", true, false],
        ["waypoint-shop-wp", POLICY, false, true],
        ["waypoint-shop-wp", "mesh.policy.invalidated.bank", false, false],
        ["waypoint-shop-wp", "mesh.policy.invalidated.*", false, false],
        ["telemetry", "mesh.hb.>", false, true],
        ["telemetry", CA_BUNDLE, false, false],
        ["operator", CA_BUNDLE, false, false],
        ["operator", "mesh.hb.>", false, false],
        ["discovery", "$SYS.>", false, false],
        ["discovery", "$JS.API.>", false, false],
        ["ca", "$SYS.REQ.SERVER.PING", false, false],
        ["ca", "$JS.API.STREAM.NAMES", false, false],
        ["ca", "_INBOX.x", false, false],
      ])("%s at %s: publish %s, subscribe %s", async (user, subject, mayPublish, maySubscribe) => {
        const client = await as(user);
        client.send(`SUB ${subject} 1\r\nSUB ${subject} group 2\r\n`);
        await client.sync();
        expect(client.errors.map(kindOf)).toEqual(maySubscribe ? [] : ["subscription", "subscription"]);
        if (/[*>]/.test(subject)) return;
        const publisher = await as(user);
        publisher.send(`PUB ${subject} 1\r\nx\r\n`);
        await publisher.sync();
        expect(publisher.errors.map(kindOf)).toEqual(mayPublish ? [] : ["publish"]);
      });

      it("keep a denied publication from those who may hear the subject", async () => {
        const listener = await as("discovery");
        listener.send(`SUB ${CA_BUNDLE} 1\r\n`);
        await listener.sync();
        const forger = await as("ztunnel-node-a");
        forger.send(`PUB ${CA_BUNDLE} 6\r\nforged\r\n`);
        await forger.sync();
        const ca = await as("ca");
        ca.send(`PUB ${CA_BUNDLE} 7\r\ngenuine\r\n`);
        await listener.until("genuine");
        expect(listener.messages).toEqual([`${CA_BUNDLE}=genuine`]);
      });

      it("are not widened by a second CONNECT without the other's password", async () => {
        const listener = await as("discovery");
        listener.send(`SUB ${CA_BUNDLE} 1\r\n`);
        await listener.sync();
        const client = await as("ztunnel-node-a");
        client.send('CONNECT {"user":"ca","pass":"secret-of-ztunnel-node-a"}\r\n');
        client.send(`PUB ${CA_BUNDLE} 6\r\nforged\r\n`);
        await client.sync();
        await listener.sync();
        expect(listener.messages).toEqual([]);
      });
    });

    describe("delivery", () => {
      it("follows subjects, wildcards and the end of subscriptions", async () => {
        const listener = await as("discovery");
        listener.send(`SUB mesh.cert.rotated.* 1\r\nSUB mesh.cert.rotated.> 2\r\nSUB ${ROTATED_A} 3\r\n`);
        listener.send("UNSUB 2\r\n");
        await listener.sync();
        const ca = await as("ca");
        ca.send("PUB mesh.cert.rotated.node-a 1\r\na\r\nPUB mesh.cert.rotated.node-b.x 1\r\nc\r\n");
        ca.send("PUB mesh.cert.rotated.node-b 1\r\nb\r\n");
        await listener.until("\r\nb\r\n");
        expect([...listener.messages].toSorted()).toEqual([
          `${ROTATED_A}=a`,
          `${ROTATED_A}=a`,
          "mesh.cert.rotated.node-b=b",
        ]);
      });

      it("ends a subscription after as many messages as it was given, those before counted", async () => {
        const listener = await as("discovery");
        listener.send(`SUB ${CA_BUNDLE} 1\r\n`);
        await listener.sync();
        const ca = await as("ca");
        ca.send(`PUB ${CA_BUNDLE} 1\r\n1\r\n`);
        await listener.until("\r\n1\r\n");
        listener.send("UNSUB 1 3\r\n");
        await listener.sync();
        for (const payload of ["2", "3", "4"]) ca.send(`PUB ${CA_BUNDLE} 1\r\n${payload}\r\n`);
        await ca.sync();
        await listener.sync();
        expect(listener.messages.map((text) => text.at(-1))).toEqual(["1", "2", "3"]);
      });

      it("gives a message to one member of each queue group", async () => {
        const members = await Promise.all([as("discovery"), as("discovery"), as("discovery")]);
        for (const member of members) {
          member.send(`SUB ${CA_BUNDLE} group 1\r\n`);
          await member.sync();
        }
        const ca = await as("ca");
        for (let index = 0; index < 60; index++) ca.send(`PUB ${CA_BUNDLE} 1\r\nx\r\n`);
        await ca.sync();
        for (const member of members) await member.sync();
        const counts = members.map((member) => member.messages.length);
        expect(counts.reduce((sum, count) => sum + count, 0)).toBe(60);
        expect(counts.every((count) => count > 0)).toBe(true);
      });

      it("takes messages with headers and in single bytes", async () => {
        const listener = await stranger();
        listener.send('CONNECT {"user":"discovery","pass":"secret-of-discovery","verbose":false}\r\n');
        listener.send(`SUB ${CA_BUNDLE} 1\r\n`);
        await listener.sync();
        const ca = await as("ca");
        const headers = "NATS/1.0\r\nReason: none\r\n\r\n";
        const text = `HPUB ${CA_BUNDLE} ${headers.length} ${headers.length + 4}\r\n${headers}body\r\n`;
        for (const byte of text) ca.send(byte);
        await listener.until("body");
        expect(listener.messages).toEqual([`${CA_BUNDLE}=body`]);
      });
    });

    describe("limits", () => {
      it("take the largest payload and throw out a larger one", async () => {
        const ca = await as("ca");
        ca.send(
          `PUB ${CA_BUNDLE} ${BROKER_LIMITS.maxPayload}\r\n${"x".repeat(BROKER_LIMITS.maxPayload)}\r\n`,
        );
        await ca.sync();
        expect(ca.errors).toEqual([]);
        ca.send(`PUB ${CA_BUNDLE} ${BROKER_LIMITS.maxPayload + 1}\r\n`);
        ca.send("x".repeat(BROKER_LIMITS.maxPayload + 1));
        await ca.untilClosed();
        expect(ca.errors).toEqual(["Maximum Payload Violation"]);
      });

      it("throw out a control line that does not end", async () => {
        const client = await as("ca");
        client.send("SUB ".padEnd(4 * BROKER_LIMITS.maxControlLine, "x"));
        await client.untilClosed();
      });

      it("refuse one subscription too many", async () => {
        const client = await as("discovery");
        for (let sid = 0; sid <= BROKER_LIMITS.maxSubscriptions; sid++)
          client.send(`SUB ${CA_BUNDLE} ${sid}\r\n`);
        await client.sync();
        expect(client.errors).toEqual(["maximum subscriptions exceeded"]);
      });

      it("throw out what is no protocol", async () => {
        const client = await as("ca");
        client.send("GET / HTTP/1.1\r\n\r\n");
        await client.untilClosed();
        expect(client.errors).toHaveLength(1);
      });

      it("cut off a client that reads nothing, and nobody else", { timeout: 30_000 }, async () => {
        const slow = await as("discovery");
        slow.send(`SUB ${CA_BUNDLE} 1\r\n`);
        await slow.sync();
        slow.pause();
        const quick = await as("ztunnel-node-a");
        quick.send(`SUB ${CA_BUNDLE} 1\r\n`);
        await quick.sync();
        const ca = await as("ca");
        const message = `PUB ${CA_BUNDLE} ${BROKER_LIMITS.maxPayload}\r\n${"x".repeat(BROKER_LIMITS.maxPayload)}\r\n`;
        for (let index = 0; index < MORE_THAN_LIES_ON_THE_WAY; index++) {
          ca.send(message);
          if (index % 20 !== 0) continue;
          await ca.sync();
          // Or it would be a slow one itself on a machine that does much else.
          await quick.sync();
          quick.text = "";
        }
        await ca.sync();
        await quick.sync();
        expect(quick.closed).toBe(false);
        // Broken only when it writes on: reading would show what still lay in the kernel.
        await sleep(systemClock, BROKER_LIMITS.writeDeadlineMs + 500);
        slow.resume();
        await slow.untilClosed();
      });

      it("survive rubbish of every kind", async () => {
        const random = seededRandom(7);
        const words = [
          "SUB",
          "PUB",
          "UNSUB",
          "HPUB",
          "PING",
          "CONNECT",
          " ",
          "\r\n",
          "mesh.ca.bundle",
          "1",
          "-1",
          "{}",
          "\0",
          "\t",
        ];
        for (let round = 0; round < 30; round++) {
          const client = await stranger();
          if (round % 2 === 0) await client.login("ca", "secret-of-ca");
          for (let part = 0; part < 20; part++) {
            if (random.below(3) === 0) client.send(random.bytes(random.below(300)));
            else
              client.send(
                `${words[random.below(words.length)] ?? ""} ${words[random.below(words.length)] ?? ""}\r\n`,
              );
          }
          client.close();
        }
        await as("ca");
      });
    });
  });
}

function kindOf(error: string): string {
  return /^Permissions Violation for (Publish|Subscription) to /.exec(error)?.[1]?.toLowerCase() ?? error;
}
