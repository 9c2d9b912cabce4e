/**
 * Events with the counting, combining and rate limit of client-go (tools/record/events_cache.go): the same event again
 * raises `count`; more than ten that differ in the message alone are combined; one object gets 25 at once, then one in five minutes.
 */
import type { KubeObject } from '../../api/kube.ts';
import { refOf } from '../../api/kube.ts';
import type { KubeEvent } from '../../api/workloads.ts';
import type { ControllerContext } from './controller.ts';
import { CONTROLLER_MANAGER, EVENT } from './kinds.ts';
import { timestamp } from './timestamps.ts';

const MAX_SIMILAR = 10;
const SIMILAR_WINDOW_MS = 600_000;
const BURST = 25;
const REFILL_MS = 300_000;
const REMEMBERED = 4_096;

interface NewEvent {
  type: 'Normal' | 'Warning';
  reason: string;
  message: string;
  /** The part of the object that it is about: `spec.containers{app}`. */
  fieldPath?: string;
}

export interface EventRecorder {
  /** Never throws: an Event that cannot be written is dropped, as in Kubernetes. */
  record(about: KubeObject, event: NewEvent): void;
}

export interface EventSource {
  component: string;
  host?: string;
  /** Field manager of the writes; that of the controllers where none is named. */
  manager?: string;
}

export function createRecorder(context: ControllerContext, { manager = CONTROLLER_MANAGER, ...source }: EventSource): EventRecorder {
  const similar = new Map<string, { messages: Set<string>; at: number }>();
  const buckets = new Map<string, { tokens: number; at: number }>();
  const written = new Map<string, { namespace: string; name: string }>();
  let serial = 0;

  const mayWrite = (uid: string): boolean => {
    const now = context.clock.now().getTime();
    const bucket = buckets.get(uid) ?? { tokens: BURST, at: now };
    const tokens = Math.min(BURST, bucket.tokens + (now - bucket.at) / REFILL_MS);
    remember(buckets, uid, { tokens: tokens >= 1 ? tokens - 1 : tokens, at: now });
    return tokens >= 1;
  };

  const combined = (group: string, message: string): { key: string; message: string } => {
    const now = context.clock.now().getTime();
    const known = similar.get(group);
    const record = known && now - known.at <= SIMILAR_WINDOW_MS ? known : { messages: new Set<string>(), at: now };
    record.messages.add(message);
    record.at = now;
    remember(similar, group, record);
    if (record.messages.size < MAX_SIMILAR) return { key: `${group}|${message}`, message };
    return { key: group, message: `(combined from similar events): ${message}` };
  };

  const countUp = (at: { namespace: string; name: string } | undefined, message: string): boolean => {
    const ref = at && { ...EVENT, ...at };
    const before = ref && context.api.get<KubeEvent>(ref);
    if (!ref || !before) return false;
    const change = { message, count: (before.count ?? 1) + 1, lastTimestamp: timestamp(context.clock) };
    context.api.patch(ref, change, { type: 'merge', manager });
    return true;
  };

  const write = (about: KubeObject, event: NewEvent) => {
    const { metadata, apiVersion, kind } = about;
    const uid = metadata.uid ?? refOf(about).name;
    const group = [uid, event.fieldPath, event.type, event.reason].join('|');
    const { key, message } = combined(group, event.message);
    if (!mayWrite(uid)) return;
    if (countUp(written.get(key), message)) return;
    const now = timestamp(context.clock);
    const nanoseconds = BigInt(context.clock.now().getTime()) * 1_000_000n + BigInt(serial++ % 1_000_000);
    const namespace = metadata.namespace ?? 'default';
    const name = `${metadata.name}.${nanoseconds.toString(16)}`;
    const involvedObject = {
      apiVersion,
      kind,
      name: metadata.name,
      ...(metadata.namespace ? { namespace: metadata.namespace } : {}),
      ...(metadata.uid ? { uid: metadata.uid } : {}),
      ...(metadata.resourceVersion ? { resourceVersion: metadata.resourceVersion } : {}),
      ...(event.fieldPath ? { fieldPath: event.fieldPath } : {}),
    };
    const object: KubeEvent = {
      ...EVENT,
      metadata: { name, namespace },
      involvedObject,
      reason: event.reason,
      message,
      type: event.type,
      source,
      count: 1,
      firstTimestamp: now,
      lastTimestamp: now,
      reportingComponent: source.component,
      reportingInstance: source.host ?? '',
    };
    context.api.create(object, { manager });
    remember(written, key, { namespace, name });
  };

  return {
    record: (about, event) => {
      try {
        write(about, event);
      } catch (error) {
        context.log(`${source.component}: event ${event.reason} of ${about.metadata.name} dropped: ${(error as Error).message}`);
      }
    },
  };
}

/** Puts `key` last and forgets the oldest beyond the limit. */
function remember<V>(map: Map<string, V>, key: string, value: V): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= REMEMBERED) return;
  const oldest = map.keys().next().value;
  if (oldest !== undefined) map.delete(oldest);
}
