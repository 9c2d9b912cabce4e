/** What a revision names, before anything is looked up. */
export type RevisionName =
  | { kind: 'object'; hex: string; steps: string }
  /** `HEAD`: the branch that the repository was opened for. */
  | { kind: 'head'; steps: string }
  | { kind: 'ref'; name: string; steps: string };

/** `~2`, `^`, `^2~1`, `^{commit}`, `^0`: git-revisions(7). */
const STEPS = /(?:[~^]\d*|\^\{(?:commit)?\})*$/;

/**
 * Reads what a person or Flux wrote: a full or short object id, `HEAD`, a branch or tag, a full reference name, each with `~N` and `^N`,
 * or Flux's `main@sha1:<hex>` and `sha1:<hex>`. Undefined for everything else, which then names nothing: git's other forms (`@{…}`,
 * `:/text`, `a..b`) would be read as something else than one commit of the remote.
 */
export function readRevisionName(text: string): RevisionName | undefined {
  const trimmed = text.trim();
  const flux = /^(?:[^\s@]+@)?sha1:([0-9a-f]{4,40})$/i.exec(trimmed)?.[1];
  if (flux !== undefined) return { kind: 'object', hex: flux.toLowerCase(), steps: '' };
  const steps = STEPS.exec(trimmed)?.[0] ?? '';
  const base = trimmed.slice(0, trimmed.length - steps.length);
  if (base === 'HEAD' || base === '@') return { kind: 'head', steps };
  if (!isRefName(base)) return undefined;
  return /^[0-9a-f]{40}$|^[0-9a-f]{64}$/i.test(base)
    ? { kind: 'object', hex: base.toLowerCase(), steps }
    : { kind: 'ref', name: base, steps };
}

/** Could it be a short object id? */
export function isShortId(name: string): boolean {
  return /^[0-9a-f]{4,64}$/i.test(name);
}

/** The rules of git-check-ref-format(1), for a name with or without `refs/heads/` before it; and none that looks like an option. */
export function isRefName(name: string): boolean {
  if (name === '' || name === '@' || name.startsWith('-') || name.endsWith('.') || name.endsWith('/') || name.startsWith('/')) return false;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
  if (/[\u0000-\u0020\u007f~^:?*[\\]|\.\.|@\{|\/\//.test(name)) return false;
  return name.split('/').every((part) => !part.startsWith('.') && !part.endsWith('.lock'));
}
