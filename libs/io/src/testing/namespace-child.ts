/**
 * Run by `namespaces.test.ts` inside fresh user and network namespaces. Makes a pod namespace, redirects in it as the
 * mesh does, and prints what a driver saw there as one line of JSON.
 */
import { execFileSync, spawn } from "node:child_process";
import { closeSync, readlinkSync } from "node:fs";
import type { AcceptedSocket, Driver, SocketAddress } from "../driver.ts";
import { chooseDriver } from "../choose-driver.ts";
import { namespaceIdentity, openNamespace, withNamespace } from "../netns.ts";
import { UdpSocket } from "../udp.ts";
import { Probe } from "./probe.ts";

const REDIRECT = `
add table inet mesh
add chain inet mesh out { type nat hook output priority -100; }
add rule inet mesh out meta mark 0x539 return
add rule inet mesh out tcp dport 8080 redirect to :15001
`;

const POD_IPV4 = "10.99.0.1";
const POD_IPV6 = "fd00:99::1";

function run(program: string, args: readonly string[], input = ""): void {
  execFileSync(program, args, { input, stdio: ["pipe", "ignore", "inherit"] });
}

async function makePod(): Promise<{ pid: number; end: () => void }> {
  const holder = spawn("unshare", ["--net", "sh", "-c", "echo up; exec sleep 30"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await new Promise((resolve) => {
    holder.stdout.once("data", resolve);
  });
  const pid = holder.pid ?? 0;
  const inside = (...args: string[]): void => run("nsenter", ["-t", String(pid), "-n", ...args]);
  inside("ip", "link", "set", "lo", "up");
  inside("ip", "address", "add", `${POD_IPV4}/32`, "dev", "lo");
  inside("ip", "-6", "address", "add", `${POD_IPV6}/128`, "dev", "lo", "nodad");
  run("nsenter", ["-t", String(pid), "-n", "nft", "-f", "-"], REDIRECT);
  return { pid, end: () => holder.kill("SIGKILL") };
}

interface Seen {
  readonly original: SocketAddress | undefined;
  readonly local: SocketAddress;
}

function watchPort(driver: Driver, ip: string, port: number, pod: number): { next: () => Promise<Seen> } {
  const seen: Seen[] = [];
  const wakers: ((value: Seen) => void)[] = [];
  driver.listen({ ip, port, namespaceFd: pod, originalDestination: true }, (socket: AcceptedSocket) => {
    const entry = { original: socket.originalDestination, local: socket.local };
    socket.handler = new Probe(driver);
    const wake = wakers.shift();
    if (wake === undefined) seen.push(entry);
    else wake(entry);
  });
  const next = (): Promise<Seen> =>
    new Promise((resolve) => {
      const first = seen.shift();
      if (first === undefined) wakers.push(resolve);
      else resolve(first);
    });
  return { next };
}

async function dial(driver: Driver, ip: string, port: number, pod: number, mark?: number): Promise<string> {
  const probe = new Probe(driver);
  driver.connect({ ip, port, namespaceFd: pod, ...(mark === undefined ? {} : { mark }) }, probe);
  while (!probe.connected && probe.error === undefined) await probe.next();
  return probe.error?.code ?? "connected";
}

function bindForeign(driver: Driver, pod: number, transparent: boolean): string {
  try {
    const options = { ip: POD_IPV4, port: 9, namespaceFd: pod, sourceIp: "10.99.7.7", transparent };
    driver.connect(options, new Probe(driver)).close();
    return "bound";
  } catch (error) {
    return String((error as { facts?: { errno?: string } }).facts?.errno);
  }
}

async function udpAnswer(pod: number): Promise<string> {
  const open = (onDatagram: (text: string, from: SocketAddress) => void): Promise<UdpSocket> =>
    UdpSocket.open({ ip: POD_IPV4, port: 0, namespaceFd: pod, mark: 0x539 }, (bytes, from) => {
      onDatagram(Buffer.from(bytes).toString(), from);
    });
  const server = await open((text, from) => server.sendTo(Buffer.from(text.toUpperCase()), from));
  return new Promise((resolve, reject) => {
    open(resolve).then((client) => client.sendTo(Buffer.from("ping"), server.local), reject);
  });
}

async function main(): Promise<void> {
  const { pid, end } = await makePod();
  const home = readlinkSync("/proc/thread-self/ns/net");
  const pod = openNamespace(`/proc/${pid}/ns/net`);
  const same = openNamespace(`/proc/${pid}/ns/net`);
  const own = openNamespace("/proc/self/ns/net");
  const driver = chooseDriver(process.argv[2] === "portable" ? "portable" : "engine", { checked: true });
  driver.start();
  const outbound = watchPort(driver, "::", 15001, pod);
  const server = watchPort(driver, "0.0.0.0", 8080, pod);
  const report = {
    inside: withNamespace(pod, () => readlinkSync("/proc/thread-self/ns/net")) !== home,
    back: readlinkSync("/proc/thread-self/ns/net") === home,
    identity: [
      namespaceIdentity(pod) === namespaceIdentity(same),
      namespaceIdentity(pod) === namespaceIdentity(own),
    ],
    redirected: [await dial(driver, POD_IPV4, 8080, pod), (await outbound.next()).original],
    redirectedIpv6: [await dial(driver, POD_IPV6, 8080, pod), (await outbound.next()).original],
    marked: [await dial(driver, POD_IPV4, 8080, pod, 0x539), (await server.next()).original ?? "none"],
    direct: [await dial(driver, POD_IPV4, 15001, pod), (await outbound.next()).original ?? "none"],
    outside: await dial(driver, "127.0.0.1", 15001, own),
    foreignSource: [bindForeign(driver, pod, false), bindForeign(driver, pod, true)],
    udp: await udpAnswer(pod),
  };
  process.stdout.write(`${JSON.stringify(report)}\n`);
  driver.stop();
  for (const fd of [pod, same, own]) closeSync(fd);
  end();
  process.exit(0);
}

await main();
