import type { KubeObject } from '../../api/kube.ts';
import type { ClusterApi } from '../cluster.ts';
import { sameData } from './canonical.ts';
import { CONTROLLER_MANAGER } from './kinds.ts';

/**
 * Writes `status` where it differs from what `object` carries.
 * @returns the object as it then is.
 * @throws ApiStatusError as the API does, 409 where `object` is no longer current
 */
export function writeStatus<T extends KubeObject>(api: ClusterApi, object: T, status: unknown, manager = CONTROLLER_MANAGER): T {
  if (sameData(object.status, status)) return object;
  return api.update<T>({ ...structuredClone(object), status } as T, { manager, subresource: 'status' });
}
