/** A permission in the words of RBAC, and how a missing one is told. */

export interface Permission {
  verb: string;
  /** API group; empty for the core group. */
  group: string;
  /** The plural, with the subresource: `pods/log`. */
  resource: string;
  /** Absent: in the whole cluster. */
  namespace?: string;
}

/** `no permission to list events in the namespace apps`. */
export function noPermission(...permissions: Permission[]): string {
  const texts = alike(permissions, ({ verb, namespace }) => [verb, namespace]).map((same) => {
    const [{ verb, namespace }] = same as [Permission];
    return `${verb} ${same.map(resourceText).join(', ')} ${placeText(namespace)}`;
  });
  return `no permission to ${texts.join(', nor to ')}`;
}

/** `deployments.apps`, as kubectl takes it. */
export function resourceText({ group, resource }: Permission): string {
  return `${resource}${group ? `.${group}` : ''}`;
}

export function placeText(namespace: string | undefined): string {
  return namespace === undefined ? 'in the whole cluster' : `in the namespace ${namespace}`;
}

/** The rules that a role lacks, as they are written in YAML. */
export function rulesText(permissions: readonly Permission[]): string {
  return alike(permissions, ({ group, verb }) => [group, verb])
    .map(ruleText)
    .join(', ');
}

/** Permissions with the same key together, in the order of the first of each. */
function alike(permissions: readonly Permission[], keyOf: (permission: Permission) => unknown[]): Permission[][] {
  const groups = new Map<string, Permission[]>();
  for (const permission of permissions) {
    const key = JSON.stringify(keyOf(permission));
    groups.set(key, [...(groups.get(key) ?? []), permission]);
  }
  return [...groups.values()];
}

function ruleText(same: readonly Permission[]): string {
  const [{ group, verb }] = same as [Permission];
  const resources = [...new Set(same.map(({ resource }) => `"${resource}"`))].join(', ');
  return `{apiGroups: ["${group}"], resources: [${resources}], verbs: ["${verb}"]}`;
}
