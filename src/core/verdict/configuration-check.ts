/** What Flux and Kubernetes do not look at: which configuration, and which image, pods run with. */
import { formatRef, objectKey } from '../../api/kube.ts';
import { configFindings } from '../diagnosis/config-age.ts';
import { imageFindings } from '../diagnosis/image-id.ts';
import type { ConfigUser } from '../plan/plan.ts';
import { certainlyBad } from '../restart/bad-pods.ts';
import type { WorkloadsState } from '../world.ts';
import type { Check } from './verdict.ts';

interface Input {
  workloads: WorkloadsState;
  /** None of their pods may go on with the configuration that was taken back. */
  configuration?: readonly ConfigUser[];
}

/** Not before it was looked for, which is done once all else is well. */
export function configurationChecks({ workloads: { workloads, config }, configuration = [] }: Input): Check[] {
  if (configuration.length === 0 || config === undefined) return [];
  const name = 'Configuration';
  const bad = configuration.flatMap((user) => {
    const state = workloads.find(({ ref }) => objectKey(ref) === objectKey(user.ref));
    const reads = config.find(({ workload }) => objectKey(workload) === objectKey(user.ref));
    return state && reads ? certainlyBad(user, reads, state.pods).map((pod) => ({ user, pod })) : [];
  });
  const [first] = bad;
  if (!first) return [{ name, status: 'pass', message: 'no pod runs with the configuration that was taken back' }];
  const { ref, reads } = first.user;
  const pods = bad.length === 1 ? '1 pod' : `${bad.length} pods`;
  return [
    {
      name,
      status: 'wait',
      message: `${pods} of ${formatRef(ref)} still with the bad ${reads.map(formatRef).join(' and ')}: ${first.pod.name}`,
      next: [`kubectl delete pod ${first.pod.name} -n ${ref.namespace}`],
    },
  ];
}

/** What pods run with and nothing else shows. What this rollback restarted, or left for good reason, has a check of its own. */
export function runtimeNotes({ workloads, configuration = [] }: Input): string[] {
  const checked = new Set(configuration.map(({ ref }) => objectKey(ref)));
  const config = workloads.config?.filter((reads) => !checked.has(objectKey(reads.workload)));
  const findings = [
    ...configFindings({ workloads: workloads.workloads, ...(config ? { config } : {}) }),
    ...workloads.workloads.flatMap(imageFindings),
  ];
  return findings.map(({ object, message }) => `${formatRef(object)}: ${message}`);
}
