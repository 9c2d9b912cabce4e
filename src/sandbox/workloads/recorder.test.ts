import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../api/kube.ts';
import type { KubeEvent } from '../../api/workloads.ts';
import { createStore } from '../apiserver/store.ts';
import { ManualClock } from '../clock.ts';
import { EVENT } from './kinds.ts';
import { createRecorder } from './recorder.ts';

function bed() {
  const clock = new ManualClock();
  const api = createStore({ clock });
  const recorder = createRecorder({ api, clock, log: () => undefined }, { component: 'kubelet', host: 'sandbox' });
  const about = api.create<KubeObject>(
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'thing', namespace: 'default' } },
    { manager: 'test' },
  );
  const say = (message: string) => recorder.record(about, { type: 'Warning', reason: 'BackOff', message });
  return { clock, say, events: () => api.list<KubeEvent>(EVENT, { namespace: 'default' }) };
}

describe('Events', () => {
  it('are counted where they repeat', async () => {
    const { clock, say, events } = bed();
    say('again');
    await clock.advance(5_000);
    say('again');
    expect(events()).toHaveLength(1);
    expect(events()[0]).toMatchObject({ count: 2, firstTimestamp: '2026-01-01T00:00:00Z', lastTimestamp: '2026-01-01T00:00:05Z' });
    expect(events()[0]).toMatchObject({
      source: { component: 'kubelet', host: 'sandbox' },
      involvedObject: { kind: 'ConfigMap', name: 'thing' },
    });
  });

  it('are combined where only their messages differ', () => {
    const { say, events } = bed();
    for (let number = 1; number <= 12; number++) say(`number ${number}`);
    expect(events()).toHaveLength(10);
    expect(events().find(({ count }) => count === 3)?.message).toBe('(combined from similar events): number 12');
  });

  it('are limited for one object', async () => {
    const { clock, say, events } = bed();
    for (let number = 0; number < 40; number++) say('again');
    expect(events()[0]?.count).toBe(25);
    await clock.advance(300_000);
    say('again');
    expect(events()[0]?.count).toBe(26);
  });
});
