import type { BenchMesh } from "./mesh.ts";

/** The link between two pods; its two ends have the one name, each in its own namespace. */
const LINK = "bench0";

/** Connections of a pod that have ended and still hold their ports. */
const ENDED_PORTS = 4096;

/**
 * What every pod's kernel is set to, whoever serves it.
 *
 * Ports enough: those of ended connections serve again after a second where the kernel chooses by destination, and at most
 * `ENDED_PORTS` are held at all. A proxy that dials from inside a pod with the client's address is out of ports after
 * nine seconds of new connections else, and what is measured then is the kernel's search for one.
 *
 * One congestion control, the one that every kernel has built in: one that paces its sending, as some machines have, costs
 * each of them more than all the rest, and hides what is to be compared.
 */
export function preparePod(mesh: BenchMesh, pod: string): void {
  setKernel(mesh, pod, "ipv4/tcp_tw_reuse", "1");
  setKernel(mesh, pod, "ipv4/tcp_max_tw_buckets", String(ENDED_PORTS));
  setKernel(mesh, pod, "ipv4/ip_local_port_range", "20000 65000");
  setKernel(mesh, pod, "ipv4/tcp_congestion_control", "reno");
}

/**
 * Joins two pods by one veth pair. By way of the simulated nodes and their bridge a packet is forwarded three times, and
 * that is paid by whoever sends: it would be measured instead of the proxies, with the same sum for each.
 */
export function joinPods(mesh: BenchMesh, left: string, right: string): void {
  const [{ ip: leftIp, netnsPath: leftPath }, { ip: rightIp, netnsPath: rightPath }] = [
    mesh.pod(left),
    mesh.pod(right),
  ];
  mesh.run([
    ...["ip", "link", "add", LINK, "netns", leftPath],
    ...["type", "veth", "peer", "name", LINK, "netns", rightPath],
  ]);
  for (const [pod, own, other] of [
    [left, leftIp, rightIp],
    [right, rightIp, leftIp],
  ] as const) {
    mesh.runInPod(pod, ["ip", "link", "set", LINK, "up"]);
    mesh.runInPod(pod, ["ip", "route", "add", `${other}/32`, "dev", LINK, "src", own]);
  }
}

/** Sends what the client dials at `port` to its proxy at `outPort`, as a capture does. */
export function redirect(mesh: BenchMesh, ip: string, port: number, outPort: number): void {
  const rules = `table ip bench {
  chain output {
    type nat hook output priority -100;
    ip daddr ${ip} tcp dport ${port} redirect to :${outPort}
  }
}
`;
  mesh.runInPod("peer-client", ["nft", "-f", "-"], rules);
}

function setKernel(mesh: BenchMesh, pod: string, name: string, value: string): void {
  mesh.runInPod(pod, ["sh", "-c", `echo ${value} > /proc/sys/net/${name}`]);
}
