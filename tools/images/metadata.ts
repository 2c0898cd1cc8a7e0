import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { MESH_GROUP, type Service } from "./services.ts";

/** Where the project lives when neither the environment nor the checkout says. */
const DEFAULT_SOURCE = "https://ambit.dev";

/** What every image says about where it comes from. */
export interface Release {
  readonly version: string;
  /** Address of the source code. */
  readonly source: string;
  /** Commit; empty outside a checkout. */
  readonly revision: string;
  /** Time of the commit, RFC 3339: an image made twice from one commit is the same image. */
  readonly created: string;
}

/** Reads the release from the checkout; `AMBIT_IMAGE_SOURCE` and `SOURCE_DATE_EPOCH` stand above it. */
export function readRelease(
  root: string,
  environment: Readonly<Record<string, string | undefined>>,
): Release {
  const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
  const git = (...args: string[]): string => {
    const run = spawnSync("git", ["-C", root, ...args], { encoding: "utf8" });
    return run.status === 0 ? run.stdout.trim() : "";
  };
  const remote = git("config", "--get", "remote.origin.url");
  const epoch = Number(environment["SOURCE_DATE_EPOCH"] ?? (git("log", "-1", "--format=%ct") || "0"));
  return {
    version: manifest.version,
    source: environment["AMBIT_IMAGE_SOURCE"] ?? publicAddress(remote) ?? DEFAULT_SOURCE,
    revision: git("rev-parse", "HEAD"),
    created: new Date(epoch * 1000).toISOString().replace(".000Z", "Z"),
  };
}

/** The address as others can use it: no folder of this machine, no credentials. */
export function publicAddress(remote: string): string | undefined {
  const ssh = /^git@([^:]+):(.+)$/.exec(remote);
  const text = ssh === null ? remote : `https://${ssh[1]}/${ssh[2]}`;
  if (!/^https?:\/\//.test(text) || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  return `https://${url.host}${url.pathname.replace(/\.git$/, "")}`;
}

/** Name and tag of a service's image. */
export function imageName(service: Pick<Service, "name">, { version }: Pick<Release, "version">): string {
  return `ambit/${service.name}:${version}`;
}

/** How every image is started; no shell, no debugger on a signal, no `__proto__`, no session tickets. */
export const ENTRYPOINT = [
  "/usr/local/bin/node",
  "--disable-proto=delete",
  "--disable-sigusr1",
  "--disable-warning=ExperimentalWarning",
  "--openssl-config=/app/openssl.cnf",
  "/app/bin/main.js",
] as const;

/** What every image's process is told unless it is told otherwise. */
export const ENVIRONMENT: Readonly<Record<string, string>> = {
  PATH: "/usr/local/bin",
  ADMIN_SOCKET: "/run/ambit/admin.sock",
  LOG_FORMAT: "json",
};

/** `uid:gid` of a service's process. */
export function userOf({ uid }: Pick<Service, "uid">): string {
  return `${uid}:${MESH_GROUP}`;
}

/** Labels by the names that the OCI gives them. */
export function labelsOf(service: Service, release: Release): Readonly<Record<string, string>> {
  const label = (name: string): string => `org.opencontainers.image.${name}`;
  return {
    [label("title")]: `ambit-${service.name}`,
    [label("description")]: service.description,
    [label("version")]: release.version,
    [label("revision")]: release.revision,
    [label("source")]: release.source,
    [label("created")]: release.created,
    [label("licenses")]: "Apache-2.0",
    [label("vendor")]: "Ambit",
  };
}
