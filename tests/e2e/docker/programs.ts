/** Programs for `node -e` inside containers: images have no shell. */

/** Prints the addresses of each name, one line each: `name address,address`, or the error's code. */
export const LOOK_UP = `
const { lookup } = require("node:dns").promises;
for (const name of process.argv.slice(1))
  lookup(name, { all: true, family: 4 })
    .then((found) => found.map(({ address }) => address).toSorted().join(), (error) => error.code)
    .then((text) => console.log(name, text));
`;

/** One GET on a connection of its own; prints the status and the body, or the error's code. */
export const GET = `
const call = require("node:http").get(process.argv[1], { agent: false, timeout: 4000 }, (response) => {
  let text = "";
  response.on("data", (chunk) => { text += chunk; });
  response.on("end", () => console.log(response.statusCode, text));
});
call.on("timeout", () => call.destroy(Object.assign(new Error(), { code: "TIMEOUT" })));
call.on("error", (error) => console.log(error.code));
`;

/** Prints a component's metrics; run in its own container. */
export const METRICS = `
const socketPath = process.env.ADMIN_SOCKET.replace("{hostname}", require("node:os").hostname());
require("node:http").get({ socketPath, path: "/metrics" }, (response) => response.pipe(process.stdout));
`;

/** Asks at once and prints what came of it; then stays. */
export const ASK_AT_ONCE = `
require("node:http").get(process.argv[1], (response) => { response.resume(); console.log("asked", response.statusCode); })
  .on("error", (error) => console.log("asked", error.code));
setInterval(() => undefined, 1000);
`;
