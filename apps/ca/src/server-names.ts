/** Accounts of the system namespace whose processes serve TLS by name. */
const CONTROL_PLANE: readonly string[] = ["ca", "discovery", "telemetry"];

/**
 * DNS names put into a certificate beside its identity. Only the control plane's parts serve TLS by name, workloads
 * never get any; discovery also answers to the name that Istio's proxies dial.
 */
export function serverNames(
  subject: { readonly namespace: string; readonly serviceAccount: string; readonly trustDomain: string },
  systemNamespace: string,
): readonly string[] {
  const { namespace, serviceAccount, trustDomain } = subject;
  if (namespace !== systemNamespace || !CONTROL_PLANE.includes(serviceAccount)) return [];
  return [
    `${serviceAccount}.${namespace}.svc`,
    `${serviceAccount}.${namespace}.svc.${trustDomain}`,
    "localhost",
    ...(serviceAccount === "discovery" ? ["istiod.istio-system.svc"] : []),
  ];
}
