import fastify, { type FastifyInstance } from "fastify";
import { afterEach, expect, test } from "vitest";
import { adminRoutes } from "./admin-routes.ts";

const servers: FastifyInstance[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

function serve(quitToken?: string): { server: FastifyInstance; quits: () => number } {
  const server = fastify();
  servers.push(server);
  let quits = 0;
  const quit = (): void => void quits++;
  adminRoutes({
    dump: async () => ({ workloads: [] }),
    connections: async () => [],
    drained: async () => ({ cut: 2, durationMs: 5_000 }),
    quit,
    quitToken,
  })(server);
  return { server, quits: () => quits };
}

test("config_dump answers JSON and the index names every page", async () => {
  const { server } = serve();
  expect((await server.inject("/config_dump")).json()).toEqual({ workloads: [] });
  expect((await server.inject("/drained")).json()).toEqual({ cut: 2, durationMs: 5_000 });
  expect((await server.inject("/")).body).toContain("/quitquitquit");
});

test("quitquitquit takes POST only, and the token when there is one", async () => {
  const open = serve();
  expect((await open.server.inject("/quitquitquit")).statusCode).toBe(404);
  expect((await open.server.inject({ method: "POST", url: "/quitquitquit" })).statusCode).toBe(200);
  expect(open.quits()).toBe(1);
  const guarded = serve("secret");
  const post = async (authorization: string): Promise<number> =>
    (await guarded.server.inject({ method: "POST", url: "/quitquitquit", headers: { authorization } }))
      .statusCode;
  expect(await post("Bearer secret ")).toBe(401);
  expect(await post("")).toBe(401);
  expect(guarded.quits()).toBe(0);
  expect(await post("Bearer secret")).toBe(200);
  expect(guarded.quits()).toBe(1);
});
