/** What is served: `/api`, `/apis`, their groups and versions, and the same in one document. Source: k8s.io/api apidiscovery/v2. */

import { groupOf, versionOf } from '../../../api/kube.ts';
import { apiVersionOf, type Resource, type Subresource } from '../kinds/resource.ts';

/** `as=` of the aggregated documents. */
export const DISCOVERY_VIEWS = ['APIGroupDiscoveryList.v2.apidiscovery.k8s.io', 'APIGroupDiscoveryList.v2beta1.apidiscovery.k8s.io'];

export function coreVersions(): unknown {
  return { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] };
}

/** Versions of a group; the storage version of custom kinds and `v2` before `v1beta1` come first. */
function versionsOf(resources: readonly Resource[], group: string): string[] {
  const versions = [...new Set(resources.filter((resource) => resource.group === group).map((resource) => resource.version))];
  return versions.sort(byPriority);
}

/** `v2` before `v1` before `v1beta2` before `v1alpha1`. Source: k8s.io/apimachinery pkg/version CompareKubeAwareVersionStrings. */
function byPriority(left: string, right: string): number {
  const rank = (version: string): number[] => {
    const match = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(version);
    if (!match) return [0, 0, 0, 0];
    const stability = match[2] === undefined ? 3 : match[2] === 'beta' ? 2 : 1;
    return [1, stability, Number(match[1]), Number(match[3] ?? 0)];
  };
  const [a, b] = [rank(left), rank(right)];
  for (const [index, value] of a.entries()) if (value !== b[index]) return (b[index] ?? 0) - value;
  return left.localeCompare(right);
}

function groupsOf(resources: readonly Resource[]): string[] {
  return [...new Set(resources.map((resource) => resource.group))].filter(Boolean);
}

function groupBody(resources: readonly Resource[], group: string): Record<string, unknown> {
  const versions = versionsOf(resources, group).map((version) => ({ groupVersion: `${group}/${version}`, version }));
  return { name: group, versions, preferredVersion: versions[0] };
}

export function groupList(resources: readonly Resource[]): unknown {
  return { kind: 'APIGroupList', apiVersion: 'v1', groups: groupsOf(resources).map((group) => groupBody(resources, group)) };
}

/** One group; undefined where it is not served. */
export function groupDocument(resources: readonly Resource[], group: string): unknown {
  if (!groupsOf(resources).includes(group)) return undefined;
  return { kind: 'APIGroup', apiVersion: 'v1', ...groupBody(resources, group) };
}

/** The resources of one version; undefined where it is not served. */
export function resourceList(resources: readonly Resource[], apiVersion: string): unknown {
  const own = resources.filter((resource) => apiVersionOf(resource) === apiVersion);
  if (own.length === 0) return undefined;
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion: apiVersion, resources: own.flatMap(legacyEntries) };
}

function legacyEntries(resource: Resource): unknown[] {
  const { plural, singular, namespaced, kind, verbs, shortNames, categories } = resource;
  const own = {
    name: plural,
    singularName: singular,
    namespaced,
    kind,
    verbs,
    ...(shortNames.length > 0 ? { shortNames } : {}),
    ...(categories.length > 0 ? { categories } : {}),
  };
  return [own, ...resource.subresources.map((subresource) => legacySubresource(resource, subresource))];
}

function legacySubresource({ plural, namespaced, kind }: Resource, { name, verbs, responseKind }: Subresource): unknown {
  const head = { name: `${plural}/${name}`, singularName: '', namespaced };
  if (!responseKind) return { ...head, kind, verbs };
  const group = groupOf(responseKind.apiVersion);
  const foreign = group ? { group, version: versionOf(responseKind.apiVersion) } : {};
  return { ...head, ...foreign, kind: responseKind.kind, verbs };
}

/** Every group (or the core one alone) with everything that it serves. */
export function aggregated(resources: readonly Resource[], part: 'core' | 'groups', version: string): unknown {
  const groups = part === 'core' ? [''] : groupsOf(resources);
  const items = groups.map((group) => ({
    metadata: group ? { name: group } : {},
    versions: versionsOf(resources, group).map((each) => ({
      version: each,
      resources: resources.filter((resource) => resource.group === group && resource.version === each).map(aggregatedResource),
      freshness: 'Current',
    })),
  }));
  return { kind: 'APIGroupDiscoveryList', apiVersion: `apidiscovery.k8s.io/${version}`, metadata: {}, items };
}

function aggregatedResource(resource: Resource): unknown {
  const { plural, singular, namespaced, kind, verbs, shortNames, categories, subresources, group, version } = resource;
  return {
    resource: plural,
    responseKind: { group, version, kind },
    scope: namespaced ? 'Namespaced' : 'Cluster',
    singularResource: singular,
    verbs,
    ...(shortNames.length > 0 ? { shortNames } : {}),
    ...(categories.length > 0 ? { categories } : {}),
    ...(subresources.length > 0 ? { subresources: subresources.map((entry) => aggregatedSubresource(resource, entry)) } : {}),
  };
}

function aggregatedSubresource({ group, version, kind }: Resource, { name, verbs, responseKind }: Subresource): unknown {
  const shown = responseKind
    ? { group: groupOf(responseKind.apiVersion), version: versionOf(responseKind.apiVersion), kind: responseKind.kind }
    : { group, version, kind };
  return { subresource: name, responseKind: shown, verbs };
}
