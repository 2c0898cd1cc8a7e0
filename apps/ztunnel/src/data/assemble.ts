import { getServers, lookup } from "node:dns";
import { systemClock } from "@ambit/base/clock.ts";
import { formatIp, parseIp, splitHostPort } from "@ambit/base/ip.ts";
import type { Logger } from "@ambit/base/logger.ts";
import { systemRandom } from "@ambit/base/random.ts";
import { chooseDriver } from "@ambit/io/choose-driver.ts";
import type { Driver, SocketAddress } from "@ambit/io/driver.ts";
import { UdpSocket } from "@ambit/io/udp.ts";
import { LogWriter } from "@ambit/runtime/log-writer.ts";
import { MeshStore } from "@ambit/store/mesh-store.ts";
import { relayTcp } from "@ambit/transport/relay-tcp.ts";
import type { DataSettings, DataThreadOptions, FromData, Levels } from "../messages.ts";
import { AccessLog } from "./access-log.ts";
import { Certificates } from "./certificates.ts";
import { Connections } from "./connections.ts";
import { DataPlane } from "./data-plane.ts";
import { Dialer } from "./dialer.ts";
import { DnsForwarder } from "./dns-forward.ts";
import { DnsMetrics } from "./dns-metrics.ts";
import { DnsServer } from "./dns-server.ts";
import { openDoubleTunnel } from "./double-tunnel.ts";
import { HoldingArea } from "./held-socket.ts";
import { Inbound } from "./inbound.ts";
import { InboundPassthrough } from "./inbound-passthrough.ts";
import { KeyWaits } from "./key-waits.ts";
import { LocalWorkloads } from "./local-workloads.ts";
import { isPaced, tuneNamespace } from "./namespace-tuning.ts";
import { Outbound, type OutboundDeps } from "./outbound.ts";
import { PeerTrust } from "./peer-trust.ts";
import type { Pod } from "./pod.ts";
import { PodProxy } from "./pod-proxy.ts";
import { TrafficMetrics } from "./traffic-metrics.ts";
import { makePool, makeServer } from "./transport-tunnels.ts";
import { TunnelHeaders } from "./tunnel-headers.ts";

/** What the worker's entry file needs of the assembled thread. */
export interface AssembledDataPlane {
  readonly plane: DataPlane;
  readonly driver: Driver;
  readonly log: Logger;
}

type Post = (message: FromData) => void;

/** Builds everything a data thread owns, in order; nothing runs until the driver is started. */
export function assembleDataPlane(options: DataThreadOptions, post: Post): AssembledDataPlane {
  const { settings } = options;
  const driver = chooseDriver(options.driver);
  const writer = threadLog(options, post);
  const log = writer.logger("data");
  const store = new MeshStore();
  const traffic = new TrafficMetrics();
  const dns = new DnsMetrics();
  const accessLog = new AccessLog(settings.logFormat, {
    clock: systemClock,
    write: (lines) => post({ kind: "access", lines }),
    enabled: (level) => settings.accessLog && writer.enabled(level, "access"),
  });
  const connections = new Connections({ clock: systemClock, store, metrics: traffic, accessLog });
  const local = new LocalWorkloads({ clock: systemClock, store, clusterId: settings.clusterId });
  const certificates = new Certificates({
    clock: systemClock,
    load: (material) => driver.tlsContext(material),
    want: (identity) => post({ kind: "want-certificate", identity }),
    onReplaced: (before, after) => plane.onReplaced(before, after),
  });
  const keys = new KeyWaits((key) => post({ kind: "want-key", key }));
  const parts: Parts = {
    driver,
    settings,
    log,
    store,
    accessLog,
    connections,
    local,
    certificates,
    keys,
    dns,
  };
  const shared = sharedParts(parts);
  const plane: DataPlane = new DataPlane({
    clock: systemClock,
    logger: log,
    store,
    local,
    certificates,
    connections,
    keys,
    accessLog,
    traffic,
    dns,
    peerTrust: new PeerTrust(),
    makeProxy: (pod) => makeProxy(pod, parts, shared),
    setLevels: (levels) => setLevels(writer, levels),
    post,
  });
  return { plane, driver, log };
}

interface Parts {
  readonly driver: Driver;
  readonly settings: DataSettings;
  readonly log: Logger;
  readonly store: MeshStore;
  readonly accessLog: AccessLog;
  readonly connections: Connections;
  readonly local: LocalWorkloads;
  readonly certificates: Certificates;
  readonly keys: KeyWaits;
  readonly dns: DnsMetrics;
}

/** What all pods of a thread have in common. */
interface Shared {
  readonly holding: HoldingArea;
  readonly headers: TunnelHeaders;
  readonly dialer: Dialer;
  readonly upstreams: readonly SocketAddress[];
}

function sharedParts({ settings, driver }: Parts): Shared {
  return {
    holding: new HoldingArea(),
    headers: new TunnelHeaders(settings, systemRandom),
    dialer: new Dialer(driver, settings),
    upstreams: dnsUpstreams(settings),
  };
}

function makeProxy(pod: Pod, parts: Parts, shared: Shared): PodProxy {
  const { driver, settings, store, dns } = parts;
  const pool = makePool(driver, settings);
  const common = { ...parts, ...shared, clock: systemClock, random: systemRandom };
  const relay: OutboundDeps["relayTcp"] = (downstream, connect, events) =>
    relayTcp(driver, downstream, connect, events);
  const doubleTunnel: OutboundDeps["doubleTunnel"] = (job, downstream, events) =>
    openDoubleTunnel(job, downstream, events, {
      driver,
      outerPool: pool,
      makeInnerPool: () => makePool(driver, settings),
    });
  const outbound = new Outbound(pod, pool, settings, {
    ...common,
    relayTcp: relay,
    doubleTunnel,
    askFor: (key, answered) => parts.keys.wait(key, answered),
    lookup: lookUpHost,
  });
  const forwarder = new DnsForwarder(shared.upstreams, {
    clock: systemClock,
    random: systemRandom,
    open: (onDatagram) => openForwarding(pod, settings, onDatagram),
  });
  const dnsServer = new DnsServer(pod, settings, {
    clock: systemClock,
    random: systemRandom,
    store,
    metrics: dns,
    forwarder,
    local: parts.local,
    onAnswered: (query, code) =>
      parts.log.child("dns").debug("answered", { name: query.name, type: query.type, code }),
  });
  return new PodProxy(
    pod,
    settings,
    {
      outbound,
      inbound: new Inbound(pod, (onConnect) => makeServer(driver, parts.log, onConnect), settings, common),
      passthrough: new InboundPassthrough(pod, settings.network, { ...common, relayTcp: relay }),
      pool,
      dns: dnsServer,
      forwarder,
    },
    {
      driver,
      prepareNamespace: (fd) => {
        pod.paced = isPaced(fd);
        const isTuned = tuneNamespace(fd);
        if (!isTuned) parts.log.debug("network settings of the pod cannot be written", { uid: pod.uid });
      },
      openUdp: (listen, onDatagram) => UdpSocket.open(listen, onDatagram),
    },
  );
}

/** Forwarded questions leave from the pod's own namespace. */
function openForwarding(
  pod: Pod,
  settings: DataSettings,
  onDatagram: (bytes: Uint8Array, from: SocketAddress) => void,
): Promise<UdpSocket> {
  const ip = settings.ipv6 ? "::" : "0.0.0.0";
  return UdpSocket.open({ ip, port: 0, namespaceFd: pod.namespaceFd, mark: settings.mark }, onDatagram);
}

function dnsUpstreams(settings: DataSettings): SocketAddress[] {
  const texts = settings.dnsUpstreams.length > 0 ? settings.dnsUpstreams : getServers();
  return texts.flatMap((text) => {
    const pair = splitHostPort(text) ?? { host: text, port: 53 };
    const bytes = parseIp(pair.host);
    return bytes === undefined ? [] : [{ ip: formatIp(bytes), port: pair.port }];
  });
}

function lookUpHost(hostname: string, done: (ips: readonly string[]) => void): void {
  lookup(hostname, { all: true }, (error, found) => {
    done(error === null ? found.map((entry) => entry.address) : []);
  });
}

function threadLog(options: DataThreadOptions, post: Post): LogWriter {
  // The main thread formats; here the writer only knows the levels and where records go.
  const writer = new ThreadLogWriter(
    { level: options.logLevel },
    { clock: systemClock, sink: () => undefined },
    post,
  );
  return writer;
}

class ThreadLogWriter extends LogWriter {
  readonly #post: Post;

  constructor(
    options: ConstructorParameters<typeof LogWriter>[0],
    deps: ConstructorParameters<typeof LogWriter>[1],
    post: Post,
  ) {
    super(options, deps);
    this.#post = post;
  }

  override write(...[level, scope, message, fields]: Parameters<LogWriter["write"]>): void {
    if (level === "off" || !this.enabled(level, scope)) return;
    this.#post({ kind: "log", level, scope, message, fields });
  }
}

function setLevels(writer: LogWriter, levels: Levels): void {
  writer.reset();
  writer.setLevel(levels.level);
  for (const [scope, level] of Object.entries(levels.scopes)) writer.setLevel(level, scope);
}
