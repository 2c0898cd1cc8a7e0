import { envoy, istio } from "./gen/ambit.js";

/** The part of a grpc-js method definition that differs per method. */
export interface MethodDefinition<RequestIn, RequestOut, ResponseIn, ResponseOut> {
  readonly path: string;
  readonly requestStream: boolean;
  readonly responseStream: boolean;
  readonly requestSerialize: (value: RequestIn) => Buffer;
  readonly requestDeserialize: (bytes: Buffer) => RequestOut;
  readonly responseSerialize: (value: ResponseIn) => Buffer;
  readonly responseDeserialize: (bytes: Buffer) => ResponseOut;
}

/** A generated message class: `Properties` may be written, `Shape` is what was read. */
interface Codec<Properties, Shape> {
  encode(value: Properties): { finish(): Uint8Array };
  decode(bytes: Uint8Array): Shape;
}

function method<RequestIn, RequestOut, ResponseIn, ResponseOut>(
  path: string,
  request: Codec<RequestIn, RequestOut>,
  response: Codec<ResponseIn, ResponseOut>,
  stream: boolean,
): MethodDefinition<RequestIn, RequestOut, ResponseIn, ResponseOut> {
  const toBuffer = (bytes: Uint8Array): Buffer =>
    Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return {
    path,
    requestStream: stream,
    responseStream: stream,
    requestSerialize: (value) => toBuffer(request.encode(value).finish()),
    requestDeserialize: (bytes) => request.decode(bytes),
    responseSerialize: (value) => toBuffer(response.encode(value).finish()),
    responseDeserialize: (bytes) => response.decode(bytes),
  };
}

const discovery = envoy.service.discovery.v3;
const auth = istio.v1.auth;

/** Messages as they are written (`*Properties`) and as they are read. */
export type DeltaRequestProperties = envoy.service.discovery.v3.DeltaDiscoveryRequest.$Properties;
export type DeltaRequest = envoy.service.discovery.v3.DeltaDiscoveryRequest;
export type DeltaResponseProperties = envoy.service.discovery.v3.DeltaDiscoveryResponse.$Properties;
export type DeltaResponse = envoy.service.discovery.v3.DeltaDiscoveryResponse;
export type CertificateRequestProperties = istio.v1.auth.IstioCertificateRequest.$Properties;
export type CertificateRequest = istio.v1.auth.IstioCertificateRequest;
export type CertificateResponseProperties = istio.v1.auth.IstioCertificateResponse.$Properties;
export type CertificateResponse = istio.v1.auth.IstioCertificateResponse;

/** envoy.service.discovery.v3.AggregatedDiscoveryService, the delta method. */
export const aggregatedDiscoveryService = {
  deltaAggregatedResources: method(
    "/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources",
    discovery.DeltaDiscoveryRequest,
    discovery.DeltaDiscoveryResponse,
    true,
  ),
} as const;

/** istio.v1.auth.IstioCertificateService. */
export const certificateService = {
  createCertificate: method(
    "/istio.v1.auth.IstioCertificateService/CreateCertificate",
    auth.IstioCertificateRequest,
    auth.IstioCertificateResponse,
    false,
  ),
} as const;
