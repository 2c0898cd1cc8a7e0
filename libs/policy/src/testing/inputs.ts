import type { AuthorizationPolicyInput } from "../authorization-policy.ts";
import type { ConditionInput, OperationInput, RuleInput, SourceInput } from "../authorization-rule.ts";
import type { PeerAuthenticationInput } from "../peer-auth.ts";

const NO_SOURCE: SourceInput = {
  principals: [],
  notPrincipals: [],
  requestPrincipals: [],
  notRequestPrincipals: [],
  namespaces: [],
  notNamespaces: [],
  serviceAccounts: [],
  notServiceAccounts: [],
  ipBlocks: [],
  notIpBlocks: [],
  remoteIpBlocks: [],
  notRemoteIpBlocks: [],
};

const NO_OPERATION: OperationInput = {
  hosts: [],
  notHosts: [],
  ports: [],
  notPorts: [],
  methods: [],
  notMethods: [],
  paths: [],
  notPaths: [],
};

/** A rule as a user writes it: absent fields are empty. */
export function rule(parts: {
  readonly from?: readonly Partial<SourceInput>[];
  readonly to?: readonly Partial<OperationInput>[];
  readonly when?: readonly (Partial<ConditionInput> & { readonly key: string })[];
}): RuleInput {
  return {
    from: (parts.from ?? []).map((source) => ({ source: { ...NO_SOURCE, ...source } })),
    to: (parts.to ?? []).map((operation) => ({ operation: { ...NO_OPERATION, ...operation } })),
    when: (parts.when ?? []).map((condition) => ({ values: [], notValues: [], ...condition })),
  };
}

/** The policy `shop/p`. */
export function authorizationPolicy(
  spec: Partial<AuthorizationPolicyInput["spec"]>,
  fields: Partial<AuthorizationPolicyInput> = {},
): AuthorizationPolicyInput {
  return {
    name: "p",
    namespace: "shop",
    dryRun: undefined,
    ...fields,
    spec: { action: "ALLOW", selector: undefined, targetRefs: [], rules: [], ...spec },
  };
}

/** The PeerAuthentication `shop/p`. */
export function peerAuthentication(fields: Partial<PeerAuthenticationInput>): PeerAuthenticationInput {
  return {
    name: "p",
    namespace: "shop",
    selectorLabels: undefined,
    mode: "UNSET",
    portLevel: new Map(),
    createdAt: 0,
    ...fields,
  };
}
