import { serviceKey } from "@ambit/model/service.ts";
import type { MeshOptions } from "../options.ts";
import { offerWins, type OfferedService, type ServiceOffer } from "../translate/offer.ts";
import { translateService, translateServiceEntry, type ServiceContext } from "../translate/service.ts";
import { isGatewayObject, readWaypoint, waypointWish, type Waypoint } from "../translate/waypoint.ts";
import { NOTHING_HANDED_OUT, type Addresses } from "./addresses.ts";
import type { Change, Collection } from "./collection.ts";
import { on, type Graph } from "./graph.ts";
import { inputKey, type Inputs } from "./inputs.ts";
import type { Index } from "./keyed-index.ts";
import { selectorTerm } from "./label-terms.ts";

const NO_LABELS: Readonly<Record<string, string>> = {};

/** Services and service entries, joined by the names they offer. */
export class Services {
  /** Services that can be waypoints, keyed `namespace/name`. */
  readonly waypoints: Collection<Waypoint>;
  /** What each resource offers, keyed `Kind/namespace/name`. */
  readonly offers: Collection<readonly ServiceOffer[]>;
  /** The services of the mesh, keyed `namespace/hostname`. */
  readonly services: Collection<OfferedService>;
  /** Services by one label of their selector, and by `namespace|` for those without selector. */
  readonly bySelector: Index<OfferedService>;
  /** Services by the resource that won the name, `Kind/namespace/name`. */
  readonly byOwner: Index<OfferedService>;
  readonly byAddress: Index<OfferedService>;
  readonly #inputs: Inputs;
  readonly #addresses: Addresses;
  readonly #options: MeshOptions;
  readonly #offersByHost: Index<readonly ServiceOffer[]>;

  constructor(graph: Graph, inputs: Inputs, addresses: Addresses, options: MeshOptions) {
    this.#inputs = inputs;
    this.#addresses = addresses;
    this.#options = options;
    this.waypoints = graph.derive(
      "waypoints",
      (key) => {
        const service = inputs.Service.get(key);
        return service === undefined ? undefined : readWaypoint(service, options.clusterDomain);
      },
      [on(inputs.Service, (change) => [change.key])],
    );
    this.offers = graph.derive("offers", (owner) => this.#offersOf(owner), this.#offerTriggers());
    this.#offersByHost = this.offers.index((offers) => offers.map((offer) => offer.service.hostname));
    this.services = graph.derive("services", (key) => this.#winner(key), [
      on(this.offers, (change) => this.#namesakes(change)),
    ]);
    this.bySelector = this.services.index(({ offer }) => selectorTerms(offer));
    this.byOwner = this.services.index(({ offer }) => [offer.owner]);
    this.byAddress = this.services.index(({ service }) => service.addresses.map((address) => address.ip));
  }

  /** The waypoint of an object, if the one it asks for is there and takes this kind of traffic. */
  waypointFor(
    labels: Readonly<Record<string, string>>,
    namespace: string,
    traffic: "forServices" | "forWorkloads",
  ): Waypoint["address"] | undefined {
    if (isGatewayObject(labels)) return undefined;
    const wish = waypointWish(labels, this.#namespaceLabels(namespace), namespace);
    const waypoint = wish === undefined ? undefined : this.waypoints.get(wish);
    return waypoint?.[traffic] === true ? waypoint.address : undefined;
  }

  #namespaceLabels(namespace: string): Readonly<Record<string, string>> {
    return this.#inputs.Namespace.get(inputKey("", namespace))?.metadata.labels ?? NO_LABELS;
  }

  #offerTriggers() {
    const { Service, ServiceEntry, Namespace } = this.#inputs;
    const owned = (kind: string) => (change: { readonly key: string }) => [`${kind}/${change.key}`];
    const servicesByNamespace = Service.index((service) => [service.metadata.namespace]);
    const entriesByNamespace = ServiceEntry.index((entry) => [entry.metadata.namespace]);
    const inNamespace = function* (namespace: string): Generator<string> {
      for (const key of servicesByNamespace.keys(namespace)) yield `Service/${key}`;
      for (const key of entriesByNamespace.keys(namespace)) yield `ServiceEntry/${key}`;
    };
    const wishesOf = (metadata: {
      labels: Readonly<Record<string, string>>;
      namespace: string;
    }): string[] => {
      const wish = waypointWish(metadata.labels, NO_LABELS, metadata.namespace);
      return wish === undefined ? [] : [wish];
    };
    const servicesByWish = Service.index((service) => wishesOf(service.metadata));
    const entriesByWish = ServiceEntry.index((entry) => wishesOf(entry.metadata));
    const namespacesByWish = Namespace.index(({ metadata }) =>
      wishesOf({ labels: metadata.labels, namespace: metadata.name }),
    );
    const usingWaypoint = function* ({ key }: { readonly key: string }): Generator<string> {
      for (const service of servicesByWish.keys(key)) yield `Service/${service}`;
      for (const entry of entriesByWish.keys(key)) yield `ServiceEntry/${entry}`;
      for (const namespace of namespacesByWish.values(key)) yield* inNamespace(namespace.metadata.name);
    };
    return [
      on(Service, owned("Service")),
      on(ServiceEntry, owned("ServiceEntry")),
      on(this.#addresses.collection, (change) => [change.key]),
      on(Namespace, (change) => inNamespace((change.after ?? change.before)?.metadata.name ?? "")),
      on(this.waypoints, usingWaypoint),
    ];
  }

  #offersOf(owner: string): readonly ServiceOffer[] | undefined {
    const slash = owner.indexOf("/");
    const key = owner.slice(slash + 1);
    const handedOut = this.#addresses.collection.get(owner) ?? NOTHING_HANDED_OUT;
    if (owner.startsWith("Service/")) {
      const service = this.#inputs.Service.get(key);
      if (service === undefined) return undefined;
      const offer = translateService(service, this.#context(service.metadata, handedOut.addresses));
      return offer === undefined ? undefined : [offer];
    }
    const entry = this.#inputs.ServiceEntry.get(key);
    if (entry === undefined) return undefined;
    const context = this.#context(entry.metadata, []);
    return translateServiceEntry(entry, { ...context, allocatedByHost: handedOut.byHost });
  }

  #context(
    metadata: { readonly labels: Readonly<Record<string, string>>; readonly namespace: string },
    allocated: readonly string[],
  ): ServiceContext {
    const namespace = this.#inputs.Namespace.get(inputKey("", metadata.namespace));
    return {
      options: this.#options,
      allocated,
      waypoint: this.waypointFor(metadata.labels, metadata.namespace, "forServices"),
      namespaceAnnotations: namespace?.metadata.annotations ?? NO_LABELS,
    };
  }

  /** Everything that shares a host name with a changed offer: who is canonical is decided among them. */
  *#namesakes(change: Change<readonly ServiceOffer[]>): Generator<string> {
    for (const offer of [...(change.before ?? []), ...(change.after ?? [])]) {
      yield serviceKey(offer.service);
      for (const other of this.#sharing(offer.service.hostname)) yield serviceKey(other.service);
    }
  }

  *#sharing(hostname: string): Generator<ServiceOffer> {
    for (const offers of this.#offersByHost.values(hostname)) {
      for (const offer of offers) if (offer.service.hostname === hostname) yield offer;
    }
  }

  #winner(key: string): OfferedService | undefined {
    const hostname = key.slice(key.indexOf("/") + 1);
    let winner: ServiceOffer | undefined;
    let canonical: ServiceOffer | undefined;
    for (const offer of this.#sharing(hostname)) {
      if (serviceKey(offer.service) === key && (winner === undefined || offerWins(offer, winner)))
        winner = offer;
      // A service only its own namespace may use cannot speak for the name everywhere.
      if (offer.service.visibility === "NAMESPACE") continue;
      if (canonical === undefined || offerWins(offer, canonical)) canonical = offer;
    }
    if (winner === undefined) return undefined;
    return { service: { ...winner.service, canonical: winner === canonical }, offer: winner };
  }
}

/** Where an offer is filed: under one label of its selector, in its namespace. */
function selectorTerms(offer: ServiceOffer): readonly string[] {
  const term = offer.selector === undefined ? undefined : selectorTerm(offer.namespace, offer.selector);
  return term === undefined ? [] : [term];
}
