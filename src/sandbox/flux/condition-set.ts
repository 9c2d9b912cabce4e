/**
 * The conditions of an object that a controller is working on.
 * Source: fluxcd/pkg runtime/conditions (setter.go, getter.go).
 */
import { findCondition } from '../../api/conditions.ts';
import { READY, RECONCILING, STALLED } from '../../api/flux.ts';
import type { Condition, KubeObject } from '../../api/kube.ts';
import type { SandboxClock } from '../clock.ts';
import { timestamp } from './timestamp.ts';

const MAX_MESSAGE_LENGTH = 32_768;
/** Shown first, in this order. */
const WEIGHTS: Readonly<Record<string, number>> = { [STALLED]: 0, [RECONCILING]: 1, [READY]: 2 };

type Holder = KubeObject & { status?: { conditions?: Condition[] } };

/** Reads and writes `object.status.conditions` in place. */
export class ConditionSet {
  readonly #object: Holder;
  readonly #clock: SandboxClock;

  constructor(object: KubeObject, clock: SandboxClock) {
    this.#object = object as Holder;
    this.#clock = clock;
  }

  get all(): readonly Condition[] {
    return this.#object.status?.conditions ?? [];
  }

  get(type: string): Condition | undefined {
    return findCondition(this.all, type);
  }

  is(type: string, status: Condition['status']): boolean {
    return this.get(type)?.status === status;
  }

  /** Ready=True, and neither Stalled nor Reconciling. */
  get isReady(): boolean {
    return this.is(READY, 'True') && !this.isStalled && !this.isReconciling;
  }

  get isStalled(): boolean {
    return this.is(STALLED, 'True') && !this.is(RECONCILING, 'True');
  }

  get isReconciling(): boolean {
    return this.is(RECONCILING, 'True') && !this.is(STALLED, 'True');
  }

  /** Unlike `meta.SetStatusCondition`, a new reason or message moves `lastTransitionTime` as well. */
  set(next: Pick<Condition, 'type' | 'status' | 'reason' | 'message'>): void {
    const before = this.get(next.type);
    const message = shortened(next.message ?? '');
    const same = before?.status === next.status && before.reason === next.reason && before.message === message;
    const lastTransitionTime = same && before.lastTransitionTime ? before.lastTransitionTime : timestamp(this.#clock.now());
    const observedGeneration = this.#object.metadata.generation ?? 0;
    const condition: Condition = { ...next, message, observedGeneration, lastTransitionTime };
    this.#write([...this.all.filter(({ type }) => type !== next.type), condition].sort(byImportance));
  }

  markTrue(type: string, reason: string, message: string): void {
    this.set({ type, status: 'True', reason, message });
  }

  markFalse(type: string, reason: string, message: string): void {
    this.set({ type, status: 'False', reason, message });
  }

  markUnknown(type: string, reason: string, message: string): void {
    this.set({ type, status: 'Unknown', reason, message });
  }

  markReconciling(reason: string, message: string): void {
    this.delete(STALLED);
    this.markTrue(RECONCILING, reason, message);
  }

  markStalled(reason: string, message: string): void {
    this.delete(RECONCILING);
    this.markTrue(STALLED, reason, message);
  }

  delete(type: string): void {
    if (this.get(type)) this.#write(this.all.filter((condition) => condition.type !== type));
  }

  #write(conditions: Condition[]): void {
    this.#object.status = { ...this.#object.status, conditions };
  }
}

/** The order in which Flux writes conditions. */
export function byImportance(left: Condition, right: Condition): number {
  const [leftWeight, rightWeight] = [WEIGHTS[left.type], WEIGHTS[right.type]];
  if (leftWeight !== undefined && rightWeight !== undefined) return leftWeight - rightWeight;
  if (leftWeight !== undefined) return -1;
  if (rightWeight !== undefined) return 1;
  const generations = (right.observedGeneration ?? 0) - (left.observedGeneration ?? 0);
  return generations || (left.type < right.type ? -1 : 1);
}

function shortened(message: string): string {
  return message.length <= MAX_MESSAGE_LENGTH ? message : `${message.slice(0, MAX_MESSAGE_LENGTH - 3)}...`;
}
