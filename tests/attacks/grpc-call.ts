import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Client, credentials, Metadata, status } from "@grpc/grpc-js";
import type { CertificateResponse, DeltaRequest } from "@ambit/contract/grpc-services.ts";
import { aggregatedDiscoveryService, certificateService } from "@ambit/contract/grpc-services.ts";
import type { Credentials, Outcome, Place } from "./raw-client.ts";
import type { World } from "./world.ts";

export interface Caller {
  readonly token?: string | undefined;
  readonly certificate?: Credentials | undefined;
  readonly metadata?: readonly (readonly [string, string])[];
}

export interface CsrRequest {
  readonly csr: string;
  readonly identity?: string;
  readonly ttlSeconds?: number;
}

const MAX_BYTES = 64 * 1024 * 1024;

function clientOf(world: World, place: Place, name: string, caller: Caller): Client {
  const roots = readFileSync(join(world.state, "trust/root-cert.pem"));
  const { certificate } = caller;
  const secured =
    certificate === undefined
      ? credentials.createSsl(roots)
      : credentials.createSsl(roots, Buffer.from(certificate.key), Buffer.from(certificate.chain));
  return new Client(`${place.ip}:${place.port}`, secured, {
    "grpc.ssl_target_name_override": name,
    "grpc.default_authority": name,
    "grpc.max_send_message_length": MAX_BYTES,
    "grpc.max_receive_message_length": MAX_BYTES,
    // Every row has a connection of its own.
    "grpc.use_local_subchannel_pool": 1,
  });
}

function metadataOf(caller: Caller): Metadata {
  const metadata = new Metadata();
  if (caller.token !== undefined) metadata.set("authorization", `Bearer ${caller.token}`);
  metadata.set("clusterid", "Kubernetes");
  for (const [name, value] of caller.metadata ?? []) metadata.set(name, value);
  return metadata;
}

function deadline(): { deadline: number } {
  return { deadline: Date.now() + 10_000 };
}

/** Asks for a certificate: the chain, or the name of the status. */
export function requestCertificate(
  world: World,
  caller: Caller,
  request: CsrRequest,
): Promise<readonly string[] | string> {
  const client = clientOf(world, world.ca, "ca.ambit-system.svc", caller);
  const { path, requestSerialize, responseDeserialize } = certificateService.createCertificate;
  const fields =
    request.identity === undefined ? {} : { ImpersonatedIdentity: { stringValue: request.identity } };
  const message = { csr: request.csr, validityDuration: request.ttlSeconds ?? 3_600, metadata: { fields } };
  return new Promise((resolve) => {
    client.makeUnaryRequest(
      path,
      requestSerialize,
      responseDeserialize,
      message,
      metadataOf(caller),
      deadline(),
      (error, response?: CertificateResponse) => {
        client.close();
        resolve(error === null ? (response?.certChain ?? []) : (status[error.code] ?? "unknown"));
      },
    );
  });
}

/** Calls a method with raw bytes: `answered`, or the name of the status. */
export function callRaw(
  world: World,
  place: Place,
  path: string,
  bytes: Buffer,
  caller: Caller,
): Promise<Outcome> {
  const name = place === world.ca ? "ca.ambit-system.svc" : "discovery.ambit-system.svc";
  const client = clientOf(world, place, name, caller);
  const same = (value: Buffer): Buffer => value;
  return new Promise((resolve) => {
    client.makeUnaryRequest(path, same, same, bytes, metadataOf(caller), deadline(), (error) => {
      client.close();
      resolve(error === null ? "answered" : (status[error.code] ?? "unknown"));
    });
  });
}

/** Opens the delta stream and sends these requests: `answered` with the first response, or the name of the status. */
export function openDelta(
  world: World,
  caller: Caller,
  requests: readonly Partial<DeltaRequest>[],
): Promise<Outcome> {
  const client = clientOf(world, world.xds, "discovery.ambit-system.svc", caller);
  const method = aggregatedDiscoveryService.deltaAggregatedResources;
  return new Promise((resolve) => {
    const call = client.makeBidiStreamRequest(
      method.path,
      method.requestSerialize,
      (bytes: Buffer) => bytes,
      metadataOf(caller),
      deadline(),
    );
    let answered = false;
    call.on("data", () => {
      answered = true;
      call.cancel();
    });
    call.on("error", () => undefined);
    call.on("status", ({ code }) => {
      client.close();
      resolve(answered ? "answered" : (status[code] ?? "unknown"));
    });
    for (const request of requests) call.write(request as DeltaRequest);
  });
}
