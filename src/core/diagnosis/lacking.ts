/** An object that a template names is gone: who names it, whether Git brings it back, how it is made again. */
import { formatRef, type ObjectRef } from '../../api/kube.ts';
import { formatTarget } from '../../api/target.ts';
import type { WorkloadState } from '../world.ts';
import type { Lack } from './lack.ts';
import { PULL_SECRETS } from './needs.ts';
import type { Obstacle, Owner } from './obstacle.ts';

interface Lacking {
  lack: Lack;
  workload: WorkloadState;
  target: Owner;
  reason: string;
  pods: string[];
}

/** An object is gone that the template names: who names it, whether Git brings it back, and how it is made again. */
export function lacking(about: Lacking): Obstacle {
  const { lack, workload, target, reason, pods } = about;
  const { namespace } = workload.ref;
  const object = { kind: lack.kind, ...(namespace === undefined ? {} : { namespace }), name: lack.name };
  const fields = (workload.needs ?? []).filter(({ kind, name }) => kind === lack.kind && name === lack.name).map(({ field }) => field);
  const where = fields.length ? ` (${[...new Set(fields)].join(', ')})` : '';
  const inGit = target.inventory.some((ref) => ref.kind === lack.kind && ref.name === lack.name && ref.namespace === namespace);
  return {
    reason,
    object,
    message: `${formatRef(object)} ${what(lack)}, and ${formatRef(workload.ref)} needs it${where}`,
    details: [inGit ? fromGit(target) : notFromGit(target), ...afterwards(about)],
    next: inGit ? [reconcileCommand(target)] : creation(lack, namespace, fields),
    pods,
    ...(inGit ? { inGit } : {}),
  };
}

function what({ state, key }: Lack): string {
  if (state === 'key') return `has no key ${key}`;
  return state === 'deleting' ? 'is being deleted' : 'does not exist';
}

function fromGit({ target }: Owner): string {
  return `Git has it: it is in the inventory of ${formatTarget(target)}, and Flux applies it anew in its next run`;
}

function notFromGit({ target }: Owner): string {
  return `Git does not bring it back: it is not in the inventory of ${formatTarget(target)}. Whoever made it has to make it again: a person, cert-manager, External Secrets …`;
}

/**
 * Without a push a controller that failed to create a pod tries again after up to 1000 s (client-go workqueue
 * DefaultTypedControllerRateLimiter), and a kubelet to mount after up to 2 minutes, to pull after up to 5 (pkg/kubelet).
 */
function afterwards({ lack, workload: { ref }, reason, pods }: Lacking): string[] {
  if (reason === 'FailedCreate') return [`once it is there, new pods are made within 17 minutes, and at once by: ${touch(ref)}`];
  const within = RETRIED_WITHIN[reason];
  if (lack.state === 'deleting' || within === undefined) return [];
  return [
    `once it is there, the kubelet tries again within ${within}, and a new pod at once: kubectl delete pod ${pods[0]} -n ${ref.namespace}`,
  ];
}

const RETRIED_WITHIN: Record<string, string> = {
  CreateContainerConfigError: 'ten seconds',
  FailedMount: '2 minutes',
  ImagePullBackOff: '5 minutes',
};

/** Any change of the object brings its controller back to it; of a Deployment the annotation goes on to its ReplicaSet. */
function touch({ kind, name, namespace }: ObjectRef): string {
  return `kubectl annotate ${kind.toLowerCase()} ${name} -n ${namespace} looked-at="$(date)" --overwrite`;
}

function reconcileCommand({ target }: Owner): string {
  return `flux reconcile ${target.kind.toLowerCase()} ${target.name} -n ${target.namespace}`;
}

function creation({ kind, name, state }: Lack, namespace: string | undefined, fields: readonly string[]): string[] {
  const at = `${name} -n ${namespace}`;
  if (kind === 'ServiceAccount') return [`kubectl create serviceaccount ${at}`];
  if (kind === 'PersistentVolumeClaim') return [`kubectl describe pvc ${at}`];
  if (state === 'key') return [`kubectl describe ${kind.toLowerCase()} ${at}`];
  if (kind === 'ConfigMap') return [`kubectl create configmap ${at} --from-file=DIRECTORY`];
  if (fields.includes(PULL_SECRETS)) return [pullSecretCommand(name, namespace)];
  return [`kubectl create secret generic ${at} --from-file=DIRECTORY`];
}

/** From a file, so that no password stands in the command. */
export function pullSecretCommand(name: string, namespace: string | undefined): string {
  return `kubectl create secret docker-registry ${name} -n ${namespace} --from-file=.dockerconfigjson=$HOME/.docker/config.json`;
}
