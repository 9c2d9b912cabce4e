/**
 * Kubernetes Events of a controller. The same message about the same object is counted, not repeated.
 * Source: k8s.io/client-go tools/record (events_cache.go, event.go), fluxcd/pkg runtime/events/recorder.go.
 */
import type { KubeObject, ObjectRef } from '../../api/kube.ts';
import type { KubeEvent } from '../../api/workloads.ts';
import type { SandboxClock } from '../clock.ts';
import { ApiStatusError, type ClusterApi } from '../cluster.ts';
import { timestamp } from './timestamp.ts';

export interface EventDetails {
  type: 'Normal' | 'Warning';
  reason: string;
  message: string;
  annotations?: Record<string, string>;
}

/** Annotations of an object with this prefix are copied into its events. */
const COPIED_PREFIX = 'event.toolkit.fluxcd.io/';
/** As client-go's cache: the oldest correlations are forgotten first. */
const CORRELATIONS = 4_096;

export class EventRecorder {
  readonly #api: ClusterApi;
  readonly #clock: SandboxClock;
  readonly #component: string;
  readonly #known = new Map<string, { ref: ObjectRef; count: number }>();
  #serial = 0;

  constructor(api: ClusterApi, clock: SandboxClock, component: string) {
    this.#api = api;
    this.#clock = clock;
    this.#component = component;
  }

  /** Records an event; that the namespace is gone or going is not the reconciler's trouble. */
  record(object: KubeObject, details: EventDetails): void {
    try {
      this.#recordOrCount(object, details);
    } catch (error) {
      if (!(error instanceof ApiStatusError)) throw error;
    }
  }

  #recordOrCount(object: KubeObject, details: EventDetails): void {
    const { kind, metadata } = object;
    const key = JSON.stringify([kind, metadata.namespace, metadata.name, metadata.uid, details.type, details.reason, details.message]);
    const now = timestamp(this.#clock.now());
    const known = this.#known.get(key);
    if (known && this.#api.get(known.ref)) {
      known.count++;
      this.#api.patch(known.ref, { count: known.count, lastTimestamp: now }, { type: 'merge', manager: this.#component });
      return;
    }
    const created = this.#api.create<KubeEvent>(this.#eventFor(object, details, now), { manager: this.#component });
    this.#known.set(key, { ref: eventRef(created), count: 1 });
    if (this.#known.size > CORRELATIONS) this.#known.delete(this.#known.keys().next().value as string);
  }

  #eventFor(object: KubeObject, details: EventDetails, now: string): KubeEvent {
    const { name, namespace = 'default', uid, resourceVersion } = object.metadata;
    const copied = Object.entries(object.metadata.annotations ?? {}).filter(([key]) => key.startsWith(COPIED_PREFIX));
    const annotations = { ...details.annotations, ...Object.fromEntries(copied) };
    const suffix = (BigInt(this.#clock.now().getTime()) * 1_000_000n + BigInt(this.#serial++)).toString(16);
    return {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: `${name}.${suffix}`, namespace, ...(Object.keys(annotations).length > 0 ? { annotations } : {}) },
      involvedObject: {
        apiVersion: object.apiVersion,
        kind: object.kind,
        namespace,
        name,
        ...(uid === undefined ? {} : { uid }),
        ...(resourceVersion === undefined ? {} : { resourceVersion }),
      },
      type: details.type,
      reason: details.reason,
      message: details.message,
      count: 1,
      firstTimestamp: now,
      lastTimestamp: now,
      source: { component: this.#component },
      reportingComponent: this.#component,
      reportingInstance: '',
    };
  }
}

function eventRef(event: KubeEvent): ObjectRef {
  const { name, namespace } = event.metadata;
  return namespace === undefined ? { apiVersion: 'v1', kind: 'Event', name } : { apiVersion: 'v1', kind: 'Event', namespace, name };
}
