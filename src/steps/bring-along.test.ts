import { describe, expect, it } from 'vitest';
import type { Kustomization, KustomizationSpec } from '../api/flux.ts';
import { KUSTOMIZATION } from '../api/flux.ts';
import type { KubeObject, ObjectRef } from '../api/kube.ts';
import { Failure } from '../core/failure.ts';
import type { OtherTarget } from '../core/plan/plan.ts';
import type { Clock, Cluster, WatchEvent } from '../ports.ts';
import { ManualClock, sleepOn } from '../sandbox/clock.ts';
import { bringAlongStep } from './bring-along.ts';
import type { StepOutcome } from './step.ts';

const [BAD, GOOD] = ['b', 'a'].map((digit) => digit.repeat(40)) as [string, string];
const POLL = 5_000;

/** What Flux does of itself, as far as this step sees it: each Kustomization has one Deployment, and as many workers as there are. */
class Flux {
  readonly clock = new ManualClock();
  readonly requests: string[] = [];
  readonly #objects = new Map<string, KubeObject>();
  readonly #listeners = new Set<(event: WatchEvent) => void>();
  /** Names of those that do not get well with the good version either. */
  readonly ill = new Set<string>();
  /** Namespaces in which one may do nothing. */
  readonly closed = new Set<string>();
  readonly deployments = new Map<string, { marked: boolean }>();

  /** Waits for the bad version to get healthy. */
  stuck(namespace: string, name: string, spec: Partial<KustomizationSpec> = {}): OtherTarget {
    this.deployments.set(key({ namespace, name }), { marked: false });
    this.#put(this.#kustomization(namespace, name, spec, { run: BAD, attempted: BAD }));
    return { target: { kind: 'Kustomization', namespace, name }, changed: [{ ...deploymentRef(namespace, name) }] };
  }

  /** Has not come to the bad version yet: the workers are busy with others. */
  queued(namespace: string, name: string, spec: Partial<KustomizationSpec> = {}): OtherTarget {
    const other = this.stuck(namespace, name, spec);
    this.#put(this.#kustomization(namespace, name, spec, { attempted: 'c'.repeat(40), ready: true }));
    return other;
  }

  /** Takes up the good version, as a worker that got free does. */
  takeUp(namespace: string, name: string): void {
    const spec = this.#get(namespace, name).spec;
    this.#put(this.#kustomization(namespace, name, spec, { run: GOOD, attempted: GOOD }));
    this.clock.after(POLL, () => {
      this.#put(this.#kustomization(namespace, name, spec, { attempted: GOOD, ready: !this.ill.has(name) }));
    });
  }

  #get(namespace: string, name: string): Kustomization {
    return this.#objects.get(key({ namespace, name })) as Kustomization;
  }

  #put(object: Kustomization): void {
    this.#objects.set(key(object.metadata), object);
    for (const hear of this.#listeners) hear({ type: 'MODIFIED', object });
  }

  #kustomization(
    namespace: string,
    name: string,
    spec: Partial<KustomizationSpec>,
    { run, attempted, ready }: { run?: string; attempted: string; ready?: boolean },
  ): Kustomization {
    const since = this.clock.now().toISOString();
    const reason = ready ? 'ReconciliationSucceeded' : run ? 'Progressing' : 'HealthCheckFailed';
    const message = `Running health checks for revision main@sha1:${run} with a timeout of 10m0s`;
    return {
      ...KUSTOMIZATION,
      metadata: { name, namespace, generation: 1 },
      spec: { interval: '10m', timeout: '10m', prune: true, wait: true, sourceRef: { kind: 'GitRepository', name: 'fleet' }, ...spec },
      status: {
        observedGeneration: 1,
        lastAttemptedRevision: `main@sha1:${attempted}`,
        ...(ready ? { lastAppliedRevision: `main@sha1:${attempted}` } : {}),
        inventory: { entries: [{ id: `${namespace}_${name}_apps_Deployment`, v: 'v1' }] },
        conditions: [
          ...(run ? [{ type: 'Reconciling', status: 'True' as const, reason: 'Progressing', message, lastTransitionTime: since }] : []),
          { type: 'Ready', status: ready ? 'True' : run ? 'Unknown' : 'False', reason, message: 'm', lastTransitionTime: since },
        ],
      },
    };
  }

  #deployment({ namespace = '', name }: ObjectRef): KubeObject {
    const marked = this.deployments.get(key({ namespace, name }))?.marked;
    const managedFields = marked
      ? [
          {
            manager: 'ebb',
            operation: 'Apply' as const,
            apiVersion: 'apps/v1',
            subresource: 'status',
            fieldsType: 'FieldsV1' as const,
            fieldsV1: {},
          },
        ]
      : [];
    return {
      ...deploymentRef(namespace, name),
      metadata: { name, namespace, generation: 1, managedFields },
      spec: { replicas: 1 },
      status: { observedGeneration: 1, replicas: 1, unavailableReplicas: 1 },
    };
  }

  /** A run that sees a mark ends at its next look, and the good version is taken up. */
  #mark(ref: ObjectRef, on: boolean): void {
    const deployment = this.deployments.get(key(ref)) as { marked: boolean };
    if (on && !deployment.marked) this.clock.after(POLL, () => this.takeUp(ref.namespace as string, ref.name));
    deployment.marked = on;
  }

  #ask(verb: string, namespace: string | undefined): void {
    this.requests.push(verb);
    if (namespace !== undefined && this.closed.has(namespace))
      throw new Failure('Forbidden', `you may not ${verb} in namespace ${namespace}`);
  }

  cluster(): Cluster {
    const listeners = this.#listeners;
    const objects = () => [...this.#objects.values()];
    return {
      get: async (ref: ObjectRef) => {
        this.#ask('get', ref.namespace);
        return ref.kind === 'Deployment' ? this.#deployment(ref) : this.#objects.get(key(ref));
      },
      list: async () => {
        this.#ask('list', undefined);
        return [];
      },
      patch: async (ref: ObjectRef, body: { status?: object }) => {
        this.#ask('patch', ref.namespace);
        if (ref.kind === 'Deployment') this.#mark(ref, body.status !== undefined);
        return {};
      },
      watch: (_kind: unknown, { namespace }: { namespace?: string }, signal: AbortSignal) => {
        this.#ask('watch', namespace);
        const mine = ({ metadata }: KubeObject) => namespace === undefined || metadata.namespace === namespace;
        return follow(objects().filter(mine), listeners, mine, signal);
      },
    } as unknown as Cluster;
  }
}

async function* follow(
  first: readonly KubeObject[],
  listeners: Set<(event: WatchEvent) => void>,
  mine: (object: KubeObject) => boolean,
  signal: AbortSignal,
): AsyncGenerator<WatchEvent> {
  const queue: WatchEvent[] = first.map((object) => ({ type: 'ADDED', object }));
  let wake = () => {};
  listeners.add((event) => {
    if (!mine(event.object)) return;
    queue.push(event);
    wake();
  });
  signal.addEventListener('abort', () => wake());
  while (!signal.aborted) {
    while (queue.length > 0) yield queue.shift() as WatchEvent;
    await new Promise<void>((resolve) => {
      wake = resolve;
    });
  }
}

function key({ namespace, name }: { namespace?: string | undefined; name: string }): string {
  return `${namespace}/${name}`;
}

function deploymentRef(namespace: string, name: string): ObjectRef {
  return { apiVersion: 'apps/v1', kind: 'Deployment', namespace, name };
}

interface Played {
  outcome: Extract<StepOutcome, { kind: 'done' }>;
  /** Milliseconds. */
  took: number;
  marking: ObjectRef[];
  progress: string[];
}

/** Plays the step to its end. */
async function play(flux: Flux, others: OtherTarget[], timeoutMs = 600_000, restOver = AbortSignal.abort()): Promise<Played> {
  const { clock } = flux;
  const began = clock.now().getTime();
  const marking: ObjectRef[] = [];
  const progress: string[] = [];
  const time: Clock = { now: () => clock.now(), sleep: (ms, signal) => sleepOn(clock, ms, signal) };
  let outcome: StepOutcome | undefined;
  const running = bringAlongStep
    .run(
      { kind: 'bring-along', revision: { kind: 'exactly', commit: GOOD }, others },
      {
        cluster: flux.cluster(),
        repo: undefined,
        clock: time,
        rollbackId: 'rb-0123456789ab',
        commit: undefined,
        signal: new AbortController().signal,
        deadline: new Date(began + timeoutMs),
        marking: async (objects) => void marking.push(...objects),
        restOver,
        progress: (message) => void progress.push(message),
      },
    )
    .then((ended) => {
      outcome = ended;
    });
  let took = 0;
  while (outcome === undefined && took <= timeoutMs + 5_000) {
    await clock.advance(50);
    took = clock.now().getTime() - began;
  }
  await running;
  if (outcome?.kind !== 'done') throw new Error(`ended ${outcome?.kind}`);
  return { outcome, took, marking, progress };
}

const states = ({ outcome }: Played) => Object.fromEntries((outcome.others ?? []).map(({ target, state }) => [target.name, state]));

describe('fifty others that wait for the bad version', () => {
  it('are all well after two looks of Flux, with few requests for each, and no mark is left', async () => {
    const flux = new Flux();
    const others = Array.from({ length: 50 }, (_, index) => flux.stuck('flux-system', `app-${index + 1}`));
    const played = await play(flux, others);
    expect(played.outcome.message).toBe('50 of 50 others well; ended 50 runs of Flux that waited for the bad version');
    expect(played.took).toBeLessThan(13_000);
    expect(played.marking).toHaveLength(50);
    expect([...flux.deployments.values()].filter(({ marked }) => marked)).toEqual([]);
    expect(flux.requests.filter((verb) => verb === 'watch')).toHaveLength(1);
    expect(flux.requests.length / 50).toBeLessThan(8);
    expect(played.progress.at(-1)).toMatch(/^\d+ of 50 others well/);
  });

  it('of which one has trouble of its own: the others do not wait for it, and it is told', async () => {
    const flux = new Flux();
    const others = ['a', 'b', 'c'].map((name) => flux.stuck('flux-system', name));
    flux.ill.add('b');
    expect(states(await play(flux, others))).toEqual({ a: 'well', b: 'failed', c: 'well' });
  });

  it('in a namespace that is closed are told as such; the rest goes on', async () => {
    const flux = new Flux();
    const others = ['n1', 'n2', 'n3'].map((namespace) => flux.stuck(namespace, `app-${namespace}`));
    flux.closed.add('n2');
    const played = await play(flux, others);
    expect(states(played)).toEqual({ 'app-n1': 'well', 'app-n2': 'unknown', 'app-n3': 'well' });
    expect(played.outcome.others?.[1]?.message).toBe('you may not watch in namespace n2');
  });

  it('in many namespaces are followed by one watch of the cluster', async () => {
    const flux = new Flux();
    const others = Array.from({ length: 8 }, (_, index) => flux.stuck(`n${index}`, `app-${index}`));
    expect((await play(flux, others)).outcome.message).toContain('8 of 8 others well');
    expect(flux.requests.filter((verb) => verb === 'watch')).toHaveLength(1);
  });
});

describe('others of which not all wait', () => {
  it('those in the queue have nothing ended, and come when a worker is free', async () => {
    const flux = new Flux();
    const others = [flux.stuck('flux-system', 'a'), flux.queued('flux-system', 'b')];
    flux.clock.after(7_000, () => flux.takeUp('flux-system', 'b'));
    const played = await play(flux, others);
    expect(states(played)).toEqual({ a: 'well', b: 'well' });
    expect(played.marking.map(({ name }) => name)).toEqual(['a']);
  });

  it('one that does not move is waited for a minute after the target is done, and told as it stands', async () => {
    const flux = new Flux();
    const rest = new AbortController();
    flux.clock.after(30_000, () => rest.abort());
    const played = await play(flux, [flux.queued('flux-system', 'a')], 600_000, rest.signal);
    expect(states(played)).toEqual({ a: 'waiting' });
    expect(Math.round(played.took / 1_000)).toBeGreaterThanOrEqual(90);
    expect(played.took).toBeLessThan(100_000);
  });

  it('one that is suspended, or pinned, is named and nothing is done for it', async () => {
    const flux = new Flux();
    const pinned: OtherTarget = { ...flux.stuck('flux-system', 'pinned'), held: { kind: 'pin', by: 'Bo' } };
    const played = await play(flux, [flux.stuck('flux-system', 'still', { suspend: true }), pinned]);
    expect(played.outcome.others).toEqual([
      expect.objectContaining({ state: 'held', message: 'suspended: left alone' }),
      expect.objectContaining({ state: 'held', message: 'pinned by Bo: left alone' }),
    ]);
    expect(flux.requests.filter((verb) => verb === 'patch' || verb === 'get')).toEqual([]);
  });

  it('one that is not there any more is told', async () => {
    const flux = new Flux();
    const gone: OtherTarget = { target: { kind: 'Kustomization', namespace: 'flux-system', name: 'gone' }, changed: [] };
    expect(states(await play(flux, [gone]))).toEqual({ gone: 'gone' });
  });
});
