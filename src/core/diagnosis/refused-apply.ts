/** An apply of Flux that the API server refused: which object, by whom, and what lets it through. */
import { findCondition } from '../../api/conditions.ts';
import { READY } from '../../api/flux.ts';
import { formatRef, type ObjectRef } from '../../api/kube.ts';
import type { TargetState } from '../world.ts';
import type { Finding } from './finding.ts';
import { nextTry, reconcileCommand } from './next-try.ts';
import { type Refusal, refusalIn, remediesFor } from './refusal.ts';

export interface RefusedApply {
  refusal: Refusal;
  object: Pick<ObjectRef, 'kind' | 'namespace' | 'name'>;
  message: string;
  details: string[];
  /** Commands, the first one first; the last has Flux try again. */
  next: string[];
  /**
   * No waiting helps. A webhook may be back any moment; whatever else refuses would refuse it again. That goes for a quota, too:
   * Flux deletes what left Git only after it applied all the rest, so that its own run frees nothing.
   */
  final: boolean;
}

/** fluxcd/pkg ssa/errors (DryRunErr), ssa/manager_apply.go: `Deployment/ns/name dry-run failed (Invalid): …`. */
const FLUX_SUBJECT = /(?:^|[\s;])([A-Z]\w*)\/(?:([a-z0-9.-]+)\/)?([\w.:-]+) (?:dry-run|apply) failed/;
/** apimachinery NewInvalid and NewForbidden, which helm-controller hands on: `Deployment.apps "name" is invalid: …`. */
const API_SUBJECT = /(?:^|[\s:])([A-Za-z]+)(?:\.[\w.]+)? "([\w.:-]+)" is (?:invalid|forbidden): /;

/** What the target's last run failed on, where that is a refusal. */
export function refusedApply(state: TargetState): RefusedApply | undefined {
  const ready = findCondition(state.conditions, READY);
  if (ready?.status !== 'False' || !ready.message) return undefined;
  const refusal = refusalIn(ready.message);
  if (!refusal) return undefined;
  const object = subjectIn(ready.message, state);
  const final = refusal.reason !== 'WebhookUnreachable';
  const { details, next } =
    refusal.reason === 'ImmutableField' ? anew(object) : { details: [], next: remediesFor(refusal, object.namespace) };
  const again = nextTry(state);
  return {
    refusal,
    object,
    message: `the API server does not take ${formatRef(object)}: ${refusal.message}`,
    details: [...details, ...(again ? [again] : [])],
    next: [...next, reconcileCommand(state)],
    final,
  };
}

function subjectIn(message: string, { target }: TargetState): RefusedApply['object'] {
  const [, kind, namespace, name] = FLUX_SUBJECT.exec(message) ?? [];
  if (kind && name) return { kind, ...(namespace ? { namespace } : {}), name };
  const [, resource, known] = API_SUBJECT.exec(message) ?? [];
  return resource && known ? { kind: resource, namespace: target.namespace, name: known } : target;
}

/** What making an object anew loses, and by which command it loses the least. */
function anew({ kind, namespace, name }: RefusedApply['object']): { details: string[]; next: string[] } {
  const remove = `kubectl delete ${kind.toLowerCase()} ${name}${namespace ? ` -n ${namespace}` : ''}`;
  const force =
    'the annotation kustomize.toolkit.fluxcd.io/force: enabled on the manifest in Git has Flux delete and create it by itself, then and whenever this comes again';
  switch (kind) {
    case 'StatefulSet':
      return {
        details: ['made anew it keeps its pods and its volumes, if it is deleted with --cascade=orphan', force],
        next: [`${remove} --cascade=orphan`],
      };
    case 'PersistentVolumeClaim':
      return {
        details: ['deleted and made anew it loses the data that is on it: move the data first, or give the new claim another name'],
        next: [remove.replace(' delete ', ' describe ')],
      };
    case 'Job':
      return { details: ['made anew it runs once more', force], next: [remove] };
    case 'Deployment':
    case 'DaemonSet':
      return { details: ['made anew it has no pod until the new ones are ready', force], next: [remove] };
    default:
      return { details: ['it has to be deleted and made anew', force], next: [remove] };
  }
}

/** Told before what Flux says, which is long and has no name in it. */
export function refusedFindings(state: TargetState): Finding[] {
  const refused = refusedApply(state);
  if (!refused) return [];
  const { refusal, object, message, details, next } = refused;
  return [{ severity: 'error', reason: refusal.reason, object, message, details: [...details, ...next] }];
}
