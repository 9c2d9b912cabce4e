import { describe, expect, it } from 'vitest';
import { GOOD, ref, TARGET, target } from '../../../test/observed.ts';
import type { KubeObject, ObjectRef } from '../../api/kube.ts';
import type { ObjectChange } from '../diff/object-diff.ts';
import type { DeploymentRecord, Outcome } from '../history/record.ts';
import type { AffectedTarget } from '../plan/plan.ts';
import type { TargetState } from '../world.ts';
import { detectHazards, type HazardInput } from './detect.ts';

type Situation = Omit<Partial<HazardInput>, 'target'> & { target?: Partial<TargetState> };

function detect(situation: Situation) {
  return detectHazards({
    changes: [],
    affected: [],
    after: [],
    to: record('succeeded'),
    strategy: 'revert',
    ...situation,
    target: target(situation.target),
  });
}

const names = (situation: Situation) => detect(situation).map(({ name, severity }) => `${severity} ${name}`);
const evidence = (situation: Situation) => detect(situation).map((hazard) => hazard.evidence);

function record(outcome: Outcome): DeploymentRecord {
  return {
    target: TARGET,
    commit: GOOD,
    author: { name: 'Ann', email: 'ann@example.com' },
    subject: 'Release 1.0.0',
    committedAt: '2026-01-01T00:00:00Z',
    outcome,
    evidence: 'status.history HealthCheckFailed',
    running: false,
    lastGood: false,
    reverts: [],
  };
}

function change(kind: string, name: string, how: ObjectChange['change'], apiVersion = 'v1'): ObjectChange {
  return { ref: ref(kind, name, apiVersion), change: how, fields: [], images: [] };
}

function deployment(name: string, ...images: string[]): KubeObject {
  const containers = images.map((image, index) => ({ name: `c${index}`, image }));
  const { apiVersion, kind, namespace } = ref('Deployment', name);
  return { apiVersion, kind, metadata: { name, namespace: namespace as string }, spec: { template: { spec: { containers } } } };
}

const other = (name: string, unknown?: string): AffectedTarget => ({
  target: { kind: 'Kustomization', namespace: 'flux-system', name },
  changes: [],
  ...(unknown ? { unknown } : {}),
});

it('an ordinary way back has no hazards', () => {
  const changes = [change('Deployment', 'api', 'changed', 'apps/v1'), change('ConfigMap', 'api', 'added')];
  expect(names({ changes, after: [deployment('api', 'registry.example.com/api:1.0.0')] })).toEqual([]);
  expect(names({ changes: undefined, to: undefined })).toEqual([]);
});

describe('PrunesData', () => {
  it.each(['PersistentVolumeClaim', 'PersistentVolume', 'Namespace', 'CustomResourceDefinition', 'StatefulSet'])(
    'blocks where a %s would be deleted',
    (kind) => {
      const hazards = detect({ changes: [change(kind, 'x', 'removed')] });
      expect(hazards).toEqual([
        {
          name: 'PrunesData',
          severity: 'block',
          evidence: `${kind}/sample-saas-app/x is not in the version to go back to: Flux would delete it`,
          advice: expect.stringContaining('--accept PrunesData'),
          object: ref(kind, 'x', 'v1'),
        },
      ]);
    },
  );

  it('is told for each of them, and not where they stay or come back', () => {
    const kind = 'PersistentVolumeClaim';
    expect(names({ changes: [change(kind, 'x', 'removed'), change(kind, 'y', 'removed')] })).toHaveLength(2);
    expect(names({ changes: [change(kind, 'x', 'changed'), change(kind, 'y', 'added')] })).toEqual([]);
  });
});

describe('PrunesObjects', () => {
  it('asks where other objects would be deleted, and names five of them', () => {
    const removed = [1, 2, 3, 4, 5, 6, 7].map((n) => change('ConfigMap', `c${n}`, 'removed'));
    expect(names({ changes: removed })).toEqual(['ask PrunesObjects']);
    expect(evidence({ changes: removed })[0]).toMatch(/^Flux would delete ConfigMap\/sample-saas-app\/c1, .*c5 and 2 more$/);
  });
});

describe('LeavesObjects', () => {
  it('warns where the target does not prune: then nothing is deleted, data neither', () => {
    const changes = [change('PersistentVolumeClaim', 'x', 'removed'), change('ConfigMap', 'y', 'removed')];
    expect(names({ changes, target: { prune: false } })).toEqual(['warn LeavesObjects']);
    expect(names({ changes, target: { prune: true } })).toEqual(['block PrunesData', 'ask PrunesObjects']);
    expect(names({ changes: [], target: { prune: false } })).toEqual([]);
  });
});

describe('TargetWasBad', () => {
  it.each<Outcome>(['failed', 'rolled-back', 'reverted'])('blocks going back to a deployment that is recorded as %s', (outcome) => {
    const [hazard] = detect({ to: record(outcome) });
    expect(hazard).toMatchObject({
      name: 'TargetWasBad',
      severity: 'block',
      evidence: `aaaaaaaa "Release 1.0.0" itself is recorded as ${outcome} (status.history HealthCheckFailed)`,
    });
  });

  it.each<Outcome>(['succeeded', 'progressing', 'pending'])('does not for one that is %s', (outcome) => {
    expect(names({ to: record(outcome) })).toEqual([]);
  });
});

describe('OutcomeUnknown', () => {
  it('warns where nobody recorded how it went, and only there', () => {
    expect(names({ to: record('unknown') })).toEqual(['warn OutcomeUnknown']);
    expect(names({ to: undefined })).toEqual([]);
  });
});

describe('SuccessUnproven', () => {
  it('warns where Flux applied it and checked no health', () => {
    expect(names({ target: { waits: false } })).toEqual(['warn SuccessUnproven']);
    expect(names({ target: { waits: true } })).toEqual([]);
    expect(names({ target: { waits: false }, to: record('failed') })).toEqual(['block TargetWasBad']);
  });
});

describe('TargetSuspended', () => {
  it('blocks, and says who suspended it, why, or through which tool', () => {
    const suspended = (hold: TargetState['hold']) => evidence({ target: { suspended: true, ...(hold ? { hold } : {}) } })[0];
    expect(suspended({ kind: 'suspend', by: 'Bo', reason: 'migration' })).toBe(
      'kustomization/flux-system/sample-app is suspended by Bo: migration',
    );
    expect(suspended({ kind: 'suspend', manager: 'flux' })).toContain('suspended by someone through flux');
    expect(suspended(undefined)).toMatch(/suspended by someone$/);
  });

  it('does not stop a rollback that suspends anyway, nor one of a target whose hold ran out', () => {
    expect(names({ target: { suspended: true } })).toEqual(['block TargetSuspended']);
    expect(names({ target: { suspended: true }, strategy: 'suspend' })).toEqual([]);
    expect(names({ target: { suspended: true }, holdExpired: true })).toEqual([]);
  });
});

describe('AffectsOthers', () => {
  it('asks, and names the others', () => {
    expect(evidence({ affected: [other('web')] })).toEqual(['1 other target changes as well: kustomization/flux-system/web']);
    expect(evidence({ affected: ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => other(name)) })[0]).toMatch(
      /^6 other targets change as well: .* and 1 more$/,
    );
    expect(names({ affected: [other('web')] })).toEqual(['ask AffectsOthers']);
    expect(names({ affected: [] })).toEqual([]);
  });

  it('does not claim to know what it could not render', () => {
    expect(evidence({ affected: [other('web'), other('api', 'no such file')] })).toEqual([
      '1 other target changes as well: kustomization/flux-system/web; what changes for kustomization/flux-system/api is not known, for it does not render',
    ]);
  });

  it('advises what narrows this strategy, never the strategy itself', () => {
    const advice = (strategy: string) => detect({ affected: [other('web')], strategy })[0]?.advice;
    expect(advice('revert')).toContain('--strategy restore');
    expect(advice('restore')).not.toContain('--strategy restore');
    expect(advice('pin')).toBe('--scope target moves this target alone');
  });
});

describe('SecretsGoBack', () => {
  it('asks where a Secret gets older values, and not where it goes', () => {
    expect(evidence({ changes: [change('Secret', 'db', 'changed'), change('Secret', 'tls', 'added')] })).toEqual([
      'Secret/sample-saas-app/db, Secret/sample-saas-app/tls would go back to older values',
    ]);
    expect(names({ changes: [change('Secret', 'db', 'removed')] })).toEqual(['ask PrunesObjects']);
    expect(names({ changes: [change('ConfigMap', 'db', 'changed')] })).toEqual([]);
  });
});

describe('MovingTag', () => {
  const with_ = (image: string, touched = true): Situation => ({
    changes: touched ? [change('Deployment', 'api', 'changed', 'apps/v1')] : [],
    after: [deployment('api', image)],
  });

  it.each(['nginx', 'nginx:latest', 'registry:5000/api', 'registry:5000/team/api:latest', 'ghcr.io/team/api:main', 'api:stable'])(
    'asks about %s',
    (image) => {
      expect(names(with_(image))).toEqual(['ask MovingTag']);
      expect(evidence(with_(image))[0]).toContain(`${image}: the tag may no longer mean`);
    },
  );

  it.each([
    'nginx:1.27',
    'registry:5000/api:1.0',
    `nginx@sha256:${'0'.repeat(64)}`,
    `nginx:latest@sha256:${'0'.repeat(64)}`,
    'api:main-1a2b3c4',
  ])('does not about %s', (image) => {
    expect(names(with_(image))).toEqual([]);
  });

  it('does not about images of objects that the plan leaves alone', () => {
    expect(names(with_('nginx:latest', false))).toEqual([]);
  });
});

describe('LiveValues', () => {
  it('warns where values are read from the cluster, and names the objects, never the values', () => {
    const build = {
      postBuild: {
        substituteFrom: [
          { kind: 'ConfigMap', name: 'vars' },
          { kind: 'Secret', name: 'keys' },
        ],
      },
    };
    expect(evidence({ target: { build } as Partial<TargetState> })).toEqual(['values come live from ConfigMap/vars, Secret/keys']);
    expect(names({ target: { build: { postBuild: { substitute: { a: 'b' } } } } as Partial<TargetState> })).toEqual([]);
  });
});

describe('RunUnderWay', () => {
  it('warns how long Flux may still wait for the bad release', () => {
    expect(evidence({ runEndsInMs: 234_000 })).toEqual(['Flux still waits for the bad release to become healthy, for at most 3m54s more']);
    expect(names({ runEndsInMs: 500 })).toEqual([]);
    expect(names({})).toEqual([]);
  });
});

it('the gravest comes first, and each says what to do', () => {
  const refs: ObjectChange[] = [change('Namespace', 'x', 'removed'), change('Secret', 's', 'changed')];
  const hazards = detect({ changes: refs, to: record('unknown'), affected: [other('web')], runEndsInMs: 60_000 });
  expect(hazards.map(({ severity }) => severity)).toEqual(['block', 'ask', 'ask', 'warn', 'warn']);
  for (const hazard of hazards) expect(hazard.advice).not.toBe('');
});

it('a refusal can be read by whoever accepts it: a name is one word', () => {
  const everything: Situation = {
    changes: [change('Namespace', 'x', 'removed'), change('ConfigMap', 'y', 'removed'), change('Secret', 's', 'changed')],
    to: record('failed'),
    affected: [other('web')],
    target: { suspended: true },
    runEndsInMs: 60_000,
  };
  const found: { name: string; object?: ObjectRef }[] = detect(everything);
  expect(found.length).toBeGreaterThan(5);
  for (const { name } of found) expect(name).toMatch(/^[A-Z][A-Za-z]+$/);
});

describe('a dependency that is not ready', () => {
  const infrastructure = { kind: 'Kustomization' as const, namespace: 'flux-system', name: 'infrastructure' };
  const blocker = { target: infrastructure, path: [infrastructure], final: true, reason: 'BuildFailed', message: 'no such file' };

  it('blocks: Flux would not apply what Git goes back to', () => {
    const [hazard] = detect({ target: { blocker } });
    expect(hazard).toMatchObject({ severity: 'block', name: 'DependencyNotReady' });
    expect(hazard?.evidence).toBe(
      'kustomization/flux-system/sample-app waits for kustomization/flux-system/infrastructure: BuildFailed: no such file',
    );
    expect(hazard?.advice).toContain('ebb rollback kustomization/flux-system/infrastructure first');
  });

  it('that is suspended is resumed, not rolled back', () => {
    expect(detect({ target: { blocker: { ...blocker, reason: 'Suspended' } } })[0]?.advice).toContain(
      'ebb resume kustomization/flux-system/infrastructure first',
    );
  });

  it('is only told where the same commit changes it too', () => {
    expect(names({ target: { blocker }, affected: [other('infrastructure')] })).toContain('warn DependencyNotReady');
  });

  it('is no hazard as long as it may get ready by itself', () => {
    expect(names({ target: { blocker: { ...blocker, final: false } } })).toEqual([]);
  });
});
