import { Resolver } from "node:dns/promises";

// Prints the addresses of a name, as a pod's resolver would find them; nothing listens at the address that is asked.
const resolver = new Resolver({ timeout: 3_000, tries: 1 });
resolver.setServers(["10.96.0.10"]);
const found = await resolver.resolve4(process.argv[2] ?? "").catch((error: unknown) => [String(error)]);
process.stdout.write(`${found.join(",")}\n`);
