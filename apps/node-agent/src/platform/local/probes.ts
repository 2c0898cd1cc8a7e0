import { request } from "node:http";
import { connect as connectHttp2 } from "node:http2";
import type { Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { Probe } from "@ambit/kube/resources/pod-spec.ts";

/** The grpc.health.v1 answer "SERVING": field 1, value 1. */
const SERVING = Buffer.from([0x08, 0x01]);

/** How a probe reaches its container. */
export interface ProbeTarget {
  readonly ip: string;
  /** The number behind a port's number or name; undefined when the container has no such port. */
  port(reference: number | string): number | undefined;
  /** Starts a connection from the node, with the address that captured pods let through. */
  connect(ip: string, port: number): Socket;
  /** Runs a command in the container's namespaces; true for status 0. */
  exec(command: readonly string[], signal: AbortSignal): Promise<boolean>;
}

/** Asks once; false for a failure of any kind and when `signal` aborts. Never rejects. */
export async function runProbe(probe: Probe, target: ProbeTarget, signal: AbortSignal): Promise<boolean> {
  try {
    if (probe.httpGet !== undefined) return await httpProbe(probe.httpGet, target, signal);
    if (probe.tcpSocket !== undefined) return await tcpProbe(probe.tcpSocket, target, signal);
    if (probe.grpc !== undefined) return await grpcProbe(probe.grpc, target, signal);
    if (probe.exec !== undefined) return await target.exec(probe.exec.command, signal);
    return true;
  } catch {
    return false;
  }
}

function open(
  target: ProbeTarget,
  place: { readonly port: number | string; readonly host?: string | undefined },
  signal: AbortSignal,
): Socket {
  const port = target.port(place.port);
  if (port === undefined) throw new RangeError(`No port is called "${place.port}"`);
  const socket = target.connect(place.host ?? target.ip, port);
  signal.addEventListener("abort", () => socket.destroy(), { once: true });
  return socket;
}

function tcpProbe(
  probe: NonNullable<Probe["tcpSocket"]>,
  target: ProbeTarget,
  signal: AbortSignal,
): Promise<boolean> {
  const socket = open(target, probe, signal);
  return new Promise((resolve) => {
    socket.once("connect", () => {
      resolve(true);
      socket.destroy();
    });
    socket.once("error", () => resolve(false));
    socket.once("close", () => resolve(false));
  });
}

/** As the kubelet: any status from 200 to 399 will do, certificates are not checked. */
function httpProbe(
  probe: NonNullable<Probe["httpGet"]>,
  target: ProbeTarget,
  signal: AbortSignal,
): Promise<boolean> {
  const plain = open(target, probe, signal);
  const socket = probe.scheme === "HTTPS" ? connectTls({ socket: plain, rejectUnauthorized: false }) : plain;
  const port = target.port(probe.port);
  const headers: Record<string, string> = {
    host: `${probe.host ?? target.ip}:${port}`,
    "user-agent": "kube-probe/ambit",
    connection: "close",
  };
  for (const { name, value } of probe.httpHeaders) headers[name.toLowerCase()] = value;
  return new Promise((resolve) => {
    const call = request({ path: probe.path, headers, createConnection: () => socket }, (response) => {
      response.resume();
      const { statusCode = 0 } = response;
      resolve(statusCode >= 200 && statusCode < 400);
      response.once("close", () => socket.destroy());
    });
    call.once("error", () => resolve(false));
    call.once("close", () => resolve(false));
    call.end();
  });
}

/** grpc.health.v1.Health/Check on a plaintext connection. */
function grpcProbe(
  probe: NonNullable<Probe["grpc"]>,
  target: ProbeTarget,
  signal: AbortSignal,
): Promise<boolean> {
  const socket = open(target, probe, signal);
  const session = connectHttp2(`http://${target.ip}:${probe.port}`, { createConnection: () => socket });
  return new Promise((resolve) => {
    const finish = (result: boolean): void => {
      resolve(result);
      session.destroy();
    };
    session.once("error", () => finish(false));
    const stream = session.request({
      ":method": "POST",
      ":path": "/grpc.health.v1.Health/Check",
      "content-type": "application/grpc",
      te: "trailers",
    });
    const chunks: Buffer[] = [];
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    stream.once("error", () => finish(false));
    stream.once("end", () => finish(Buffer.concat(chunks).subarray(5).equals(SERVING)));
    const service = Buffer.from(probe.service);
    const message =
      service.length === 0 ? service : Buffer.concat([Buffer.from([0x0a, service.length]), service]);
    stream.end(Buffer.concat([Buffer.from([0, 0, 0, 0, message.length]), message]));
  });
}
