import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BAD, container, event, GOOD, illPod, pod, ready, ref, service, target, workload, workloads } from '../../../test/observed.ts';
import { type Condition, objectKey } from '../../api/kube.ts';
import { diagnose } from '../diagnosis/diagnose.ts';
import type { PodState, TargetState, WorkloadState, WorkloadsState } from '../world.ts';
import { type JudgeInput, judge } from './judge.ts';
import { type Check, type Verdict, verdictOf } from './verdict.ts';

interface Observed extends Partial<Omit<JudgeInput, 'target' | 'workloads'>> {
  target?: Partial<TargetState>;
  workloads?: Partial<WorkloadsState>;
}

function input(observed: Observed = {}): JudgeInput {
  const state = target(observed.target);
  const seen = workloads(observed.workloads);
  return {
    findings: diagnose(state, undefined, seen),
    revision: { expected: GOOD, reached: true },
    symptoms: [],
    steady: { forMs: 10_000, needMs: 10_000 },
    http: [],
    ...observed,
    target: state,
    workloads: seen,
  };
}

function check(name: Check['name'], observed: Observed): string {
  const found = judge(input(observed)).checks.find((item) => item.name === name);
  return found ? `${found.status}: ${found.message}` : 'not made';
}

const one = (state: Partial<WorkloadState>): Observed => ({ workloads: { workloads: [workload(state)] } });

describe('a target that is well', () => {
  it('is good, and each check says what was seen', () => {
    expect(judge(input())).toEqual({
      outcome: 'good',
      checks: [
        { name: 'Revision', status: 'pass', message: 'Flux is at main@sha1:aaaaaaaa' },
        { name: 'FluxReady', status: 'pass', message: `Applied revision: main@sha1:${GOOD}` },
        { name: 'Rollout', status: 'pass', message: '1 workload rolled out' },
        { name: 'Pods', status: 'pass', message: '1 of 1 pods ready' },
        { name: 'Endpoints', status: 'pass', message: '1 ready endpoint in 1 service' },
        { name: 'Restarts', status: 'pass', message: 'no restart for 10s' },
      ],
    });
  });

  it('is good without any workload, service or endpoint: there is nothing to wait for', () => {
    expect(judge(input({ workloads: { workloads: [], services: [] } })).outcome).toBe('good');
  });
});

describe('Revision', () => {
  it('waits for the expected commit', () => {
    const revision = { expected: GOOD, reached: false };
    expect(check('Revision', { revision, target: { lastAttemptedRevision: `main@sha1:${BAD}` } })).toBe(
      'wait: Flux is at main@sha1:bbbbbbbb, expected aaaaaaaa',
    );
    expect(check('Revision', { revision, target: { lastAttemptedRevision: undefined } })).toBe(
      'wait: Flux is at no revision, expected aaaaaaaa',
    );
  });
});

describe('FluxReady', () => {
  const flux = (condition: Condition | undefined, state: Partial<TargetState> = {}, more: Observed = {}) =>
    check('FluxReady', { ...more, target: { conditions: condition ? [condition] : [], ...state } });

  it('waits for the first condition, and while Flux works', () => {
    expect(flux(undefined)).toBe('wait: no Ready condition yet');
    expect(flux(ready('Unknown', 'Progressing', 'Reconciliation in progress'))).toBe('wait: Progressing: Reconciliation in progress');
    expect(flux(ready('False', 'DependencyNotReady', 'm'))).toMatch(/^wait/);
    expect(flux(ready('False', 'ArtifactFailed', 'm'))).toMatch(/^wait/);
  });

  it('waits where Ready is left over from another spec or another revision', () => {
    expect(flux(ready('True', 'ReconciliationSucceeded'), { generation: 2 })).toMatch(/^wait/);
    expect(flux(ready('True', 'ReconciliationSucceeded'), { lastAppliedRevision: `main@sha1:${BAD}` })).toMatch(/^wait/);
  });

  it('goes by the generation of the status where the condition does not name one', () => {
    const { observedGeneration: _, ...unmarked } = ready('True', 'ReconciliationSucceeded');
    expect(flux(unmarked)).toMatch(/^pass/);
    expect(flux(unmarked, { generation: 2, observedGeneration: 1 })).toMatch(/^wait/);
  });

  it.each(['BuildFailed', 'ReconciliationFailed', 'PruneFailed'])(
    'fails on %s of the expected revision, and waits where it is of the one before',
    (reason) => {
      expect(flux(ready('False', reason, 'm'))).toBe(`fail: ${reason}: m`);
      expect(flux(ready('False', reason, 'm'), {}, { revision: { expected: GOOD, reached: false } })).toMatch(/^wait/);
      expect(flux(ready('False', reason, 'm'), { generation: 2 }), 'of the spec before').toMatch(/^wait/);
    },
  );

  it('fails on a spec whose first run failed, which Flux never counts as observed', () => {
    const condition = { ...ready('False', 'BuildFailed', 'm'), observedGeneration: 2 };
    expect(flux(condition, { generation: 2, observedGeneration: 1 })).toMatch(/^fail/);
  });

  it('fails on a health check that failed while something is not healthy', () => {
    expect(flux(ready('False', 'HealthCheckFailed', 'm'), {}, one({ health: { status: 'InProgress', message: 'm' } }))).toBe(
      'fail: HealthCheckFailed: m',
    );
  });

  it('waits for the next run where everything got healthy just after the check had failed', () => {
    expect(flux(ready('False', 'HealthCheckFailed', 'm'))).toMatch(/^wait/);
  });

  it('fails where Flux has stalled', () => {
    const conditions: Condition[] = [
      ready('False', 'InvalidCELExpression', 'm'),
      { type: 'Stalled', status: 'True', reason: 'InvalidCELExpression' },
    ];
    expect(check('FluxReady', { target: { conditions } })).toMatch(/^fail/);
  });

  it('fails on a suspended target, whatever its conditions say, and names who suspended it', () => {
    expect(flux(ready('True', 'ReconciliationSucceeded'), { suspended: true })).toBe('fail: sample-app is suspended: Flux applies nothing');
    expect(flux(undefined, { suspended: true, hold: { kind: 'suspend', by: 'Ann' } })).toContain('suspended by Ann');
  });

  it('takes the word of helm-controller, which has no applied revision', () => {
    const release: Partial<TargetState> = {
      target: { kind: 'HelmRelease', namespace: 'apps', name: 'redis' },
      lastAttemptedRevision: '6.5.1',
      lastAppliedRevision: undefined,
    };
    expect(flux(ready('True', 'UpgradeSucceeded', 'm'), release)).toBe('pass: m');
    expect(flux(ready('False', 'UpgradeFailed', 'm'), release)).toMatch(/^fail/);
  });
});

describe('Rollout', () => {
  const rollout = (status: WorkloadState['health']['status']) => check('Rollout', one({ health: { status, message: 'm' } }));

  it('passes once every workload is current, waits while one is not, fails where Kubernetes gave up', () => {
    expect(rollout('Current')).toBe('pass: 1 workload rolled out');
    for (const status of ['InProgress', 'Terminating', 'Unknown', 'NotFound'] as const)
      expect(rollout(status)).toBe('wait: Deployment/sample-saas-app/sample-saas-app: m');
    expect(rollout('Failed')).toBe('fail: Deployment/sample-saas-app/sample-saas-app: m');
  });

  it('fails where another object of the target failed', () => {
    const others = [{ ref: ref('HelmRelease', 'redis', 'helm.toolkit.fluxcd.io/v2'), health: { status: 'Failed', message: 'm' } as const }];
    expect(check('Rollout', { workloads: { others } })).toBe('fail: HelmRelease/sample-saas-app/redis: m');
  });
});

describe('Pods', () => {
  const pods = (list: PodState[], state: Partial<WorkloadState> = {}, more: Observed = {}) =>
    check('Pods', { ...more, ...one({ pods: list, ...state }) });
  const crashing = (restarts: number, state: Partial<PodState> = {}) =>
    illPod('a', { restarts, waiting: { reason: 'CrashLoopBackOff', message: 'back-off' } }, state);

  it('pass once all are ready, and wait for those that are not', () => {
    expect(pods([pod('a'), pod('b')])).toBe('pass: 2 of 2 pods ready');
    expect(pods([pod('a'), illPod('b', {})])).toBe('wait: 1 of 2 pods not ready: b phase Running');
    expect(pods([illPod('b', { waiting: { reason: 'ContainerCreating', message: '' } })])).toBe(
      'wait: 1 of 1 pods not ready: b ContainerCreating',
    );
  });

  it('do not wait for those that are done, on their way out, or evicted', () => {
    expect(
      pods([
        pod('a'),
        illPod('b', {}, { phase: 'Succeeded' }),
        illPod('c', {}, { terminating: true }),
        illPod('d', {}, { phase: 'Failed' }),
      ]),
    ).toBe('pass: 1 of 1 pods ready');
  });

  it('wait for those of the old template to go', () => {
    expect(pods([pod('a'), pod('old', { current: false })])).toBe('wait: 1 pod of the old template still there: old');
  });

  it('of a StatefulSet that keeps them on purpose do not', () => {
    const list = [pod('db-0', { current: false }), pod('db-1')];
    expect(pods(list, { ref: ref('StatefulSet', 'db') })).toMatch(/^pass/);
    expect(pods(list, { ref: ref('StatefulSet', 'db'), health: { status: 'InProgress', message: 'm' } })).toMatch(/^wait/);
  });

  it('of a StatefulSet that it may never replace say how to do it', () => {
    const stuck = pods([crashing(9, { current: false })], {
      ref: ref('StatefulSet', 'db'),
      health: { status: 'InProgress', message: 'm' },
    });
    expect(stuck).toBe(
      'wait: 1 pod of the old template still there: a, not ready; a StatefulSet may never replace it: kubectl delete pod a -n sample-saas-app',
    );
  });

  it('that keep crashing under the good template fail', () => {
    expect(pods([crashing(3)])).toMatch(/^wait/);
    expect(pods([crashing(4)])).toBe('fail: a: CrashLoopBackOff: back-off');
    expect(pods([crashing(9, { terminating: true })]), 'not on their way out').toMatch(/^pass/);
    expect(pods([crashing(9, { current: false })]), 'not under the bad one').toMatch(/^wait/);
  });

  it('that crashed under the bad release, and stay, get the time to recover', () => {
    expect(pods([crashing(9)], {}, { restartsBefore: { 'a/app': 9 } })).toMatch(/^wait/);
    expect(pods([crashing(13)], {}, { restartsBefore: { 'a/app': 9 } })).toMatch(/^fail/);
  });
});

describe('Endpoints', () => {
  it('wait for one in each service', () => {
    expect(check('Endpoints', { workloads: { services: [service(), service({ ready: 0, notReady: 1 })] } })).toBe(
      'wait: Service/sample-saas-app/sample-saas-app has no ready endpoint',
    );
    expect(check('Endpoints', { workloads: { services: [service({ ready: 2 }), service()] } })).toBe(
      'pass: 3 ready endpoints in 2 services',
    );
  });

  it('say nothing of services without a selector, nor where nothing is meant to run', () => {
    expect(check('Endpoints', { workloads: { services: [service({ ready: 0, unmanaged: true })] } })).toBe('pass: no services');
    expect(check('Endpoints', { workloads: { workloads: [workload({ pods: [], desired: 0 })], services: [service({ ready: 0 })] } })).toBe(
      'pass: no services',
    );
  });
});

it('Restarts waits until none has happened for long enough', () => {
  expect(check('Restarts', { steady: { forMs: 3_000, needMs: 10_000 } })).toBe('wait: no restart for 3s of 10s');
  expect(check('Restarts', { steady: { forMs: 0, needMs: 0 } })).toBe('pass: no restart for 0s');
});

describe('Symptom', () => {
  const unhealthy = event('Unhealthy', 'Readiness probe failed', 9);
  const ill = workload({ pods: [illPod('new-pod', {}, { warnings: [unhealthy] })] });
  const symptoms = [{ reason: 'Unhealthy', object: ref('Deployment', 'sample-saas-app'), message: 'm' }];

  it('waits while the workload still shows it, in whichever pod', () => {
    expect(check('Symptom', { symptoms, workloads: { workloads: [ill] } })).toBe(
      'wait: still Unhealthy on Deployment/sample-saas-app/sample-saas-app',
    );
  });

  it('passes once it is gone, and where another workload has it', () => {
    expect(check('Symptom', { symptoms })).toBe('pass: gone: Unhealthy');
    const other = { ...ill, ref: ref('Deployment', 'other') };
    expect(check('Symptom', { symptoms, workloads: { workloads: [workload(), other] } })).toMatch(/^pass/);
  });

  it('is not looked for where there was none', () => {
    expect(check('Symptom', {})).toBe('not made');
  });
});

describe('Http', () => {
  it('passes where every request was answered well, and waits where one was not', () => {
    expect(check('Http', { http: [{ check: 'api/healthz', requests: 20, failed: 0 }] })).toBe(
      'pass: api/healthz: 20 of 20 requests answered well',
    );
    expect(check('Http', { http: [{ check: 'api/healthz', requests: 20, failed: 6, sample: 'HTTP 500' }] })).toBe(
      'wait: api/healthz: 14 of 20 requests answered well (HTTP 500)',
    );
  });
});

describe('the outcome', () => {
  const verdict = (...statuses: Check['status'][]) => verdictOf(statuses.map((status) => ({ name: 'Pods', status, message: '' }))).outcome;

  it('is good where every check passes, bad where one fails, undecided in between', () => {
    expect([verdict(), verdict('pass', 'pass'), verdict('pass', 'wait'), verdict('wait', 'fail'), verdict('pass', 'fail')]).toEqual([
      'good',
      'good',
      'undecided',
      'bad',
      'bad',
    ]);
  });
});

describe('whatever is observed', () => {
  const aPod = fc
    .record({
      name: fc.constantFrom('a', 'b', 'c'),
      phase: fc.constantFrom('Pending', 'Running', 'Succeeded', 'Failed'),
      ready: fc.boolean(),
      terminating: fc.boolean(),
      current: fc.boolean(),
      restarts: fc.nat(8),
      waiting: fc.constantFrom(undefined, 'CrashLoopBackOff', 'ImagePullBackOff', 'ContainerCreating'),
    })
    .map(({ restarts, waiting, ready: isReady, ...state }) =>
      pod(state.name, {
        ...state,
        ready: isReady && waiting === undefined,
        containers: [
          container({
            ready: isReady && waiting === undefined,
            restarts,
            ...(waiting ? { waiting: { reason: waiting, message: '' } } : {}),
          }),
        ],
      }),
    );
  const aWorkload = fc
    .record({
      kind: fc.constantFrom('Deployment', 'StatefulSet', 'DaemonSet', 'Job'),
      status: fc.constantFrom<WorkloadState['health']['status']>('Current', 'InProgress', 'Failed', 'NotFound'),
      pods: fc.array(aPod, { maxLength: 3 }),
    })
    .map(({ kind, status, pods }) => workload({ ref: ref(kind, 'x'), health: { status, message: '' }, pods }));
  const observed = fc.record({
    workloads: fc.array(aWorkload, { minLength: 1, maxLength: 3 }),
    conditions: fc.constantFrom<Condition[]>(
      [ready('True', 'ReconciliationSucceeded')],
      [ready('False', 'HealthCheckFailed')],
      [ready('Unknown', 'Progressing')],
      [],
    ),
    reached: fc.boolean(),
    forMs: fc.constantFrom(0, 20_000),
  });
  const failing = fc.constantFrom(
    illPod('z', { restarts: 9, waiting: { reason: 'CrashLoopBackOff', message: '' } }),
    illPod('z', { waiting: { reason: 'ImagePullBackOff', message: '' } }, { phase: 'Pending' }),
    illPod('z', {}, { warnings: [event('Unhealthy', 'Readiness probe failed', 9)] }),
    pod('z', { ready: false, phase: 'Pending', containers: [] }),
  );

  type Seen = { workloads: WorkloadState[]; conditions: Condition[]; reached: boolean; forMs: number };
  const judged = (seen: Seen): Verdict =>
    judge(
      input({
        target: { conditions: seen.conditions },
        workloads: { workloads: seen.workloads, services: [] },
        revision: { expected: GOOD, reached: seen.reached },
        steady: { forMs: seen.forMs, needMs: 10_000 },
      }),
    );
  const rank = { bad: 0, undecided: 1, good: 2 };

  it('one more pod that fails never makes it better, and never leaves it good', () => {
    fc.assert(
      fc.property(observed, failing, fc.nat(), (seen, extra, at) => {
        const index = at % seen.workloads.length;
        const worse = seen.workloads.map((item, i) => (i === index ? { ...item, pods: [...item.pods, extra] } : item));
        const after = judged({ ...seen, workloads: worse }).outcome;
        expect(rank[after]).toBeLessThanOrEqual(rank[judged(seen).outcome]);
        expect(after).not.toBe('good');
      }),
    );
  });

  it('one pod that fails is enough for a target that is well otherwise', () => {
    fc.assert(
      fc.property(failing, (extra) => {
        const seen: Seen = {
          workloads: [workload()],
          conditions: [ready('True', 'ReconciliationSucceeded')],
          reached: true,
          forMs: 20_000,
        };
        expect(judged(seen).outcome).toBe('good');
        expect(judged({ ...seen, workloads: [workload({ pods: [pod('a'), extra] })] }).outcome).not.toBe('good');
      }),
    );
  });

  it('good means that every pod that is meant to run is ready, and that the revision is there', () => {
    fc.assert(
      fc.property(observed, (seen) => {
        if (judged(seen).outcome !== 'good') return;
        expect(seen.reached).toBe(true);
        const meant = seen.workloads
          .flatMap((item) => item.pods)
          .filter((item) => !item.terminating && !['Succeeded', 'Failed'].includes(item.phase));
        expect(meant.every((item) => item.ready)).toBe(true);
        expect(seen.workloads.every((item) => item.health.status === 'Current')).toBe(true);
      }),
    );
  });

  it('the same observation gives the same verdict', () => {
    fc.assert(
      fc.property(observed, (seen) => {
        expect(judged(seen)).toEqual(judged(structuredClone(seen)));
      }),
    );
  });
});

describe('a dependency that is not ready', () => {
  const blocker = (final: boolean) => ({
    target: { kind: 'Kustomization' as const, namespace: 'flux-system', name: 'infrastructure' },
    path: [{ kind: 'Kustomization' as const, namespace: 'flux-system', name: 'infrastructure' }],
    final,
    reason: 'BuildFailed',
    message: 'no such file',
  });
  const waits = [ready('False', 'DependencyNotReady', "dependency 'flux-system/infrastructure' is not ready")];

  it.each([
    [true, 'fail'],
    [false, 'wait'],
  ])('is named with what is wrong there (for good: %s)', (final, status) => {
    expect(check('FluxReady', { target: { conditions: waits, blocker: blocker(final) } })).toBe(
      `${status}: waits for kustomization/flux-system/infrastructure, which is not ready: BuildFailed: no such file`,
    );
  });
});

describe('what failed releases left', () => {
  const feed = ref('ConfigMap', 'feed', 'v1');
  const owned = { untracked: [], terminating: [], missing: [] };

  it('in no inventory does not make a verdict bad: it is a note', () => {
    const verdict = judge(input({ workloads: { owned: { ...owned, untracked: [feed] } } }));
    expect(verdict.outcome).toBe('good');
    expect(verdict.notes).toEqual([expect.stringContaining('kubectl delete configmap feed -n sample-saas-app')]);
  });

  it('half deleted and wanted keeps it waiting, and names who keeps it', () => {
    const stuck = { ref: feed, since: '2026-01-01T00:00:00Z', finalizers: ['example.com/export'], tracked: true };
    expect(check('Deletion', { workloads: { owned: { ...owned, terminating: [stuck] } } })).toBe(
      'wait: ConfigMap/sample-saas-app/feed was deleted and is not gone: whoever set the finalizer example.com/export has not let it go',
    );
    expect(check('Deletion', { workloads: { owned: { ...owned, terminating: [{ ...stuck, tracked: false }] } } })).toBe('not made');
  });

  it('gone and wanted keeps it waiting until Flux has created it', () => {
    expect(check('Deletion', { workloads: { owned: { ...owned, missing: [feed] } } })).toBe(
      'wait: ConfigMap/sample-saas-app/feed is gone, and Flux has not created it anew yet',
    );
  });
});

describe('a HelmRelease that failed on the bad version', () => {
  const release = ref('HelmRelease', 'redis', 'helm.toolkit.fluxcd.io/v2');
  const key = new Set([objectKey(release)]);
  const saying = (status: 'Failed' | 'InProgress' | 'Current') => [
    { ref: release, health: { status, message: 'Failed to upgrade after 1 attempt(s)' } },
  ];
  const failedOnIt = { conditions: [ready('False', 'HealthCheckFailed', 'failed early')], lastAppliedRevision: `main@sha1:${BAD}` };

  it('is waited for as long as it says what it said before', () => {
    const observed = { workloads: { others: saying('Failed') }, failedBefore: key, stillAsBefore: key };
    expect(check('Rollout', observed)).toBe(
      'wait: HelmRelease/sample-saas-app/redis has not come to this version yet: Failed to upgrade after 1 attempt(s)',
    );
    expect(check('FluxReady', { ...observed, target: failedOnIt })).toMatch(/^wait/);
  });

  it('has failed for good, where it said something else since', () => {
    expect(check('Rollout', { workloads: { others: saying('Failed') }, failedBefore: key, stillAsBefore: new Set() })).toMatch(/^fail/);
  });

  it('and a health check that failed on it before does not count while it is on its way', () => {
    const observed = { workloads: { others: saying('InProgress') }, target: failedOnIt };
    expect(check('FluxReady', { ...observed, failedBefore: key })).toMatch(/^wait/);
    expect(check('FluxReady', observed)).toMatch(/^fail/);
  });
});

it('a pin that was undone is not waited for', () => {
  const undone = { kind: 'pin', field: 'spec.sourceRef', commit: GOOD, undoneBy: 'flux-operator' } as const;
  expect(check('Revision', { revision: { expected: GOOD, reached: false }, target: { undone } })).toBe(
    'fail: the pin to aaaaaaaa was undone by flux-operator: spec.sourceRef is no longer as it was set',
  );
});
