/**
 * The variables of `postBuild`, read from ConfigMaps and Secrets as they are now, whatever revision is built.
 * Source: fluxcd/pkg kustomize/kustomize_varsub.go (LoadVariables).
 */
import type { KubeObject } from '../../../api/kube.ts';
import type { ClusterApi } from '../../cluster.ts';
import { secretValues } from '../source/credentials.ts';
import type { AttemptedKustomization } from './run.ts';

/** Thrown for a missing reference or an invalid name. */
export class VariablesError extends Error {
  override readonly name = 'VariablesError';
}

const NAME = /^[_A-Za-z][_A-Za-z0-9]*$/;

/** Undefined without `postBuild`. @throws VariablesError */
export function readVariables(object: AttemptedKustomization, api: ClusterApi): Record<string, string> | undefined {
  const { postBuild } = object.spec;
  if (!postBuild) return undefined;
  const variables: Record<string, string> = {};
  for (const { kind, name, optional } of postBuild.substituteFrom ?? []) {
    const found = api.get<KubeObject & { data?: Record<string, string> }>({
      apiVersion: 'v1',
      kind,
      namespace: object.metadata.namespace,
      name,
    });
    if (found) Object.assign(variables, kind === 'Secret' ? secretValues(found) : found.data);
    else if (!optional) throw new VariablesError(`substitute from '${kind}/${name}' error: ${kind.toLowerCase()}s "${name}" not found`);
  }
  Object.assign(variables, postBuild.substitute);
  const invalid = Object.keys(variables).find((key) => !NAME.test(key));
  if (invalid !== undefined) {
    throw new VariablesError(`envsubst error: '${invalid}' var name is invalid, must match '^[_[:alpha:]][_[:alpha:][:digit:]]*$'`);
  }
  return Object.fromEntries(Object.entries(variables).map(([key, value]) => [key, value.replaceAll('\n', '')]));
}
