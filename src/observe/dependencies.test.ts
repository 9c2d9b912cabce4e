import { describe, expect, it } from 'vitest';
import { GOOD, ready } from '../../test/observed.ts';
import { GIT_REPOSITORY, KUSTOMIZATION, type Kustomization } from '../api/flux.ts';
import { type Condition, type KubeObject, type ObjectRef, objectKey, refOf } from '../api/kube.ts';
import type { Target } from '../api/target.ts';
import type { Cluster } from '../ports.ts';
import { observeDependencies } from './dependencies.ts';

const AT = `main@sha1:${GOOD}`;
const WELL = ready('True', 'ReconciliationSucceeded');
const WAITS = ready('False', 'DependencyNotReady');
const SOURCE: KubeObject = {
  ...GIT_REPOSITORY,
  metadata: { name: 'flux-system', namespace: 'flux-system' },
  status: { artifact: { revision: AT } },
};

function named(name: string): Target {
  return { kind: 'Kustomization', namespace: 'flux-system', name };
}

function kustomization(name: string, condition: Condition, ...dependencies: string[]): Kustomization {
  return {
    ...KUSTOMIZATION,
    metadata: { name, namespace: 'flux-system', generation: 1 },
    spec: {
      interval: '5m',
      prune: true,
      sourceRef: { kind: 'GitRepository', name: 'flux-system' },
      dependsOn: dependencies.map((dependency) => ({ name: dependency })),
    },
    status: { observedGeneration: 1, conditions: [condition], lastAppliedRevision: AT, lastAttemptedRevision: AT },
  };
}

/** Looks from `app` at a cluster that holds these. */
function lookAt(...objects: KubeObject[]) {
  const held = new Map([SOURCE, ...objects].map((object) => [objectKey(refOf(object)), object]));
  const cluster = { get: async (ref: ObjectRef) => held.get(objectKey(ref)) } as unknown as Cluster;
  return observeDependencies(cluster, named('app'));
}

describe('what holds up a target', () => {
  it('is nothing where it depends on nothing, or on what is ready', async () => {
    expect(await lookAt(kustomization('app', WELL))).toEqual({ idle: [] });
    expect(await lookAt(kustomization('app', WELL, 'base'), kustomization('base', WELL))).toEqual({ idle: [] });
  });

  it('is found at the end of the chain', async () => {
    const failed = kustomization('base', ready('False', 'BuildFailed', 'no such file'));
    expect(await lookAt(kustomization('app', WAITS, 'middle'), kustomization('middle', WAITS, 'base'), failed)).toEqual({
      blocker: {
        target: named('base'),
        path: [named('middle'), named('base')],
        final: true,
        reason: 'BuildFailed',
        message: 'no such file',
      },
      idle: [],
    });
  });

  it('for good comes before what only takes its time', async () => {
    const busy = kustomization('busy', ready('Unknown', 'Progressing', 'at work'));
    const failed = kustomization('failed', ready('False', 'HealthCheckFailed', 'not ready'));
    const { blocker } = await lookAt(kustomization('app', WAITS, 'busy', 'failed'), busy, failed);
    expect(blocker).toMatchObject({ target: named('failed'), final: true });
  });

  it('may be over before Flux looks again: who could go on is told', async () => {
    const waiting = [kustomization('app', WAITS, 'middle'), kustomization('middle', WAITS, 'base'), kustomization('base', WELL)];
    expect(await lookAt(...waiting)).toMatchObject({ blocker: { target: named('middle'), final: false }, idle: [named('middle')] });
    expect(await lookAt(kustomization('app', WAITS, 'base'), kustomization('base', WELL))).toEqual({ idle: [named('app')] });
  });

  it('is not looked for without end where dependencies go round in a circle', async () => {
    const circle = [kustomization('app', WAITS, 'middle'), kustomization('middle', WAITS, 'app')];
    expect(await lookAt(...circle)).toMatchObject({ blocker: { target: named('middle'), final: false } });
  });
});
