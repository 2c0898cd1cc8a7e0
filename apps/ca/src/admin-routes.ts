import type { FastifyInstance } from "fastify";
import { describeError } from "@ambit/base/errors.ts";
import type { CaReport, ReplicaReport } from "@ambit/contract/admin-api.ts";
import { pemBlocks } from "@ambit/identity/pem.ts";
import { readCertificate } from "@ambit/identity/x509.ts";
import type { Issuer } from "./issue.ts";
import type { Replica } from "./replica.ts";
import type { RootStore } from "./root-store.ts";
import type { Rotation } from "./rotation.ts";

/** GET /ca, GET /replica, POST /rotate, GET /rotation; whichever replica is asked. */
export function caRoutes(deps: {
  store: RootStore;
  issuer: Issuer;
  rotation: Pick<Rotation, "report">;
  replica: Pick<Replica, "slot" | "leads">;
  /** Begins a rotation, here or at the replica that leads. */
  rotate: () => Promise<void>;
}): (server: FastifyInstance) => void {
  const { store, issuer, rotation, replica, rotate } = deps;
  return (server) => {
    server.get("/ca", async () => report(store, issuer));
    server.get("/replica", async (): Promise<ReplicaReport> => ({
      slot: replica.slot,
      leads: replica.leads,
    }));
    server.get("/rotation", async () => rotation.report());
    server.post("/rotate", async (_request, reply) => {
      try {
        await rotate();
        return await reply.send("rotation started\n");
      } catch (thrown) {
        return reply.code(409).send(`${describeError(thrown)}\n`);
      }
    });
  };
}

function report(store: RootStore, issuer: Issuer): CaReport {
  const { signing, trusted } = store;
  const signers = new Map(
    trusted.map(({ id, signer }) => [id, readCertificate(signer.certificate).fingerprint256]),
  );
  return {
    roots: trusted.flatMap((generation) =>
      pemBlocks(generation.root, "CERTIFICATE").map((pem) => facts(pem, generation === signing)),
    ),
    intermediates: trusted.flatMap((generation) =>
      generation.intermediates.map((pem) => facts(pem, generation === signing)),
    ),
    issued: issuer.current().map((issued) => ({
      identity: issued.identity,
      holder: issued.holder,
      node: issued.node,
      // Empty when the signer is no longer trusted.
      issuer: signers.get(issued.generation) ?? "",
      serial: issued.serial,
      notBefore: new Date(issued.notBefore).toISOString(),
      notAfter: new Date(issued.notAfter).toISOString(),
    })),
  };
}

function facts(pem: string, active: boolean): CaReport["roots"][number] {
  const certificate = readCertificate(pem);
  return {
    subject: certificate.subject.replaceAll("\n", ", "),
    serial: certificate.serialNumber,
    fingerprint: certificate.fingerprint256,
    notBefore: certificate.validFromDate.toISOString(),
    notAfter: certificate.validToDate.toISOString(),
    active,
  };
}
