/** What makes a stateful pod that pod: name, host name, claims. Source: pkg/controller/statefulset/stateful_set_utils.go. */
import type { KubeObject } from '../../../api/kube.ts';
import type { Pod, PodTemplate, Volume, Workload } from '../../../api/workloads.ts';
import { type ControllerRevision, replicasOf, VOLUME_CLAIM } from '../kinds.ts';
import { podFromTemplate } from '../pods.ts';
import { REVISION_LABEL } from '../revisions.ts';

const POD_NAME_LABEL = 'statefulset.kubernetes.io/pod-name';
const POD_INDEX_LABEL = 'apps.kubernetes.io/pod-index';

export function startOrdinal(set: Workload): number {
  return Number((set.spec.ordinals as { start?: number } | undefined)?.start ?? 0);
}

/** -1 for a pod that does not bear the name of a member. */
export function ordinalOf(pod: Pod): number {
  const match = /-(\d+)$/.exec(pod.metadata.name);
  return match ? Number(match[1]) : -1;
}

export function isMemberName(set: Workload, pod: Pod): boolean {
  return pod.metadata.name === `${set.metadata.name}-${ordinalOf(pod)}`;
}

export function isInRange(set: Workload, pod: Pod): boolean {
  const ordinal = ordinalOf(pod) - startOrdinal(set);
  return ordinal >= 0 && ordinal < replicasOf(set);
}

/** The pod of `ordinal` as `revision` describes it; not yet written. */
export function memberPod(set: Workload, ordinal: number, revision: ControllerRevision): Pod {
  const { $patch: _, ...template } = revision.data.spec.template as PodTemplate & { $patch?: string };
  const pod = podFromTemplate(template, set);
  const { metadata } = pod;
  const name = `${set.metadata.name}-${ordinal}`;
  const labels = {
    ...metadata.labels,
    [POD_NAME_LABEL]: name,
    [POD_INDEX_LABEL]: String(ordinal),
    [REVISION_LABEL]: revision.metadata.name,
  };
  const volumes = [...claimVolumes(set, name), ...(pod.spec.volumes ?? []).filter((volume) => !isClaimed(set, volume))];
  const identity = { hostname: name, ...(set.spec.serviceName ? { subdomain: set.spec.serviceName } : {}) };
  return {
    ...pod,
    metadata: { ...metadata, name, labels },
    spec: { ...pod.spec, ...identity, ...(volumes.length > 0 ? { volumes } : {}) },
  };
}

function claimTemplates(set: Workload): KubeObject[] {
  return (set.spec.volumeClaimTemplates as KubeObject[] | undefined) ?? [];
}

function isClaimed(set: Workload, volume: Volume): boolean {
  return claimTemplates(set).some((template) => template.metadata.name === volume.name);
}

function claimVolumes(set: Workload, podName: string): Volume[] {
  return claimTemplates(set).map(({ metadata }) => ({
    name: metadata.name,
    persistentVolumeClaim: { claimName: `${metadata.name}-${podName}` },
  }));
}

/** The claims that the pod's volumes name; they outlive it. */
export function claimsOf(set: Workload, pod: Pod): KubeObject[] {
  return claimTemplates(set).map((template) => ({
    ...structuredClone(template),
    ...VOLUME_CLAIM,
    metadata: {
      ...template.metadata,
      name: `${template.metadata.name}-${pod.metadata.name}`,
      namespace: set.metadata.namespace,
      labels: { ...template.metadata.labels, ...set.spec.selector.matchLabels },
    },
  }));
}
