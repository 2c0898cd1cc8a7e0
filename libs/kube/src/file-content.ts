import { hash } from "node:crypto";
import type { Claim } from "./claims.ts";
import type { Diagnostic } from "./diagnostics.ts";
import { readDocument, type LocalDiagnostic, type ReadDocument } from "./read-resources.ts";
import { splitDocuments } from "./yaml-text.ts";

/** One file as it was last understood. */
export interface FileContent {
  /** With the digests of their texts, so that an unchanged document of a changed file is not parsed again. */
  readonly documents: readonly DigestedDocument[];
  readonly claims: readonly Claim[];
  readonly diagnostics: readonly Diagnostic[];
}

export interface DigestedDocument {
  /** `digestOf` the text; the texts of a large mesh would be a good part of its memory. */
  readonly digest: string;
  readonly read: ReadDocument;
}

const NO_DIAGNOSTICS: readonly Diagnostic[] = [];

export const EMPTY_CONTENT: FileContent = { documents: [], claims: [], diagnostics: NO_DIAGNOSTICS };

/** 144 bits in base64. */
const DIGEST_LENGTH = 24;

/** What tells one document's text from another. */
export function digestOf(text: string): string {
  return hash("sha256", text, "base64url").slice(0, DIGEST_LENGTH);
}

/** Kinds that decide about access: when one is refused and has no last good version, that must be shouted. */
const POLICY_KINDS = new Set(["AuthorizationPolicy", "PeerAuthentication"]);

/**
 * Reads a file's text on top of what the file held before. A broken document keeps its resource's last good version;
 * a document too broken to name its resource keeps every resource of the file that is not there any more.
 * Yields between documents so that a large file does not stop the process.
 */
export async function readFileContent(
  text: string,
  before: FileContent,
  place: { readonly file: string; readonly rank: number; readonly round: number },
  pause: () => Promise<void>,
): Promise<FileContent> {
  const documents = new Map<string, ReadDocument>();
  const known = new Map(before.documents.map(({ digest, read }) => [digest, read]));
  const claims = new Map<string, Claim>();
  const diagnostics: Diagnostic[] = [];
  // Of two claims on one key the first counts, also as last good version.
  const lastGood = new Map(before.claims.toReversed().map((claim) => [claim.key, claim]));
  const duplicates: Claim[] = [];
  let unclear = false;
  for (const piece of splitDocuments(text)) {
    const digest = digestOf(piece.text);
    const read = known.get(digest) ?? documents.get(digest) ?? readDocument(piece.text);
    documents.set(digest, read);
    for (const diagnostic of read.diagnostics)
      diagnostics.push(locate(diagnostic, place.file, piece.lineOffset));
    for (const entry of read.entries) {
      const { resource } = entry;
      if (resource === undefined) {
        unclear = true;
        continue;
      }
      // Joined, because the pieces of a template would be kept beside the whole.
      const key = [resource.kind, resource.namespace, resource.name].join("/");
      const origin = { file: place.file, line: piece.lineOffset + entry.line };
      const object = entry.object ?? lastGood.get(key)?.object;
      if (object === undefined) {
        if (POLICY_KINDS.has(resource.kind)) diagnostics.push(notInForce(resource, origin));
        continue;
      }
      const since = lastGood.get(key)?.since ?? place.round;
      const claim: Claim = { key, resource, object, origin, rank: place.rank, since };
      if (claims.has(key)) duplicates.push(claim);
      else claims.set(key, claim);
    }
    await pause();
  }
  if (unclear) for (const [key, claim] of lastGood) if (!claims.has(key)) claims.set(key, claim);
  // Copied once more, because arrays that grew keep room for 16 more, and there are as many as pods.
  return {
    documents: Array.from(documents, ([digest, read]) => ({ digest, read })).slice(),
    claims: [...claims.values(), ...duplicates].slice(),
    diagnostics: diagnostics.length === 0 ? NO_DIAGNOSTICS : diagnostics,
  };
}

/** The content of a file that cannot be read at all: what it held stays, with one diagnostic about the file. */
export function unreadableContent(
  before: FileContent,
  file: string,
  problem: Pick<Diagnostic, "code" | "message" | "remedy">,
): FileContent {
  const diagnostic: Diagnostic = {
    ...problem,
    severity: "error",
    origin: { file, line: 0 },
    field: "",
    resource: undefined,
  };
  return { ...before, diagnostics: [diagnostic] };
}

function locate(diagnostic: LocalDiagnostic, file: string, lineOffset: number): Diagnostic {
  const { line, ...rest } = diagnostic;
  return { ...rest, origin: { file, line: lineOffset + line } };
}

// Applying a half-understood policy can open as much as it closes (an unreadable ALLOW turned into "deny all" takes a
// service down, an unreadable DENY turned into "deny all" does too), and nobody could tell from the file what is in
// force. So a policy that cannot be read is never guessed: the last good version stays, and without one this is said
// as an error of its own, in the status of the resource and in `ambit status`.
function notInForce(resource: Claim["resource"], origin: Claim["origin"]): Diagnostic {
  return {
    code: "AMB0112",
    severity: "error",
    message: "the policy has errors and no earlier good version, so it is not in force",
    origin,
    field: "",
    remedy: "correct the errors above",
    resource,
  };
}
