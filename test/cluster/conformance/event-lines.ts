/** Events as lines: type, reason, who says it, message, annotations. */
import type { KubeObject } from '../../../src/api/kube.ts';
import type { Rename } from './names.ts';

interface EventObject extends KubeObject {
  involvedObject: { kind: string; namespace?: string; name: string };
  type?: string;
  reason?: string;
  message?: string;
  source?: { component?: string };
  reportingComponent?: string;
}

/** Who runs pods differs: processes here, nothing there. What it says about them is not compared. */
const POD_LAYER = new Set(['kubelet', 'kwok', 'kwok_controller']);

/** Whether old artifacts are a minute old by then, or a budget comes before its pods, is a matter of time. */
const BY_TIME = new Set(['GarbageCollectionSucceeded', 'NoPods']);

/** The name of the object that an event is about, as traces name it. */
export function eventKey(event: KubeObject, rename: Rename): string {
  const { involvedObject } = event as EventObject;
  const { kind, namespace, name } = involvedObject;
  return `${kind} ${namespace && kind !== 'Namespace' ? `${namespace}/` : ''}${rename(name)}`;
}

/** undefined for what the layer of pods says. */
export function eventLine(event: KubeObject, rename: Rename): string | undefined {
  const { type, reason, message, source, reportingComponent, metadata } = event as EventObject;
  const component = source?.component || reportingComponent || '';
  if (POD_LAYER.has(component) || BY_TIME.has(reason ?? '')) return undefined;
  const annotations = Object.entries(metadata.annotations ?? {})
    .map(([key, value]) => `${key}=${value}`)
    .sort();
  return rename([`${type} ${reason} (${component}): ${message}`, ...annotations].join('; ')).replaceAll('\n', ' ⏎ ');
}
