import { formatHostPort } from "@ambit/base/ip.ts";
import type { Random } from "@ambit/base/random.ts";
import type { SocketAddress } from "@ambit/io/driver.ts";
import type { Service } from "@ambit/model/service.ts";
import type { Workload } from "@ambit/model/workload.ts";
import { encodeBaggage } from "@ambit/transport/hbone/baggage.ts";
import { encodeForwarded } from "@ambit/transport/hbone/forwarded.ts";
import { encodeProxyHeader } from "@ambit/transport/hbone/proxy-protocol.ts";
import { newTraceparent } from "@ambit/transport/hbone/traceparent.ts";
import type { Headers } from "./tunnels.ts";

export interface TunnelHeadersOptions {
  /** Tell the peer about the destination workload in the answer. */
  readonly responseBaggage: boolean;
}

/** The headers that requests and answers carry (ambient.md 4.4, 4.8). */
export class TunnelHeaders {
  readonly #options: TunnelHeadersOptions;
  readonly #random: Random;
  // Workloads are immutable: one text serves until discovery sends another object.
  readonly #baggage = new WeakMap<Workload, string>();

  constructor(options: TunnelHeadersOptions, random: Random) {
    this.#options = options;
    this.#random = random;
  }

  /** Of a CONNECT request for `client`, a connection of `source`. */
  request(source: Workload, client: SocketAddress, service: Service | undefined): Headers {
    const forAddress = formatHostPort(client.ip, client.port);
    return [
      ["baggage", this.#baggageOf(source)],
      ["forwarded", encodeForwarded({ forAddress, host: service?.hostname ?? "" })],
      ["traceparent", newTraceparent(this.#random)],
    ];
  }

  /** Of a 200. */
  response(destination: Workload): Headers {
    return this.#options.responseBaggage ? [["baggage", this.#baggageOf(destination)]] : [];
  }

  /** What is written to an application that takes PROXY headers. */
  proxy(client: SocketAddress, destination: SocketAddress, identity: string): Uint8Array {
    return encodeProxyHeader(client, destination, identity);
  }

  #baggageOf(workload: Workload): string {
    const known = this.#baggage.get(workload);
    if (known !== undefined) return known;
    const text = encodeBaggage({
      cluster: workload.clusterId,
      namespace: workload.namespace,
      workloadType: workload.workloadType,
      workloadName: workload.workloadName,
      serviceName: workload.canonicalName,
      serviceVersion: workload.canonicalRevision,
      region: workload.locality.region,
      zone: workload.locality.zone,
    });
    this.#baggage.set(workload, text);
    return text;
  }
}
