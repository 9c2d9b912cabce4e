import type { KubeObject } from '../../../api/kube.ts';
import { gitRepositoryDefinition } from './git-repository.ts';
import { helmReleaseDefinition } from './helm-release.ts';
import { kustomizationDefinition } from './kustomization.ts';
import { otherDefinitions } from './other-kinds.ts';

/** CustomResourceDefinitions of the Flux kinds; create them before `startFlux`. */
export const FLUX_CRDS: readonly KubeObject[] = [
  gitRepositoryDefinition,
  kustomizationDefinition,
  helmReleaseDefinition,
  ...otherDefinitions,
];
