/** `kubectl --as`. Source: k8s.io/apiserver pkg/endpoints/filters/impersonation.go. */
import type { IncomingHttpHeaders } from 'node:http';
import { forbidden } from '../refusals.ts';
import type { State } from '../storage/state.ts';
import { mayUse } from './rbac.ts';
import type { User } from './user.ts';

/** The user that the request acts as. @throws ApiStatusError 403 where the caller may not impersonate */
export function impersonated(state: State, user: User, headers: IncomingHttpHeaders): User {
  const name = headers['impersonate-user'];
  if (typeof name !== 'string' || name === '') return user;
  const groups = [headers['impersonate-group'] ?? []].flat().flatMap((text) => text.split(',').map((group) => group.trim()));
  requireImpersonation(state, user, 'users', name);
  for (const group of groups) requireImpersonation(state, user, 'groups', group);
  return { name, groups: [...new Set([...groups, 'system:authenticated'])] };
}

function requireImpersonation(state: State, user: User, resource: 'users' | 'groups', name: string): void {
  if (mayUse(state, user, { verb: 'impersonate', group: '', resource, name })) return;
  const why = `User ${JSON.stringify(user.name)} cannot impersonate resource ${JSON.stringify(resource)} in API group "" at the cluster scope`;
  throw forbidden({ group: '', resource }, name, why);
}
