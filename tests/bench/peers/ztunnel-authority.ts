/**
 * `ztunnel-authority.ts FOLDER IDENTITY PORT`: a certificate service on loopback that signs every request for IDENTITY
 * with the bench's root. A ztunnel without discovery still wants one.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ServerCredentials, status, type sendUnaryData, type ServerUnaryCall } from "@grpc/grpc-js";
import {
  certificateService,
  type CertificateRequest,
  type CertificateResponseProperties,
} from "@ambit/contract/grpc-services.ts";
import { createCsr, verifyCsr } from "@ambit/identity/csr.ts";
import { createLeaf } from "@ambit/identity/x509.ts";
import { createGrpcServer, listenGrpc } from "@ambit/runtime/grpc-server.ts";
import { benchRoot, benchValidity } from "../certificates.ts";

const [, , folder = "", identity = "", port = "0"] = process.argv;
const certificate = readFileSync(join(folder, "ca.pem"), "utf8");
const root = await benchRoot(folder);
let serial = 4096;

async function sign(csr: string, uri: string, dnsNames: readonly string[]): Promise<string> {
  const { publicKey } = await verifyCsr(csr);
  const named = { publicKey, uri, dnsNames, ipAddresses: [], serial: String(serial++), ...benchValidity() };
  return createLeaf(root, named);
}

async function answer(
  call: ServerUnaryCall<CertificateRequest, CertificateResponseProperties>,
  done: sendUnaryData<CertificateResponseProperties>,
): Promise<void> {
  try {
    done(null, { certChain: [await sign(call.request.csr, identity, []), certificate] });
  } catch (thrown) {
    process.stderr.write(`not signed: ${(thrown as Error).message}\n`);
    done({ code: status.INVALID_ARGUMENT });
  }
}

const server = createGrpcServer();
const service = { createCertificate: certificateService.createCertificate };
server.addService(service, {
  createCertificate: (
    call: ServerUnaryCall<CertificateRequest, CertificateResponseProperties>,
    done: sendUnaryData<CertificateResponseProperties>,
  ) => void answer(call, done),
});
const own = await createCsr("spiffe://cluster.local/ns/bench/sa/authority");
const chain = await sign(own.csr, "spiffe://cluster.local/ns/bench/sa/authority", ["localhost"]);
const pair = { cert_chain: Buffer.from(chain), private_key: Buffer.from(own.privateKey) };
await listenGrpc(server, `127.0.0.1:${port}`, ServerCredentials.createSsl(null, [pair]));
