import { describe, expect, it } from 'vitest';
import type { KubeObject, ObjectMeta } from '../../../src/api/kube.ts';
import { traceOf } from './trace.ts';

const same = (text: string) => text;
const object = (kind: string, metadata: ObjectMeta, more: Record<string, unknown> = {}): KubeObject => ({
  apiVersion: 'v1',
  kind,
  metadata: { namespace: 'a', ...metadata },
  ...more,
});
const inOrder = (...objects: KubeObject[]) => objects.map((one, at) => ({ object: one, gone: false, at }));
const ready = (status: string, reason: string) =>
  object('Deployment', { name: 'web', generation: 2 }, { status: { conditions: [{ type: 'Ready', status, reason, message: '' }] } });

describe('a trace', () => {
  it('has the distinct states of every aspect in their order, repetitions merged', () => {
    const trace = traceOf(inOrder(ready('False', 'A'), ready('False', 'A'), ready('True', 'B'), ready('False', 'A')), [], same);
    expect(trace['Deployment a/web']?.orders['condition Ready']).toEqual(['False A: ', 'True B: ', 'False A: ']);
  });

  it('tells that an aspect was taken away, and that an object went', () => {
    const gone = { object: ready('True', 'B'), gone: true, at: 2 };
    const trace = traceOf([...inOrder(ready('True', 'B'), object('Deployment', { name: 'web' })), gone], [], same);
    expect(trace['Deployment a/web']?.orders).toMatchObject({ 'condition Ready': ['True B: ', '-'], life: ['there', 'gone'] });
  });

  it('takes objects that share a name together, whatever order they came in', () => {
    const pods = ['one', 'two'].map((name, index) => object('Pod', { name }, { status: { phase: index === 0 ? 'Running' : 'Failed' } }));
    const renamed = (text: string) => text.replace(/one|two/, '<pod>');
    expect(traceOf(inOrder(...pods), [], renamed)).toEqual(traceOf(inOrder(...pods.reverse()), [], renamed));
  });

  it('has every field at the end of a step, with who manages it', () => {
    const fieldsV1 = { 'f:data': { '.': {}, 'f:colour': {} } };
    const managedFields = [{ manager: 'flux', operation: 'Apply' as const, apiVersion: 'v1', fieldsType: 'FieldsV1' as const, fieldsV1 }];
    const settings = object('ConfigMap', { name: 'settings', managedFields }, { data: { colour: 'blue' } });
    expect(traceOf([], [{ step: 'start', present: [settings] }], same)['ConfigMap a/settings']?.ends.start).toMatchObject({
      'data.colour': 'blue',
      'managed by flux Apply: data colour': 'yes',
      'managed by flux Apply: data itself': 'yes',
    });
  });

  it('has the Events of a Kustomization in their order, and not those of the kubelet', () => {
    const event = (message: string, component: string, kind = 'Kustomization') =>
      object(
        'Event',
        { name: message },
        { involvedObject: { kind, namespace: 'a', name: 'app' }, type: 'Normal', reason: 'R', message, source: { component } },
      );
    const trace = traceOf(inOrder(event('b', 'flux'), event('a', 'flux'), event('c', 'kubelet')), [], same);
    expect(trace['Kustomization a/app']?.orders.events).toEqual(['Normal R (flux): b', 'Normal R (flux): a']);
  });
});
