import { IdentityError } from "./identity-error.ts";

const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----[\sA-Za-z0-9+/=]*-----END \1-----/g;

/** Every PEM block with this label, in order, each ending with a newline. */
export function pemBlocks(text: string, label: string): readonly string[] {
  return [...text.matchAll(BLOCK)].filter((match) => match[1] === label).map((match) => `${match[0]}\n`);
}

/** The bytes of one PEM block. Throws an IdentityError when it is none. */
export function pemBytes(block: string): Buffer {
  const body = /-----BEGIN [A-Z0-9 ]+-----([\s\S]*?)-----END/.exec(block)?.[1];
  if (body === undefined) throw new IdentityError("bad-certificate", "Cannot read PEM: no block found");
  return Buffer.from(body.replaceAll(/\s/g, ""), "base64");
}

/** One PEM block of these bytes. */
export function toPem(label: string, bytes: Uint8Array): string {
  const lines =
    Buffer.from(bytes)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}
