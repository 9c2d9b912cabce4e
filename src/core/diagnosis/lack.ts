/** What is missing, from the words in which Kubernetes says that a pod cannot be made, placed or started. */
import type { Need } from '../world.ts';

export interface Lack {
  kind: Need['kind'];
  name: string;
  /** `key`: it is there, without a key that is asked for. `deleting`: it was deleted and is kept only for the pods that use it. */
  state: 'missing' | 'key' | 'deleting';
  key?: string;
}

const KINDS: Record<string, Need['kind']> = {
  secret: 'Secret',
  configmap: 'ConfigMap',
  persistentvolumeclaim: 'PersistentVolumeClaim',
  serviceaccount: 'ServiceAccount',
};

/** kubelet (kubelet_pods.go, volume/secret, volume/configmap), scheduler (plugins/volumebinding) and admission (serviceaccount). */
const NOT_FOUND = /\b(secret|configmap|persistentvolumeclaim|serviceaccount)s? "([^"]+)" (not found|is being deleted)/i;
/** makeEnvironmentVariables() of pkg/kubelet/kubelet_pods.go. */
const NO_KEY = /couldn't find key (\S+) in (Secret|ConfigMap) [^/\s]+\/(\S+)/;
/** MakePayload() of pkg/volume/secret and pkg/volume/configmap, which name the volume alone. */
const NO_ITEM = /for volume "([^"]+)".* references non-existent (?:secret |config )?key: (\S+)/;

/** @param needs of the workload, by which a volume leads to its object. */
export function lackIn(message: string, needs: readonly Need[] = []): Lack | undefined {
  const gone = NOT_FOUND.exec(message);
  if (gone) {
    const [, kind = '', name = '', how = ''] = gone;
    return { kind: KINDS[kind.toLowerCase()] as Need['kind'], name, state: how === 'not found' ? 'missing' : 'deleting' };
  }
  const key = NO_KEY.exec(message);
  if (key) return { kind: key[2] as 'Secret' | 'ConfigMap', name: key[3] as string, state: 'key', key: key[1] as string };
  const item = NO_ITEM.exec(message);
  const need = item && needs.find(({ field }) => field === `volumes[${item[1]}]`);
  return need ? { kind: need.kind, name: need.name, state: 'key', key: item[2] as string } : undefined;
}

/** Why an image did not come. */
export type PullTrouble = 'denied' | 'not-found' | 'unreachable';

/**
 * containerd and the registries (docker distribution, Docker Hub, GHCR, ECR, Artifact Registry) in their own words. Docker Hub
 * answers the same to who may not see a repository and to whom asks for one that is not there.
 */
export function pullTrouble(message: string): PullTrouble | undefined {
  if (
    /\b40[13]\b|unauthorized|forbidden|denied|authentication required|no basic auth|authorization failed|failed to authorize/i.test(message)
  )
    return 'denied';
  if (/not found|manifest unknown|name unknown|\b404\b/i.test(message)) return 'not-found';
  return /dial tcp|timeout|no such host|connection refused|\b50[0234]\b|too many requests/i.test(message) ? 'unreachable' : undefined;
}
