/** A name the asked one may stand for. */
export interface DnsAlias {
  readonly name: string;
  /** The asked name without the search domain that was cut off; undefined when none was. */
  readonly stripped: string | undefined;
}

/**
 * Every name that `name` may stand for when a pod of `namespace` asks, in the order to look them up (ambient.md 10):
 * itself, its Kubernetes forms, then the same for what is left after cutting off each search domain.
 */
export function dnsAliases(
  name: string,
  namespace: string,
  clusterDomain: string,
  searchDomains: readonly string[],
): readonly DnsAlias[] {
  const aliases = new Map<string, DnsAlias>();
  const add = (alias: string, stripped: string | undefined): void => {
    if (!aliases.has(alias)) aliases.set(alias, { name: alias, stripped });
  };
  add(name, undefined);
  for (const form of kubernetesForms(name, namespace, clusterDomain)) add(form, undefined);
  for (const domain of searchDomains) {
    if (!name.endsWith(`.${domain}`)) continue;
    const stripped = name.slice(0, -(domain.length + 1));
    add(stripped, stripped);
    for (const form of kubernetesForms(stripped, namespace, clusterDomain)) add(form, stripped);
  }
  return [...aliases.values()];
}

/** The search domains a pod has by default; they are assumed, not read from the pod. */
export function defaultSearchDomains(namespace: string, clusterDomain: string): readonly string[] {
  return [`${namespace}.svc.${clusterDomain}`, `svc.${clusterDomain}`, clusterDomain];
}

/** `a.b.c` to `*.b.c`, `*.c`. */
export function dnsWildcards(name: string): readonly string[] {
  const labels = name.split(".");
  return labels.slice(1).map((_, index) => `*.${labels.slice(index + 1).join(".")}`);
}

function kubernetesForms(name: string, namespace: string, clusterDomain: string): readonly string[] {
  const services = `svc.${clusterDomain}`;
  const labels = name.split(".");
  switch (labels.length) {
    case 1:
      return [`${name}.${namespace}.${services}`];
    case 2:
      return [`${name}.${services}`, `${name}.${namespace}.${services}`];
    case 3:
      return labels[2] === "svc" ? [`${name}.${clusterDomain}`] : [];
    default:
      return [];
  }
}
