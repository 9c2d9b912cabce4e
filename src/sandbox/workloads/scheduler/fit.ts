import type { KubeObject } from '../../../api/kube.ts';
import type { Container, Pod } from '../../../api/workloads.ts';
import { includes } from '../selectors.ts';
import { parseQuantity } from './quantity.ts';

interface Toleration {
  key?: string;
  operator?: string;
  value?: string;
  effect?: string;
}

interface Taint {
  key: string;
  value?: string;
  effect: string;
}

/** What a request may name. */
const RESOURCES = ['cpu', 'memory', 'ephemeral-storage'] as const;

export interface Fit {
  /** Why a pod cannot run there, in the scheduler's words and order; empty where it can. */
  reasons: string[];
  /** It could if others made room. */
  crowdedOut: boolean;
}

/** Does `pod` fit on `node` beside `others`? */
export function fitOf(pod: Pod, node: KubeObject, others: Pod[]): Fit {
  const never = [...selectorReasons(pod, node), ...taintReasons(pod, node), ...resourceReasons(pod, node, [])];
  const reasons = [...selectorReasons(pod, node), ...taintReasons(pod, node), ...resourceReasons(pod, node, others)].sort();
  return { reasons, crowdedOut: never.length === 0 && reasons.length > 0 };
}

function selectorReasons(pod: Pod, node: KubeObject): string[] {
  const selector = (pod.spec.nodeSelector as Record<string, string> | undefined) ?? {};
  return includes(node.metadata.labels, selector) ? [] : ["node(s) didn't match Pod's node affinity/selector"];
}

function taintReasons(pod: Pod, node: KubeObject): string[] {
  const { taints = [], unschedulable } = (node.spec ?? {}) as { taints?: Taint[]; unschedulable?: boolean };
  const tolerations = (pod.spec.tolerations as Toleration[] | undefined) ?? [];
  const bad = taints.find((taint) => taint.effect !== 'PreferNoSchedule' && !tolerations.some((each) => tolerates(each, taint)));
  if (unschedulable && !tolerations.some((each) => tolerates(each, UNSCHEDULABLE))) return ['node(s) were unschedulable'];
  return bad ? [`node(s) had untolerated taint(s)`] : [];
}

const UNSCHEDULABLE: Taint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };

function tolerates(toleration: Toleration, taint: Taint): boolean {
  if (toleration.effect && toleration.effect !== taint.effect) return false;
  if (toleration.key && toleration.key !== taint.key) return false;
  return toleration.operator === 'Exists' || (toleration.value ?? '') === (taint.value ?? '');
}

function resourceReasons(pod: Pod, node: KubeObject, others: Pod[]): string[] {
  const { allocatable = {} } = (node.status ?? {}) as { allocatable?: Record<string, string> };
  const reasons = RESOURCES.filter((resource) => {
    const wanted = requestOf(pod, resource);
    const limit = allocatable[resource];
    if (wanted === 0 || limit === undefined) return false;
    return wanted + others.reduce((total, other) => total + requestOf(other, resource), 0) > parseQuantity(limit);
  }).map((resource) => `Insufficient ${resource}`);
  const crowded = others.length + 1 > parseQuantity(allocatable.pods ?? '110');
  return crowded ? [...reasons, 'Too many pods'] : reasons;
}

/** The larger of what all containers and what any init container asks for. */
function requestOf(pod: Pod, resource: string): number {
  const of = (container: Container) => {
    const { requests, limits } = (container.resources ?? {}) as Record<string, Record<string, string> | undefined>;
    return parseQuantity(requests?.[resource] ?? limits?.[resource] ?? 0) || 0;
  };
  const together = pod.spec.containers.reduce((total, container) => total + of(container), 0);
  return Math.max(together, ...(pod.spec.initContainers ?? []).map(of));
}
