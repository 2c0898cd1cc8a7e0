import { randomUUID } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ServerCredentials, status, type sendUnaryData, type ServerUnaryCall } from "@grpc/grpc-js";
import { systemClock } from "@ambit/base/clock.ts";
import { silentLogger } from "@ambit/base/logger.ts";
import { systemRandom } from "@ambit/base/random.ts";
import {
  certificateService,
  type CertificateRequest,
  type CertificateResponseProperties,
} from "@ambit/contract/grpc-services.ts";
import { TYPE_URLS } from "@ambit/contract/type-urls.ts";
import { verifyCsr } from "@ambit/identity/csr.ts";
import { createLeaf, createRoot, generateKey, type SigningCertificate } from "@ambit/identity/x509.ts";
import type { Policy } from "@ambit/model/policy.ts";
import type { Service } from "@ambit/model/service.ts";
import type { Workload } from "@ambit/model/workload.ts";
import { createGrpcServer, listenGrpc } from "@ambit/runtime/grpc-server.ts";
import { encodeAddress } from "@ambit/xds/resources/address.ts";
import { encodeAuthorization } from "@ambit/xds/resources/authorization.ts";
import { XdsServer } from "@ambit/xds/server/server.ts";
import { Snapshot } from "@ambit/xds/server/snapshot.ts";
import { CONTROL_ADDRESS } from "./topology.ts";

const HOUR_MS = 3_600_000;
const SERVER_NAME = "control.ambit-system.svc";

/** A scripted discovery and certificate authority: what they say is what the test puts in. */
export class ControlPlane {
  readonly #addresses = new Snapshot(TYPE_URLS.address);
  readonly #policies = new Snapshot(TYPE_URLS.authorization);
  readonly #folder: string;
  readonly #root: SigningCertificate;
  /** Identities that certificates were issued for, in order. */
  readonly issued: string[] = [];
  /** While true, the authority answers with UNAVAILABLE. */
  refuseCertificates = false;
  /** While true, discovery turns every stream away. */
  refuseDiscovery = false;

  private constructor(folder: string, root: SigningCertificate) {
    this.#folder = folder;
    this.#root = root;
  }

  /** Listens on 15012 (discovery) and 15013 (certificates); the trust bundle lies in `folder`. */
  static async start(folder: string): Promise<ControlPlane> {
    const now = Date.now();
    const root = await createRoot("e2e", serial(), {
      notBefore: now - HOUR_MS,
      notAfter: now + 24 * HOUR_MS,
    });
    writeFileSync(join(folder, "root-cert.pem"), root.certificate);
    writeFileSync(join(folder, "token"), "e2e-token\n");
    const plane = new ControlPlane(folder, root);
    await plane.#listen();
    return plane;
  }

  /** Settings of a node proxy that uses this control plane. */
  environment(): Record<string, string> {
    const trust = join(this.#folder, "root-cert.pem");
    return {
      XDS_ADDRESS: `https://${CONTROL_ADDRESS}:15012`,
      XDS_ROOT_CA: trust,
      ALT_XDS_HOSTNAME: SERVER_NAME,
      CA_ADDRESS: `https://${CONTROL_ADDRESS}:15013`,
      CA_ROOT_CA: trust,
      ALT_CA_HOSTNAME: SERVER_NAME,
      AUTH_TOKEN: join(this.#folder, "token"),
    };
  }

  put(...resources: readonly (Workload | Service)[]): void {
    this.#addresses.apply({
      put: resources.map((resource) =>
        "uid" in resource
          ? { name: resource.uid, bytes: encodeAddress({ kind: "workload", workload: resource }) }
          : {
              name: `${resource.namespace}/${resource.hostname}`,
              bytes: encodeAddress({ kind: "service", service: resource }),
            },
      ),
    });
  }

  putPolicy(policy: Policy): void {
    const name = `${policy.namespace}/${policy.name}`;
    this.#policies.apply({ put: [{ name, bytes: encodeAuthorization(policy) }] });
  }

  removePolicy(name: string): void {
    this.#policies.apply({ remove: [name] });
  }

  async #listen(): Promise<void> {
    const { privateKey, publicKey } = await generateKey();
    const leaf = await this.#leaf("spiffe://cluster.local/ns/ambit-system/sa/control", publicKey, [
      SERVER_NAME,
    ]);
    const credentials = ServerCredentials.createSsl(null, [
      { private_key: Buffer.from(privateKey), cert_chain: Buffer.from(leaf) },
    ]);
    const discovery = createGrpcServer();
    new XdsServer(
      { snapshots: [this.#policies, this.#addresses] },
      {
        clock: systemClock,
        logger: silentLogger,
        random: systemRandom,
        authenticate: async () => {
          if (this.refuseDiscovery) throw new Error("scripted outage");
          return { namespace: "ambit-system", serviceAccount: "ztunnel", node: "" };
        },
        visibility: () => () => true,
      },
    ).addTo(discovery);
    await listenGrpc(discovery, `${CONTROL_ADDRESS}:15012`, credentials);
    const authority = createGrpcServer();
    authority.addService(
      { createCertificate: certificateService.createCertificate },
      {
        createCertificate: (
          call: ServerUnaryCall<CertificateRequest, CertificateResponseProperties>,
          answer: sendUnaryData<CertificateResponseProperties>,
        ) => void this.#issue(call.request, answer),
      },
    );
    await listenGrpc(authority, `${CONTROL_ADDRESS}:15013`, credentials);
  }

  async #issue(
    request: CertificateRequest,
    answer: sendUnaryData<CertificateResponseProperties>,
  ): Promise<void> {
    if (this.refuseCertificates) {
      answer({ code: status.UNAVAILABLE, details: "scripted outage" });
      return;
    }
    const identity = request.metadata?.fields?.["ImpersonatedIdentity"]?.stringValue ?? "";
    const { publicKey } = await verifyCsr(request.csr);
    this.issued.push(identity);
    answer(null, { certChain: [await this.#leaf(identity, publicKey, []), this.#root.certificate] });
  }

  #leaf(uri: string, publicKey: Uint8Array, dnsNames: readonly string[]): Promise<string> {
    const now = Date.now();
    return createLeaf(this.#root, {
      publicKey,
      uri,
      dnsNames,
      ipAddresses: [],
      serial: serial(),
      notBefore: now - 60_000,
      notAfter: now + HOUR_MS,
    });
  }
}

function serial(): string {
  return `01${randomUUID().replaceAll("-", "")}`.toUpperCase();
}
