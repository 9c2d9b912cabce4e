import type { LabelSelector } from '../../api/workloads.ts';

type Labels = Record<string, string> | undefined;

/**
 * Does a label selector match? An absent selector matches nothing, an empty one everything.
 * Source: k8s.io/apimachinery pkg/apis/meta/v1/helpers.go, LabelSelectorAsSelector.
 */
export function selects(selector: LabelSelector | undefined, labels: Labels): boolean {
  if (!selector) return false;
  return includes(labels, selector.matchLabels ?? {}) && (selector.matchExpressions ?? []).every((rule) => satisfies(rule, labels ?? {}));
}

/** Does `labels` hold every pair of `wanted`? */
export function includes(labels: Labels, wanted: Record<string, string>): boolean {
  return Object.entries(wanted).every(([key, value]) => labels?.[key] === value);
}

/** A selector without any requirement: it would take every pod of the namespace. */
export function selectsAll(selector: LabelSelector | undefined): boolean {
  return selector !== undefined && Object.keys(selector.matchLabels ?? {}).length === 0 && (selector.matchExpressions ?? []).length === 0;
}

function satisfies(rule: NonNullable<LabelSelector['matchExpressions']>[number], labels: Record<string, string>): boolean {
  const value = labels[rule.key];
  switch (rule.operator) {
    case 'In':
      return value !== undefined && (rule.values ?? []).includes(value);
    case 'NotIn':
      return value === undefined || !(rule.values ?? []).includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    default:
      return false;
  }
}
