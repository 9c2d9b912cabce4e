import { describe, expect, it } from 'vitest';
import { type Condition, type KubeObject, type ObjectRef, objectKey } from '../api/kube.ts';
import { isLeftBehind, markCondition, markOf } from '../core/abandon/mark.ts';
import { Failure } from '../core/failure.ts';
import type { WaitingRun } from '../observe/runs.ts';
import type { Clock, Cluster } from '../ports.ts';
import { endRun } from './end-run.ts';
import { removeLeftOf } from './left-behind.ts';
import type { StepContext } from './step.ts';

const ID = 'rb-0123456789ab';
const ref = (name: string): ObjectRef => ({ apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'shop', name });

/** Statuses as an API server keeps them under server-side apply: one mark for each object, and who owns it. */
class Statuses {
  readonly objects = new Map<string, KubeObject>();
  /** Called before a mark is written, or after it was. */
  before: (ref: ObjectRef) => unknown = () => undefined;
  after: (ref: ObjectRef) => unknown = () => undefined;
  written = 0;

  constructor(...names: string[]) {
    for (const name of names) this.make(name, `uid of ${name}`);
  }

  make(name: string, uid: string): void {
    this.objects.set(objectKey(ref(name)), { ...ref(name), metadata: { name, namespace: 'shop', uid }, status: { conditions: [] } });
  }

  conditions(name: string): Condition[] {
    const { status } = this.objects.get(objectKey(ref(name))) as KubeObject;
    return (status as { conditions: Condition[] }).conditions;
  }

  marked(): string[] {
    return [...this.objects.values()].map(({ metadata }) => metadata.name).filter((name) => markOf(this.conditions(name)) !== undefined);
  }

  /** As a controller does that writes its status afresh, and as another runner that takes the mark out. */
  wipe(name: string): void {
    this.#write(ref(name), []);
  }

  #write(of: ObjectRef, conditions: Condition[]): void {
    const object = this.objects.get(objectKey(of));
    if (!object) throw new Failure('ClusterError', 'not found');
    const owner = {
      manager: 'ebb',
      operation: 'Apply' as const,
      apiVersion: 'apps/v1',
      subresource: 'status',
      fieldsType: 'FieldsV1' as const,
    };
    const managedFields = conditions.length > 0 ? [{ ...owner, fieldsV1: {} }] : [];
    this.objects.set(objectKey(of), { ...object, metadata: { ...object.metadata, managedFields }, status: { conditions } });
  }

  cluster(): Cluster {
    const cluster = {
      get: async (of: ObjectRef) => this.objects.get(objectKey(of)),
      patch: async (of: ObjectRef, { status }: { status?: { conditions: Condition[] } }) => {
        if (status) await this.before(of);
        this.#write(of, status?.conditions ?? []);
        if (!status) return undefined;
        this.written += 1;
        await this.after(of);
        return undefined;
      },
    };
    return cluster as unknown as Cluster;
  }
}

/** Time goes on by what is slept, and by nothing else. */
class Sleeping implements Clock {
  #now = Date.parse('2026-11-25T10:00:00Z');
  now = () => new Date(this.#now);
  sleep = async (ms: number, signal?: AbortSignal) => {
    await new Promise((resolve) => setImmediate(resolve));
    signal?.throwIfAborted();
    this.#now += ms;
  };
}

function contextOf(statuses: Statuses, clock: Clock = new Sleeping()): StepContext {
  return { cluster: statuses.cluster(), clock, rollbackId: ID, progress: () => undefined } as unknown as StepContext;
}

function runOf(statuses: Statuses): WaitingRun {
  const workloads = [...statuses.objects.values()].map(({ metadata }) => ({
    ref: ref(metadata.name),
    uid: metadata.uid as string,
    message: 'not ready',
  }));
  const target = { kind: 'Kustomization' as const, namespace: 'flux-system', name: 'shop' };
  return { target, run: { since: '2026-11-25T09:59:00Z', endsInMs: 60_000 }, workloads, others: [], superseded: false, inner: false };
}

/** Resolves once this is so. */
async function until(met: () => boolean): Promise<true> {
  for (let turn = 0; turn < 10_000; turn += 1) {
    if (met()) return true;
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new Error('waited in vain');
}

const LOST = new Failure('ClusterUnreachable', 'connection lost');

describe('ending a run', () => {
  it('marks what it waits for, and takes the marks out when it is over', async () => {
    const statuses = new Statuses('api', 'web');
    const ended = await endRun(contextOf(statuses), runOf(statuses), () => until(() => statuses.marked().length === 2));
    expect(ended).toMatchObject({ how: 'ended', marked: [ref('api'), ref('web')] });
    expect(statuses.marked()).toEqual([]);
  });

  it('puts back what a controller or another runner took out, for as long as the run lasts', async () => {
    const statuses = new Statuses('db');
    let wiped = 0;
    const over = () => {
      if (wiped < 3 && statuses.marked().length === 1) {
        statuses.wipe('db');
        wiped += 1;
      }
      return wiped === 3 && statuses.marked().length === 1;
    };
    expect(await endRun(contextOf(statuses), runOf(statuses), () => until(over))).toMatchObject({ how: 'ended' });
    expect(statuses.marked()).toEqual([]);
  });

  it('does not write a mark that stands again and again, but keeps it from looking left behind', async () => {
    const statuses = new Statuses('api');
    const clock = new Sleeping();
    const began = clock.now().getTime();
    let oldest = 0;
    const over = () => {
      const mark = markOf(statuses.conditions('api'));
      if (mark) {
        oldest = Math.max(oldest, clock.now().getTime() - Date.parse(mark.since));
        expect(isLeftBehind(mark, clock.now())).toBe(false);
      }
      return clock.now().getTime() - began > 30_000;
    };
    await endRun(contextOf(statuses, clock), runOf(statuses), () => until(over));
    expect(statuses.written).toBeLessThan(10);
    expect(oldest).toBeLessThan(7_000);
  });

  it('leaves nothing where the connection is lost after a mark was written', async () => {
    const statuses = new Statuses('api', 'web');
    statuses.after = ({ name }) => {
      if (name === 'api') throw LOST;
    };
    await expect(endRun(contextOf(statuses), runOf(statuses), async () => true)).rejects.toThrow('connection lost');
    expect(statuses.marked()).toEqual([]);
  });

  it('leaves nothing where one mark fails while another is still being written', async () => {
    const statuses = new Statuses('api', 'web');
    let failed = false;
    statuses.before = async ({ name }) => {
      if (name === 'web') return until(() => failed).then(() => until(slow()));
      failed = true;
      throw LOST;
    };
    await expect(endRun(contextOf(statuses), runOf(statuses), async () => true)).rejects.toThrow('connection lost');
    await until(slow());
    expect(statuses.marked()).toEqual([]);
  });

  it('goes on keeping the marks after a connection that was lost for a while', async () => {
    const statuses = new Statuses('db');
    let lost = 0;
    const over = () => {
      if (statuses.written === 1 && lost === 0) {
        statuses.before = () => {
          lost += 1;
          if (lost < 3) throw LOST;
        };
        statuses.wipe('db');
      }
      return lost >= 3 && statuses.marked().length === 1;
    };
    await endRun(contextOf(statuses), runOf(statuses), () => until(over));
    expect(statuses.marked()).toEqual([]);
  });

  it('does not mark what was made anew under the same name', async () => {
    const statuses = new Statuses('api', 'web');
    const run = runOf(statuses);
    statuses.make('web', 'another');
    let everMarked = false;
    const over = () => {
      everMarked ||= statuses.marked().includes('web');
      return statuses.marked().includes('api');
    };
    await endRun(contextOf(statuses), run, () => until(over));
    expect(everMarked).toBe(false);
    statuses.objects.clear();
    expect(await endRun(contextOf(statuses), run, async () => true)).toMatchObject({ how: 'waits', marked: [] });
  });

  it('gets over an object that vanishes while it is marked', async () => {
    const statuses = new Statuses('api', 'web');
    const over = () => statuses.marked().length === 2 && statuses.objects.delete(objectKey(ref('api')));
    expect(await endRun(contextOf(statuses), runOf(statuses), () => until(over))).toMatchObject({ how: 'ended' });
    expect(statuses.marked()).toEqual([]);
  });
});

describe('a mark that somebody comes by', () => {
  const markedBy = (id: string, at: string) => {
    const statuses = new Statuses('api');
    const object = statuses.objects.get(objectKey(ref('api'))) as KubeObject;
    const owner = {
      manager: 'ebb',
      operation: 'Apply' as const,
      apiVersion: 'apps/v1',
      subresource: 'status',
      fieldsType: 'FieldsV1' as const,
    };
    const condition = markCondition(id, at);
    statuses.objects.set(objectKey(ref('api')), {
      ...object,
      metadata: { ...object.metadata, managedFields: [{ ...owner, fieldsV1: {} }] },
      status: { conditions: [condition] },
    });
    const mark = markOf([condition]);
    return { statuses, marked: mark ? [{ ref: ref('api'), mark }] : [] };
  };

  it('is taken out where its runner is no more, or it is of the very rollback', async () => {
    for (const [id, at] of [
      ['rb-ffffffffffff', '2026-11-25T09:59:00Z'],
      [ID, '2026-11-25T10:00:00Z'],
    ] as const) {
      const { statuses, marked } = markedBy(id, at);
      expect(await removeLeftOf(contextOf(statuses), marked)).toEqual([ref('api')]);
      expect(statuses.marked()).toEqual([]);
    }
  });

  it('is left where another runner is at work', async () => {
    const { statuses, marked } = markedBy('rb-ffffffffffff', '2026-11-25T09:59:55Z');
    expect(await removeLeftOf(contextOf(statuses), marked)).toEqual([]);
    expect(statuses.marked()).toEqual(['api']);
  });
});

/** So after a number of turns. */
function slow(): () => boolean {
  let turns = 0;
  return () => {
    turns += 1;
    return turns > 200;
  };
}
