import { HELM_RELEASE, KUSTOMIZATION } from './flux.ts';
import type { ObjectRef } from './kube.ts';

/** What is rolled back: a Flux Kustomization or HelmRelease. */
export interface Target {
  kind: 'Kustomization' | 'HelmRelease';
  namespace: string;
  name: string;
}

/** What people and tools call the kinds: Flux's short names, kubectl's plurals, and `kubectl get -o name`. */
const KINDS: ReadonlyMap<string, Target['kind']> = new Map([
  ...names('Kustomization', ['ks'], 'kustomize.toolkit.fluxcd.io'),
  ...names('HelmRelease', ['hr'], 'helm.toolkit.fluxcd.io'),
]);

function names(kind: Target['kind'], short: string[], group: string): [string, Target['kind']][] {
  const word = kind.toLowerCase();
  return [...short, word, `${word}s`, `${word}.${group}`, `${word}s.${group}`].map((name) => [name, kind]);
}

/** DNS-1123: what the API server takes for the name of a namespace, and of an object. */
const LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const SUBDOMAIN = /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/**
 * Reads a target the way it is typed: `sample-app`, `ks/sample-app`, `kustomization/flux-system/sample-app`.
 * @param namespace taken where the text names none (`-n`).
 * @returns undefined where the text is not a target.
 */
export function parseTarget(text: string, namespace: string): Target | undefined {
  const parts = text.split('/');
  if (parts.length > 3) return undefined;
  const kind = parts.length === 1 ? 'Kustomization' : KINDS.get((parts[0] ?? '').toLowerCase());
  const name = parts.at(-1) ?? '';
  const space = parts.length === 3 ? (parts[1] ?? '') : namespace;
  if (!kind || !SUBDOMAIN.test(name) || !LABEL.test(space)) return undefined;
  return { kind, namespace: space, name };
}

/** `kustomization/flux-system/sample-app`: how Ebb writes a target in commits, journals and JSON. */
export function formatTarget(target: Target): string {
  return `${target.kind.toLowerCase()}/${target.namespace}/${target.name}`;
}

/** The object of the API that the target is. */
export function targetRef(target: Target): ObjectRef {
  const gvk = target.kind === 'Kustomization' ? KUSTOMIZATION : HELM_RELEASE;
  return { ...gvk, namespace: target.namespace, name: target.name };
}
