/** The objects that have Flux build and apply the cases. */
import { GIT_REPOSITORY, type GitRepository, KUSTOMIZATION, type Kustomization } from '../../../../src/api/flux.ts';
import type { KubeObject } from '../../../../src/api/kube.ts';
import type { GitServer } from '../../../../src/sandbox/git/server.ts';
import type { RenderingCase } from './case.ts';
import { sourceOf } from './repository.ts';

export const NAMESPACE = 'flux-system';

/** Namespaces of the cases and what `substituteFrom` reads. */
export function surroundings(cases: RenderingCase[]): KubeObject[] {
  return cases.flatMap(({ name, live = [] }) => [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name } },
    ...live.map((object) => ({ ...object, metadata: { ...object.metadata, namespace: NAMESPACE } })),
  ]);
}

export function gitRepositories(cases: RenderingCase[], git: GitServer): GitRepository[] {
  const ignores = new Map(cases.map((one) => [sourceOf(one), one.alone?.ignore]));
  return [...ignores].map(([name, ignore]) => ({
    ...GIT_REPOSITORY,
    metadata: { name, namespace: NAMESPACE },
    spec: { url: git.cloneUrl(name), interval: '1h', ref: { branch: 'main' }, ...(ignore === undefined ? {} : { ignore }) },
  }));
}

export function kustomizationOf(one: RenderingCase): Kustomization {
  const { path = './', ...spec } = one.spec ?? {};
  const folder = one.alone ? path : `./${one.name}/${path.replace(/^\.\//, '')}`;
  return {
    ...KUSTOMIZATION,
    metadata: { name: one.name, namespace: NAMESPACE },
    spec: {
      interval: '1h',
      retryInterval: '1h',
      prune: true,
      targetNamespace: one.name,
      ...spec,
      path: folder,
      sourceRef: { kind: 'GitRepository', name: sourceOf(one) },
    },
  };
}
