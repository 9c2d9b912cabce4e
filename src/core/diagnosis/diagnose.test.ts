import { describe, expect, it } from 'vitest';
import { event, illPod, pod, ready, ref, service, source, target, workload, workloads } from '../../../test/observed.ts';
import type { PodState, SourceState, TargetState, WorkloadState, WorkloadsState } from '../world.ts';
import { diagnose, symptomsOf } from './diagnose.ts';
import type { Finding } from './finding.ts';

interface Observed {
  target?: Partial<TargetState>;
  source?: Partial<SourceState>;
  workloads?: Partial<WorkloadsState>;
}

function findings(observed: Observed): Finding[] {
  return diagnose(target(observed.target), source(observed.source), workloads(observed.workloads));
}

/** Findings of a Deployment that does not get on, with these pods. */
function withPods(pods: PodState[], state: Partial<WorkloadState> = {}): Finding[] {
  const health = { status: 'InProgress', message: 'Available: 0/1' } as const;
  return findings({ workloads: { workloads: [workload({ pods, health, ...state })], services: [] } });
}

const brief = (list: readonly Finding[]) =>
  list.map(({ severity, reason, object }) => `${severity} ${reason} ${object.kind}/${object.name}`);

/** As the kubelet writes it: with the pod's name and uid, and a back-off that grows. */
function crashLoop(name: string, restarts: number): PodState {
  const message = `back-off ${10 * 2 ** restarts}s restarting failed container=app pod=${name}_sample-saas-app(0f3a-${name})`;
  return illPod(name, {
    restarts,
    waiting: { reason: 'CrashLoopBackOff', message },
    terminated: { exitCode: 1, reason: 'Error' },
    log: ['starting', 'Error: no configuration'],
  });
}

describe('where all is well', () => {
  it('nothing is found', () => {
    expect(findings({})).toEqual([]);
    expect(diagnose(target(), undefined, workloads())).toEqual([]);
  });

  it('pods that only start, or are on their way out, are no finding', () => {
    const starting = illPod('new', { waiting: { reason: 'ContainerCreating', message: '' } }, { phase: 'Pending' });
    const leaving = { ...crashLoop('old', 5), terminating: true };
    expect(findings({ workloads: { workloads: [workload({ pods: [pod('a'), starting, leaving] })] } })).toEqual([]);
  });

  it('a target that is scaled to zero on purpose needs no endpoints', () => {
    const idle = workload({ pods: [], desired: 0 });
    expect(findings({ workloads: { workloads: [idle], services: [service({ ready: 0 })] } })).toEqual([]);
  });
});

describe('a container that crashes at start', () => {
  it('is told with its image, exit code, restarts and last lines of log', () => {
    expect(withPods([crashLoop('app-1', 3)])).toEqual([
      {
        severity: 'error',
        reason: 'CrashLoopBackOff',
        object: { kind: 'Pod', namespace: 'sample-saas-app', name: 'app-1' },
        message: 'container app (registry.example.com/sample-saas-app:1.0.0) keeps ending, exit code 1, restarted 3 times',
        log: ['starting', 'Error: no configuration'],
      },
    ]);
  });

  it('on three pods is one finding, whatever each of them says about its back-off', () => {
    const list = withPods([crashLoop('app-1', 3), crashLoop('app-2', 2), crashLoop('app-3', 4)]);
    expect(brief(list)).toEqual(['error CrashLoopBackOff Pod/app-1']);
    expect(list[0]?.details).toEqual(['the same on 3 pods']);
  });

  it('for want of memory says so, and by a signal names it', () => {
    const killed = illPod('a', {
      restarts: 1,
      waiting: { reason: 'CrashLoopBackOff', message: '' },
      terminated: { exitCode: 137, reason: 'OOMKilled' },
    });
    expect(withPods([killed])[0]?.message).toContain('keeps ending, OOMKilled (exit code 137), restarted once');
    const aborted = illPod('a', {
      waiting: { reason: 'CrashLoopBackOff', message: '' },
      terminated: { exitCode: 134, reason: 'Error', signal: 6 },
    });
    expect(withPods([aborted])[0]?.message).toContain('exit code 134, signal 6');
  });

  it('between two starts, without a word from the kubelet, is told as ended', () => {
    const list = withPods([illPod('a', { restarts: 2, terminated: { exitCode: 3, reason: 'Error' }, log: ['bye'] })]);
    expect(list[0]).toMatchObject({
      reason: 'Error',
      message: 'container app (registry.example.com/sample-saas-app:1.0.0) is not ready, and ended before: exit code 3',
      details: ['restarted 2 times'],
      log: ['bye'],
    });
  });

  it('is not confused with an init container that did its work', () => {
    expect(brief(withPods([illPod('a', { terminated: { exitCode: 0, reason: 'Completed' } })]))).toEqual([
      'warning RolloutInProgress Deployment/sample-saas-app',
    ]);
  });
});

describe('a container that never gets ready', () => {
  const unready = (count: number) =>
    illPod(
      'app-1',
      { log: ['listening'] },
      { warnings: [event('Unhealthy', 'Readiness probe failed: HTTP probe failed with statuscode: 503', count)] },
    );

  it('is told with what its probe said, and how often', () => {
    expect(withPods([unready(12)])).toEqual([
      {
        severity: 'error',
        reason: 'Unhealthy',
        object: { kind: 'Pod', namespace: 'sample-saas-app', name: 'app-1' },
        message: 'container app (registry.example.com/sample-saas-app:1.0.0) runs and is not ready',
        details: ['Readiness probe failed: HTTP probe failed with statuscode: 503 (12x)'],
        log: ['listening'],
      },
    ]);
  });

  it('is only a warning as long as it may just be starting', () => {
    expect(brief(withPods([unready(2)]))).toEqual(['warning Unhealthy Pod/app-1', 'warning RolloutInProgress Deployment/sample-saas-app']);
    expect(brief(withPods([unready(3)]))).toEqual(['error Unhealthy Pod/app-1']);
  });

  it('is not told once it is ready, though its probe failed before', () => {
    const healed = pod('app-1', { warnings: [event('Unhealthy', 'Readiness probe failed', 9)] });
    expect(findings({ workloads: { workloads: [workload({ pods: [healed] })] } })).toEqual([]);
  });
});

describe('an image that cannot be pulled', () => {
  const message = 'Back-off pulling image "registry.example.com/sample-saas-app:9.9.9"';

  it('is told with what the kubelet says', () => {
    const [finding] = withPods([
      illPod(
        'a',
        { image: 'registry.example.com/sample-saas-app:9.9.9', waiting: { reason: 'ImagePullBackOff', message } },
        { phase: 'Pending' },
      ),
    ]);
    expect(finding).toMatchObject({
      severity: 'error',
      reason: 'ImagePullBackOff',
      message: `container app (registry.example.com/sample-saas-app:9.9.9) does not start: ${message}`,
    });
  });

  it('is one trouble under one name, though the kubelet has two for it', () => {
    const list = withPods([
      illPod('a', { waiting: { reason: 'ErrImagePull', message: 'manifest unknown' } }),
      illPod('b', { waiting: { reason: 'ImagePullBackOff', message } }),
    ]);
    expect(brief(list)).toEqual(['error ImagePullBackOff Pod/a']);
    expect(list[0]?.details).toContain('the same on 2 pods');
  });
});

describe('a pod that cannot start', () => {
  it('for want of configuration says which', () => {
    const waiting = { reason: 'CreateContainerConfigError', message: 'configmap "sample-saas-app" not found' };
    expect(withPods([illPod('a', { waiting }, { phase: 'Pending' })])[0]).toMatchObject({
      reason: 'CreateContainerConfigError',
      message: expect.stringContaining('does not start: configmap "sample-saas-app" not found'),
    });
  });

  it('and of which the kubelet says nothing more is told by the reason', () => {
    expect(withPods([illPod('a', { waiting: { reason: 'RunContainerError', message: '' } })])[0]?.message).toMatch(
      /does not start: RunContainerError$/,
    );
  });

  it('for want of a node says what the scheduler said', () => {
    const message = '0/3 nodes are available: 3 Insufficient memory.';
    const unscheduled = pod('a', { phase: 'Pending', ready: false, containers: [], warnings: [event('FailedScheduling', message, 4)] });
    expect(withPods([unscheduled])).toEqual([
      { severity: 'error', reason: 'FailedScheduling', object: { kind: 'Pod', namespace: 'sample-saas-app', name: 'a' }, message },
    ]);
  });

  const creating = (name: string, ...warnings: PodState['warnings']) =>
    illPod(name, { waiting: { reason: 'ContainerCreating', message: '' } }, { phase: 'Pending', warnings });

  it('for want of a volume says which, once it is more than a second late', () => {
    const message = 'MountVolume.SetUp failed for volume "config" : configmap "gone" not found';
    expect(brief(withPods([creating('a', event('FailedMount', message, 5))]))).toEqual(['error FailedMount Pod/a']);
    expect(brief(withPods([creating('a', event('FailedMount', message))]))).toEqual([
      'warning FailedMount Pod/a',
      'warning RolloutInProgress Deployment/sample-saas-app',
    ]);
  });

  it('no longer waits for a node once it has one', () => {
    expect(brief(withPods([creating('a', event('FailedScheduling', 'no node', 9))]))).toEqual([
      'warning RolloutInProgress Deployment/sample-saas-app',
    ]);
  });
});

describe('pods that are left over', () => {
  it('evicted ones are told, and are not what is wrong', () => {
    const evicted = illPod('a', { terminated: { exitCode: 137, reason: 'Error' } }, { phase: 'Failed' });
    const list = findings({ workloads: { workloads: [workload({ pods: [pod('b'), evicted] })] } });
    expect(brief(list)).toEqual(['warning Error Pod/a']);
  });

  it('those of a Job are its outcome', () => {
    const failed = illPod('a', { terminated: { exitCode: 1, reason: 'Error' } }, { phase: 'Failed' });
    expect(brief(withPods([failed], { ref: ref('Job', 'migrate', 'batch/v1') }))).toEqual(['error Error Pod/a']);
  });

  it('of the old template are told apart from those of the new one', () => {
    const list = withPods([crashLoop('new', 3), { ...crashLoop('old', 9), current: false }]);
    expect(list.map(({ object, details }) => [object.name, details])).toEqual([
      ['new', undefined],
      ['old', ['it still runs the old template']],
    ]);
  });

  it('of a StatefulSet say how to get rid of them: Kubernetes may never do it', () => {
    const stuck = { ...crashLoop('db-0', 9), current: false };
    expect(withPods([stuck], { ref: ref('StatefulSet', 'db') })[0]?.details).toEqual([
      'it still runs the old template, and a StatefulSet may never replace a pod that does not get ready: kubectl delete pod db-0 -n sample-saas-app',
    ]);
  });
});

describe('a workload', () => {
  it('that does not get on for a reason no pod shows is a warning with its events', () => {
    const warnings = [1, 2, 3, 4].map((n) => event('FailedCreate', `exceeded quota ${n}`));
    expect(withPods([], { warnings })[0]).toEqual({
      severity: 'warning',
      reason: 'RolloutInProgress',
      object: ref('Deployment', 'sample-saas-app'),
      message: 'Available: 0/1',
      details: ['FailedCreate: exceeded quota 1', 'FailedCreate: exceeded quota 2', 'FailedCreate: exceeded quota 3'],
    });
  });

  it('that Kubernetes gave up on is told beside what its pods say', () => {
    const list = withPods([crashLoop('a', 5)], { health: { status: 'Failed', message: 'Progress deadline exceeded' } });
    expect(brief(list)).toEqual(['error CrashLoopBackOff Pod/a', 'error RolloutFailed Deployment/sample-saas-app']);
  });

  it('that is gone is told as such', () => {
    const [finding] = withPods([], { health: { status: 'NotFound', message: 'not in the cluster' } });
    expect(finding).toMatchObject({
      reason: 'NotFound',
      message: "Deployment/sample-saas-app/sample-saas-app is in Flux's inventory and not in the cluster",
    });
  });

  it('other objects are told where they failed, and only there', () => {
    const others = (['Failed', 'InProgress', 'Current', 'NotFound'] as const).map((status) => ({
      ref: ref('HelmRelease', status.toLowerCase(), 'helm.toolkit.fluxcd.io/v2'),
      health: { status, message: `is ${status}` },
    }));
    expect(brief(findings({ workloads: { others } }))).toEqual(['error Failed HelmRelease/failed']);
  });
});

describe('a service', () => {
  it.each([
    [{ ready: 0, notReady: 2 }, 'Service/sample-saas-app/sample-saas-app: no ready endpoint (2 not ready)'],
    [{ ready: 0, notReady: 0 }, 'Service/sample-saas-app/sample-saas-app: no endpoints'],
  ])('%j', (state, message) => {
    expect(findings({ workloads: { services: [service(state)] } })).toEqual([
      { severity: 'error', reason: 'NoReadyEndpoints', object: ref('Service', 'sample-saas-app', 'v1'), message },
    ]);
  });

  it('without a selector says nothing', () => {
    expect(findings({ workloads: { services: [service({ ready: 0, unmanaged: true })] } })).toEqual([]);
  });
});

describe('what Flux says', () => {
  const flux = (...conditions: TargetState['conditions']) => findings({ target: { conditions } });

  it('is an error where a release failed, in its own words', () => {
    const message =
      "health check failed after 30.01s: timeout waiting for: [Deployment/sample-saas-app/sample-saas-app status: 'InProgress']";
    expect(flux(ready('False', 'HealthCheckFailed', message))).toEqual([
      {
        severity: 'error',
        reason: 'HealthCheckFailed',
        object: { apiVersion: 'kustomize.toolkit.fluxcd.io/v1', kind: 'Kustomization', namespace: 'flux-system', name: 'sample-app' },
        message,
      },
    ]);
  });

  it.each(['BuildFailed', 'ArtifactFailed', 'ReconciliationFailed', 'PruneFailed'])('%s is an error', (reason) => {
    expect(brief(flux(ready('False', reason, 'm')))).toEqual([`error ${reason} Kustomization/sample-app`]);
  });

  it.each(['DependencyNotReady', 'Progressing', 'ProgressingWithRetry', 'HealthCheckCanceled'])(
    '%s is a warning: it may still come',
    (reason) => {
      expect(brief(flux(ready('False', reason, 'm')))).toEqual([`warning ${reason} Kustomization/sample-app`]);
    },
  );

  it('is an error whatever the reason once Flux has stalled', () => {
    const stalled = { type: 'Stalled', status: 'True', reason: 'AccessDenied' } as const;
    expect(brief(flux(ready('False', 'DependencyNotReady', 'm'), stalled))).toEqual(['error DependencyNotReady Kustomization/sample-app']);
  });

  it('is only told where it works on it', () => {
    expect(flux(ready('Unknown', 'Progressing'))[0]).toMatchObject({ severity: 'info', message: 'Flux is working on it' });
  });

  it('about a source that cannot be fetched is an error of that source', () => {
    const conditions = [ready('False', 'GitOperationFailed', 'failed to checkout and determine revision: authentication required')];
    expect(findings({ source: { conditions } })[0]).toMatchObject({
      severity: 'error',
      reason: 'GitOperationFailed',
      object: { kind: 'GitRepository', namespace: 'flux-system', name: 'flux-system' },
      message: expect.stringContaining('authentication required'),
    });
  });
});

it('the gravest comes first: errors, then warnings, then what is only told', () => {
  const list = findings({
    target: { conditions: [ready('Unknown', 'Progressing')] },
    workloads: {
      workloads: [workload({ pods: [], desired: 1, health: { status: 'InProgress', message: 'm' } })],
      services: [service({ ready: 0 })],
    },
  });
  expect(list.map(({ severity }) => severity)).toEqual(['error', 'warning', 'info']);
});

describe('the symptoms of a release', () => {
  const crashing = workload({ pods: [crashLoop('app-1', 3)] });

  it('are the errors of its workloads, by workload: pods have other names afterwards', () => {
    const list = findings({
      target: { conditions: [ready('False', 'HealthCheckFailed', 'm')] },
      workloads: { workloads: [crashing], services: [service({ ready: 0 })] },
    });
    expect(symptomsOf(list, [crashing])).toEqual([
      { reason: 'CrashLoopBackOff', object: ref('Deployment', 'sample-saas-app'), message: expect.stringContaining('keeps ending') },
    ]);
  });

  it('are none of a workload of the same name in another namespace, and no warnings', () => {
    const elsewhere = { ...crashing, ref: { ...crashing.ref, namespace: 'other' } };
    const list = findings({ workloads: { workloads: [crashing], services: [] } });
    expect(symptomsOf(list, [elsewhere])).toEqual([]);
    expect(symptomsOf(withPods([]), [workload({ pods: [] })])).toEqual([]);
  });
});

it('a hold that was undone is told, of the target and of its source, with who did it', () => {
  const undone = { kind: 'suspend', field: 'spec.suspend', by: 'Ann', undoneBy: 'kustomize-controller' } as const;
  const ofSource = { kind: 'pin', field: 'spec.ref.commit', commit: 'a'.repeat(40) } as const;
  const found = diagnose(target({ undone }), source({ undone: ofSource }), workloads()).filter(({ reason }) => reason === 'HoldUndone');
  expect(found.map(({ object, message }) => `${object.kind} ${object.name}: ${message}`)).toEqual([
    'Kustomization sample-app: the suspension by Ann was undone by kustomize-controller: spec.suspend is no longer as it was set',
    'GitRepository flux-system: the pin to aaaaaaaa was undone by someone: spec.ref.commit is no longer as it was set',
  ]);
});
