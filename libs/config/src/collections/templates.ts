import type { Deployment } from "@ambit/kube/resources/deployment.ts";
import type { StatefulSet } from "@ambit/kube/resources/stateful-set.ts";
import { matchesLabels } from "@ambit/kube/selector.ts";
import type { Collection } from "./collection.ts";
import type { Inputs } from "./inputs.ts";
import type { Index } from "./keyed-index.ts";
import { labelTerms, selectorCandidates } from "./label-terms.ts";

type Labels = Readonly<Record<string, string>>;
type Controller = Deployment | StatefulSet;

interface Indexed {
  readonly collection: Collection<Controller>;
  readonly byNamespace: Index<Controller>;
  readonly byLabel: Index<Controller>;
}

/** Controllers that are to create pods, found by what their pods will look like; those of no replicas are left out. */
export class Templates {
  readonly #kinds: readonly Indexed[];

  constructor({ Deployment, StatefulSet }: Inputs) {
    this.#kinds = [indexed(Deployment), indexed(StatefulSet)];
  }

  /** Every one. */
  *all(): Generator<Controller> {
    for (const { collection } of this.#kinds)
      for (const one of collection.values()) if (one.spec.replicas !== 0) yield one;
  }

  /** Those of a namespace. */
  *inNamespace(namespace: string): Generator<Controller> {
    for (const { byNamespace } of this.#kinds) yield* byNamespace.values(namespace);
  }

  /** Those whose pods a selector of at least one label chooses; `*` looks in every namespace. */
  *selected(namespace: string, selector: Labels): Generator<Controller> {
    for (const { collection, byLabel } of this.#kinds) {
      for (const key of selectorCandidates(byLabel, namespace, selector)) {
        const one = collection.get(key);
        if (one !== undefined && matchesLabels(selector, one.spec.template.metadata.labels)) yield one;
      }
    }
  }

  /** Namespaces with at least one. */
  *namespaces(): Generator<string> {
    for (const { byNamespace } of this.#kinds) yield* byNamespace.terms();
  }
}

function indexed<V extends Controller>(of: Collection<V>): Indexed {
  // Only read here, so that a collection of one kind is one of either.
  const collection = of as unknown as Collection<Controller>;
  return {
    collection,
    byNamespace: collection.index(({ metadata, spec }) => (spec.replicas === 0 ? [] : [metadata.namespace])),
    byLabel: collection.index(function* ({ metadata, spec }) {
      if (spec.replicas === 0) return;
      yield* labelTerms(metadata.namespace, spec.template.metadata.labels);
      yield* labelTerms("*", spec.template.metadata.labels);
    }),
  };
}
