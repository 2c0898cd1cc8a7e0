import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { writeFileAtomic } from "@ambit/base/files.ts";
import type { Random } from "@ambit/base/random.ts";
import type { BrokerUser } from "./embedded-broker.ts";
import type { BusUser } from "./permissions.ts";

export interface BusCredentials {
  readonly user: string;
  readonly password: string;
}

/** Gives every user a random password, one file each (0600); those that have one keep it. */
export function ensureCredentials(
  folder: string,
  users: readonly BusUser[],
  random: Random,
): readonly BrokerUser[] {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return users.map((user) => {
    const path = credentialsPath(folder, user.name);
    if (existsSync(path)) return { ...user, password: readCredentials(path).password };
    const password = Buffer.from(random.bytes(24)).toString("base64url");
    writeFileAtomic(path, JSON.stringify({ user: user.name, password }), 0o600);
    return { ...user, password };
  });
}

function credentialsPath(folder: string, user: string): string {
  return join(folder, `${user}.json`);
}

export function readCredentials(path: string): BusCredentials {
  return JSON.parse(readFileSync(path, "utf8")) as BusCredentials;
}
