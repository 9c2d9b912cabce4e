/** Why an image does not come: the registry does not let us in, does not have it, or does not answer. */
import { formatRef } from '../../api/kube.ts';
import type { ContainerState, PodState, WorkloadState } from '../world.ts';
import { pullTrouble } from './lack.ts';
import { lacking, pullSecretCommand } from './lacking.ts';
import { PULL_SECRETS } from './needs.ts';
import type { Obstacle, Owner } from './obstacle.ts';

interface Pull {
  pod: PodState;
  container: ContainerState;
  message: string;
  workload: WorkloadState;
  target: Owner;
}

export function notPulled({ pod, container, message, workload, target }: Pull): Obstacle[] {
  const trouble = pullTrouble(message);
  if (trouble === undefined) return [];
  const { ref } = workload;
  const pods = [pod.name];
  const image = `${container.image}, which ${formatRef(ref)} runs (containers[${container.name}].image)`;
  const unreadable = trouble === 'not-found' ? undefined : missingPullSecret(pod);
  if (unreadable !== undefined)
    return [lacking({ lack: { kind: 'Secret', name: unreadable, state: 'missing' }, workload, target, reason: 'ImagePullBackOff', pods })];
  const common = { reason: 'ImagePullBackOff', object: ref, details: [`the registry says: ${lastCause(message)}`], pods };
  switch (trouble) {
    case 'not-found':
      // A reference that was there does not come back by waiting; the tag may have been deleted, or the registry cleaned up.
      return [
        {
          ...common,
          final: true,
          message: `the registry does not have ${image}: no waiting brings it`,
          next: [`docker manifest inspect ${container.image}   # then push it again, or roll back to a version whose image is there`],
        },
      ];
    case 'denied':
      return [{ ...common, message: `the registry does not let us have ${image}: ${secretsText(workload)}`, next: renewal(workload) }];
    case 'unreachable':
      return [{ ...common, message: `the registry does not answer for ${image}`, next: [] }];
  }
}

/** `Unable to retrieve some image pull secrets (regcred); …`: pkg/kubelet/kubelet_pods.go getPullSecretsForPod. */
function missingPullSecret({ warnings }: PodState): string | undefined {
  const event = warnings.find(({ reason }) => reason === 'FailedToRetrieveImagePullSecret');
  return event && /secrets \(([^,)]+)/.exec(event.message)?.[1];
}

/** A token of a cloud's registry is renewed by whoever renews it: this may mend itself. */
function secretsText(workload: WorkloadState): string {
  const names = pullSecrets(workload);
  if (names.length === 0) return 'it names no pull secret (imagePullSecrets), and its ServiceAccount may have lost its own';
  return `what Secret ${names.map((name) => `${workload.ref.namespace}/${name}`).join(', ')} (imagePullSecrets) says is not accepted`;
}

function renewal(workload: WorkloadState): string[] {
  const { namespace } = workload.ref;
  const [first] = pullSecrets(workload);
  if (first === undefined)
    return [`kubectl get serviceaccount -n ${namespace} -o custom-columns=NAME:.metadata.name,PULL:.imagePullSecrets`];
  return [`${pullSecretCommand(first, namespace)} --dry-run=client -o yaml | kubectl apply -f -`];
}

function pullSecrets({ needs = [] }: WorkloadState): string[] {
  return needs.filter(({ field }) => field === PULL_SECRETS).map(({ name }) => name);
}

/** The innermost of nested errors. */
function lastCause(message: string): string {
  return message.replace(/^Back-off pulling image "[^"]*": (?:ErrImagePull: )?/, '').replace(/^rpc error: code = \w+ desc = /, '');
}
