/**
 * What has to happen beside a write for the API to be whole: contents of a namespace or of a CustomResourceDefinition in
 * deletion go first, and every namespace has its `default` ServiceAccount. In a real cluster controllers do it
 * (kube-controller-manager's namespace and serviceaccount controllers, apiextensions' finalizing controller).
 */
import type { KubeObject } from '../../api/kube.ts';
import { ApiStatusError } from '../cluster.ts';
import type { Resource } from './kinds/resource.ts';
import type { Change } from './storage/history.ts';
import type { State } from './storage/state.ts';
import { create } from './writes/create.ts';
import { remove } from './writes/remove.ts';

const DEFINITIONS = 'customresourcedefinitions.apiextensions.k8s.io';
const DEFINITION_FINALIZER = 'customresourcecleanup.apiextensions.k8s.io';

/** Follows the store for as long as it lives. */
export function startLifecycle(state: State): void {
  const ending = new Map<string, { storageKey: string; name: string }>();
  state.subscribe(undefined, (change) => {
    note(ending, change);
    if (change.storageKey === 'namespaces' && change.type === 'ADDED') giveServiceAccount(state, change.object.metadata.name);
    for (const { storageKey, name } of [...ending.values()]) {
      if (storageKey === 'namespaces') endNamespace(state, name);
      else endDefinition(state, name);
    }
  });
}

function note(ending: Map<string, { storageKey: string; name: string }>, { storageKey, type, object }: Change): void {
  if (storageKey !== 'namespaces' && storageKey !== DEFINITIONS) return;
  const key = `${storageKey}/${object.metadata.name}`;
  if (type === 'DELETED') ending.delete(key);
  else if (object.metadata.deletionTimestamp) ending.set(key, { storageKey, name: object.metadata.name });
}

function giveServiceAccount(state: State, namespace: string): void {
  const resource = state.registry.byPath('v1', 'serviceaccounts');
  if (!resource || state.get(resource, namespace, 'default')) return;
  const account: KubeObject = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace } };
  unlessGone(() => create({ state, resource }, account, { manager: 'kube-controller-manager' }));
}

function endNamespace(state: State, name: string): void {
  const namespace = state.objects.get('namespaces', `/${name}`);
  if (!namespace) return;
  const stores = new Map(
    state.registry
      .all()
      .filter((resource) => resource.namespaced)
      .map((resource) => [resource.storageKey, resource]),
  );
  for (const resource of stores.values()) empty(state, resource, name);
  const left = [...stores.keys()].some((storageKey) => state.objects.list(storageKey, name).length > 0);
  if (!left && !namespace.metadata.finalizers?.length) state.remove('namespaces', namespace);
}

function endDefinition(state: State, name: string): void {
  const definition = state.objects.get(DEFINITIONS, `/${name}`);
  const resource = state.registry.all().find((candidate) => candidate.storageKey === name);
  if (!definition) return;
  if (resource) empty(state, resource, undefined);
  if (state.objects.list(name).length > 0) return;
  const finalizers = definition.metadata.finalizers?.filter((finalizer) => finalizer !== DEFINITION_FINALIZER) ?? [];
  if (finalizers.length === 0) state.remove(DEFINITIONS, definition);
}

function empty(state: State, resource: Resource, namespace: string | undefined): void {
  for (const { metadata } of state.objects.list(resource.storageKey, namespace)) {
    if (metadata.deletionTimestamp) continue;
    const options = { propagationPolicy: 'Background' as const };
    unlessGone(() =>
      remove({ state, resource: state.registry.storageOf(resource) }, { namespace: metadata.namespace, name: metadata.name, options }),
    );
  }
}

/** Somebody else was faster: that is what was wanted. */
function unlessGone(write: () => void): void {
  try {
    write();
  } catch (error) {
    if (!(error instanceof ApiStatusError)) throw error;
  }
}
