import type { Service, ServicePort } from "@ambit/kube/resources/service.ts";
import type { BackendPod } from "../service-view.ts";

interface ServiceChange
  extends Partial<Service["spec"]>, Partial<Pick<ServicePort, "port" | "targetPort" | "protocol">> {
  readonly annotations?: Readonly<Record<string, string>>;
}

/** A Service of the namespace `default` with one port, 80 to 8080, that selects `app: web`. */
export function service(name: string, change: ServiceChange = {}): Service {
  const { port = 80, targetPort = 8080, protocol = "TCP", annotations = {}, ...spec } = change;
  return {
    kind: "Service",
    metadata: {
      name,
      namespace: "default",
      labels: {},
      annotations,
      uid: "",
      creationTimestamp: undefined,
      deletionTimestamp: undefined,
      generation: undefined,
      ownerReferences: [],
    },
    spec: {
      type: "ClusterIP",
      selector: { app: "web" },
      ports: [{ name: "http", port, targetPort, protocol, appProtocol: undefined }],
      clusterIPs: [],
      ipFamilies: [],
      ipFamilyPolicy: undefined,
      externalName: undefined,
      internalTrafficPolicy: "Cluster",
      trafficDistribution: undefined,
      publishNotReadyAddresses: false,
      ...spec,
    },
  };
}

/** A ready pod of the namespace `default` with the label `app: web`. */
export function backend(name: string, ips: readonly string[], change: Partial<BackendPod> = {}): BackendPod {
  return {
    namespace: "default",
    name,
    node: "node-a",
    ips,
    labels: { app: "web" },
    ready: true,
    ports: [],
    hostname: "",
    subdomain: "",
    ...change,
  };
}
