/** The differences that stay, each with its reason. The table in docs/reference/sandbox.md is made from this list. */
import type { Difference } from './compare.ts';

export interface Accepted {
  /** What differs, for people. */
  what: string;
  sandbox: string;
  real: string;
  why: string;
  /** The stories in which it shows; all where absent. */
  stories?: readonly string[];
  /** Of the name of the object: `Pod release/web-<rs1>-<pod>`. */
  object: RegExp;
  /** Of the aspect or the path of the field. */
  field: RegExp;
  /** Of one of the states, where the aspect does not say enough. */
  says?: RegExp;
  /** Why it does not show in every run; one that shows in none is an error unless this says why. */
  sometimes?: string;
}

export const ACCEPTED: readonly Accepted[] = [
  {
    what: 'The volume `kube-api-access-…` that every pod gets',
    sandbox: 'not there',
    real: 'a token, the certificate authority and the namespace, mounted into every container',
    why: 'The sandbox issues no tokens to service accounts: no program in it has reason to call the API.',
    object: /^Pod /,
    field: /kube-api-access-<volume>/,
  },
  {
    what: 'The annotation `endpoints.kubernetes.io/last-change-trigger-time`',
    sandbox: 'not written',
    real: 'when the pod that made the change got ready; only on the slice or the Endpoints that changed by it',
    why: 'It measures how long the network takes to learn of a change, and the sandbox has no network that would have to.',
    object: /^(EndpointSlice|Endpoints) /,
    field: /last-change-trigger-time$|^managed by kube-controller-manager Update: metadata annotations itself$/,
  },
  {
    what: 'Who owns `lastProbeTime` of a pod that no node takes',
    sandbox: 'nobody: it is not there',
    real: 'kube-scheduler, which writes it as `null`',
    why: 'The sandbox stores no field of which the value is null, and nothing reads this one.',
    stories: ['held-up'],
    object: /^Pod held-up\//,
    field: /"PodScheduled"} lastProbeTime$/,
  },
  {
    what: 'The message of a build that names a remote base',
    sandbox: 'says that remote bases are not followed',
    real: 'says why the address did not answer',
    why: 'Ebb renders from the files of a commit alone, and so does its sandbox: what a URL answers may change without a commit.',
    stories: ['build'],
    object: /^Kustomization build\/app$/,
    field: /^(condition Ready|events|status\.conditions\[Ready\]\.message)$/,
    says: /remote base|example\.invalid/,
  },
  {
    what: 'The message of a build where a file without a kustomization.yaml is not YAML',
    sandbox: '`kustomize build failed: accumulating resources …`, with the same fault of the file',
    real: '`failed to decode Kubernetes YAML from …`, with the same fault of the file',
    why: 'Flux reads every file before it builds, Ebb while it builds. Neither applies anything.',
    stories: ['build'],
    object: /^Kustomization build\/app$/,
    field: /^(condition Ready|events|status\.conditions\[Ready\]\.message)$/,
    says: /MalformedYAMLError/,
  },
  {
    what: 'When a HorizontalPodAutoscaler looks first',
    sandbox: 'at once, and its status tells of that look',
    real: 'every 15 seconds: its first look comes when the pods are ready, and its status is one look further',
    why: 'Neither has metrics, so all that it does is to keep its bounds; the sooner the better for a demonstration.',
    stories: ['flux-system'],
    object: /^HorizontalPodAutoscaler /,
    field: /./,
  },
  {
    what: 'Whether a Deployment is available for a moment before its autoscaler makes it larger',
    sandbox: 'usually not',
    real: 'usually',
    why: 'It follows from when the autoscaler looks first.',
    stories: ['flux-system'],
    object: /^(Deployment|PodDisruptionBudget) sample-saas-app\//,
    field: /^(condition (Available|DisruptionAllowed|Progressing)|events|status\..*)$/,
    sometimes: 'a slow machine has no pod ready by the first look.',
  },
  {
    what: 'The history of a Kustomization that is reconciled again in the same moment',
    sandbox: 'has the failed attempt',
    real: 'may lose it: the next run reads a copy from before, and writes the whole list',
    why: 'Only a controller with a cache can read what is no longer true.',
    stories: ['impatient', 'gate'],
    object: /^Kustomization /,
    field: /^(history|status\.history\[.*)$/,
    sometimes: 'the copy is usually up to date.',
  },
  {
    what: 'How often a pod of a StatefulSet is made anew in a rollout that is taken back',
    sandbox: 'once',
    real: 'sometimes once more: first at a revision that is no longer wanted, and again at the right one',
    why: 'Only a controller with a cache can read what is no longer true.',
    stories: ['kinds'],
    object: /^Pod kinds\/db-\d$/,
    field: /^(life|phase|events)$/,
    sometimes: 'the cache is usually up to date.',
  },
  {
    what: 'What a GitRepository says when its spec changes while it tries again',
    sandbox: 'by chance `reconciliation in progress` or `processing object`',
    real: 'the same two, by chance',
    why: 'Attempts at a source that fails are 0.75, 1.5, 3 … seconds apart, and a change may fall into one of them.',
    stories: ['sources'],
    object: /^GitRepository sources\/source$/,
    field: /^condition Reconciling$/,
    sometimes: 'it is a matter of milliseconds.',
  },
];

/** Does the entry speak of this difference? */
export function speaksOf(entry: Accepted, { story, object, field, sandbox, real }: Difference): boolean {
  const { says } = entry;
  if (says && ![...sandbox, ...real].some((state) => says.test(state))) return false;
  return (entry.stories?.includes(story) ?? true) && entry.object.test(object) && entry.field.test(field);
}

/** The differences that no entry speaks of. */
export function unaccepted(differences: readonly Difference[], accepted: readonly Accepted[] = ACCEPTED): Difference[] {
  return differences.filter((difference) => !accepted.some((entry) => speaksOf(entry, difference)));
}

/** The entries of which nothing was seen, though it ought to have been. */
export function outlived(differences: readonly Difference[], accepted: readonly Accepted[] = ACCEPTED): Accepted[] {
  return accepted.filter((entry) => entry.sometimes === undefined && !differences.some((difference) => speaksOf(entry, difference)));
}
