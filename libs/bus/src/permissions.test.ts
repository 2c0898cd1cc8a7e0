import fc from "fast-check";
import { expect, test } from "vitest";
import { meshUsers, maySubscribe, mayPublish } from "./permissions.ts";
import { natsServerConfig } from "./server-config.ts";
import { covers, isLiteral, isPattern } from "./subject.ts";

test.each([
  ["a.b", "a.b", true],
  ["a.b", "a.c", false],
  ["a.b", "a", false],
  ["a.b", "a.b.c", false],
  ["a.*", "a.b", true],
  ["a.*", "a.b.c", false],
  ["a.*", "a.*", true],
  ["a.*", "a.>", false],
  ["a.>", "a.b.c", true],
  ["a.>", "a", false],
  ["a.>", "a.*", true],
  ["a.>", "a.>", true],
  ["a.>", ">", false],
  ["a.b", "a.*", false],
  [">", "a", true],
  ["*", ">", false],
])("covers(%j, %j) is %s", (outer, inner, expected) => {
  expect(covers(outer, inner)).toBe(expected);
});

test("covers() says that every literal a pattern matches is matched, and only then", () => {
  const token = fc.constantFrom("a", "b");
  const literal = fc.array(token, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("."));
  const pattern = fc
    .tuple(fc.array(fc.constantFrom("a", "b", "*"), { maxLength: 3 }), fc.constantFrom("a", "b", "*", ">"))
    .map(([parts, last]) => [...parts, last].join("."));
  fc.assert(
    fc.property(pattern, pattern, literal, (outer, inner, subject) => {
      fc.pre(covers(outer, inner) && covers(inner, subject));
      expect(covers(outer, subject)).toBe(true);
    }),
  );
});

test.each(["", ".", "a.", ".a", "a..b", "a.>.b", "a b", "a\tb", "a\0", "x".repeat(256)])(
  "isPattern(%j) is false",
  (text) => {
    expect(isPattern(text)).toBe(false);
  },
);

test.each(["a.*", ">", "a.>"])("isLiteral(%j) is false although it is a pattern", (text) => {
  expect(isPattern(text)).toBe(true);
  expect(isLiteral(text)).toBe(false);
});

test("meshUsers() keeps nodes apart, also those whose names mean something to the bus", () => {
  const [evil] = meshUsers(["*"]).filter(({ name }) => name.startsWith("ztunnel"));
  expect(evil?.permissions.subscribe).toContain("mesh.cert.rotated._");
  const [user] = meshUsers(["node-a.example.com"]).filter(({ name }) => name.startsWith("ztunnel"));
  expect(user?.permissions.publish).toEqual(["mesh.hb.node-a_example_com"]);
});

test("nobody may publish a wildcard or hear everything", () => {
  for (const { permissions } of meshUsers(["node-a"], [{ kind: "gateway", namespace: "a", name: "b" }])) {
    for (const pattern of [">", "mesh.>", "*.>", "$SYS.>"]) {
      expect(maySubscribe(permissions, pattern)).toBe(false);
      expect(mayPublish(permissions, pattern)).toBe(false);
    }
    for (const pattern of permissions.publish)
      if (/[*>]/.test(pattern)) expect(mayPublish(permissions, pattern)).toBe(false);
  }
});

test("natsServerConfig() states every limit and turns an empty list into one that allows nothing", () => {
  const users = meshUsers(["node-a"]).map((user) => ({ ...user, password: 'quo"te' }));
  const text = natsServerConfig({
    host: "127.0.0.1",
    port: 4222,
    users,
    serverName: "bus",
    pidFile: "/run/nats.pid",
  });
  expect(text).toMatchInlineSnapshot(`
    "listen: "127.0.0.1:4222"
    server_name: "bus"
    pid_file: "/run/nats.pid"
    max_payload: 65536
    max_control_line: 1024
    max_subscriptions: 64
    max_connections: 1024
    max_pending: 4194304
    write_deadline: "2000ms"
    authorization {
      timeout: 1
      users: [
        { user: "ca", password: "quo\\"te", permissions: { publish: { allow: ["mesh.cert.rotated.>","mesh.ca.bundle"] }, subscribe: { allow: ["mesh.none"] } } }
        { user: "discovery", password: "quo\\"te", permissions: { publish: { allow: ["mesh.policy.invalidated.>","mesh.cfg.version"] }, subscribe: { allow: ["mesh.cert.rotated.>","mesh.ca.bundle"] } } }
        { user: "telemetry", password: "quo\\"te", permissions: { publish: { allow: ["mesh.none"] }, subscribe: { allow: ["mesh.hb.>","mesh.cfg.version"] } } }
        { user: "operator", password: "quo\\"te", permissions: { publish: { allow: ["mesh.none"] }, subscribe: { allow: ["mesh.none"] } } }
        { user: "ztunnel-node-a", password: "quo\\"te", permissions: { publish: { allow: ["mesh.hb.node-a"] }, subscribe: { allow: ["mesh.cert.rotated.node-a","mesh.policy.invalidated.>","mesh.ca.bundle"] } } }
      ]
    }
    "
  `);
});
