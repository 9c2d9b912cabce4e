/**
 * Flux's revisions: `main@sha1:<hex>`, `refs/heads/main@sha1:<hex>`, `v1.0@sha1:<hex>`, `sha1:<hex>`,
 * `latest@sha256:<hex>`. Source: fluxcd/pkg git/git.go, RFC-0005.
 */
export interface Revision {
  /** Branch, tag or full reference name as Flux wrote it; absent for a commit alone. */
  pointer?: string;
  algorithm: 'sha1' | 'sha256';
  digest: string;
}

const FORM = /^(?:(.+)@)?(sha1|sha256):([0-9a-f]{7,64})$/;

/** Reads a revision; undefined where the text is not one. */
export function parseRevision(text: string | undefined): Revision | undefined {
  const match = text === undefined ? null : FORM.exec(text);
  if (!match) return undefined;
  const [, pointer, algorithm, digest] = match as unknown as [string, string | undefined, Revision['algorithm'], string];
  return pointer === undefined ? { algorithm, digest } : { pointer, algorithm, digest };
}

/** Writes a revision the way Flux does. */
export function formatRevision(revision: Revision): string {
  const digest = `${revision.algorithm}:${revision.digest}`;
  return revision.pointer === undefined ? digest : `${revision.pointer}@${digest}`;
}

/** The Git commit of a revision; undefined for artifacts that are not from Git. */
export function commitOf(text: string | undefined): string | undefined {
  const revision = parseRevision(text);
  return revision?.algorithm === 'sha1' ? revision.digest : undefined;
}

/** The branch of a revision's pointer: `refs/heads/main` and `main` → `main`; undefined for any other full reference name. */
export function branchOf(revision: Revision): string | undefined {
  const branch = revision.pointer?.replace(/^refs\/heads\//, '');
  return branch?.startsWith('refs/') ? undefined : branch;
}

/** The first eight digits, as the flux CLI prints them: `main@sha1:1a2b3c4d`. */
export function shortRevision(text: string): string {
  const revision = parseRevision(text);
  return revision ? formatRevision({ ...revision, digest: revision.digest.slice(0, 8) }) : text;
}
