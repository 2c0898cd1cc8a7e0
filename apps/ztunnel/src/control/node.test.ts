import { expect, test } from "vitest";
import { readSettings } from "../settings.ts";
import { wireNode } from "./node.ts";

test("wireNode() carries the id and metadata of the contract", () => {
  const { node } = readSettings({
    POD_NAME: "ztunnel-x",
    POD_NAMESPACE: "istio-system",
    INSTANCE_IP: "10.0.0.9",
    NODE_NAME: "n1",
    ISTIO_METAJSON_EXTRA: '{"list":[1,true,null]}',
  });
  const wire = wireNode(node);
  expect(wire.id).toBe("ztunnel~10.0.0.9~ztunnel-x.istio-system~istio-system.svc.cluster.local");
  expect(wire.metadata?.fields).toMatchObject({
    NAME: { stringValue: "ztunnel-x" },
    NAMESPACE: { stringValue: "istio-system" },
    INSTANCE_IPS: { stringValue: "10.0.0.9" },
    NODE_NAME: { stringValue: "n1" },
    CLUSTER_ID: { stringValue: "Kubernetes" },
    EXTRA: {
      structValue: {
        fields: {
          list: { listValue: { values: [{ numberValue: 1 }, { boolValue: true }, { nullValue: 0 }] } },
        },
      },
    },
  });
});
