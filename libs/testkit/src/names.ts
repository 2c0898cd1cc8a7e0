import dns, { type LookupAddress } from "node:dns";

type Lookup = (name: string, options: object) => Promise<readonly LookupAddress[]>;

/**
 * Answers for names of this process until the returned function is called, as a resolver with several addresses for one
 * name does; others are asked for as ever.
 */
export function answerForNames(names: Readonly<Record<string, readonly string[]>>): () => void {
  const resolver = dns.promises as unknown as { lookup: Lookup };
  const { lookup } = resolver;
  resolver.lookup = async (name, options) => {
    const addresses = names[name];
    if (addresses === undefined) return lookup(name, options);
    return addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));
  };
  return () => {
    resolver.lookup = lookup;
  };
}
