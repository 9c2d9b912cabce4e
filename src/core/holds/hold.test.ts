import { describe, expect, it } from 'vitest';
import type { KubeObject, ManagedFieldsEntry } from '../../api/kube.ts';
import { foreignPinOf, type Hold, holdAnnotations, holdOf, isExpired, noHoldAnnotations } from './hold.ts';

const COMMIT = 'a'.repeat(40);
const SINCE = '2026-01-01T00:00:00Z';
const UNTIL = '2026-01-01T02:00:00Z';

const RECORD = {
  'ebb.dev/held-by': 'Ann <ann@example.com>',
  'ebb.dev/hold-reason': 'it crashes',
  'ebb.dev/held-since': SINCE,
  'ebb.dev/hold-until': UNTIL,
};
const HELD = { by: 'Ann <ann@example.com>', reason: 'it crashes', since: SINCE, until: UNTIL };

function owner(manager: string, time: string | undefined, fields: object = { 'f:spec': { 'f:suspend': {} } }): ManagedFieldsEntry {
  return {
    manager,
    operation: 'Update',
    apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
    ...(time === undefined ? {} : { time }),
    fieldsType: 'FieldsV1',
    fieldsV1: fields as Record<string, unknown>,
  };
}

function object(spec: object, annotations: Record<string, string> = {}, managedFields?: ManagedFieldsEntry[]): KubeObject {
  const metadata = { name: 'sample-app', namespace: 'flux-system', annotations, ...(managedFields ? { managedFields } : {}) };
  return { apiVersion: 'kustomize.toolkit.fluxcd.io/v1', kind: 'Kustomization', metadata, spec };
}

describe('a target that follows Git', () => {
  it.each<[string, KubeObject]>([
    ['without a word about suspending', object({})],
    ['that says suspend: false', object({ suspend: false })],
    ['on which a record was left behind', object({}, RECORD)],
    ['without annotations and spec', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' } }],
  ])('%s', (_, given) => {
    expect(holdOf(given)).toBeUndefined();
  });
});

describe('a suspended target', () => {
  it('says who suspended it with Ebb, why, since and until when', () => {
    expect(holdOf(object({ suspend: true }, RECORD, [owner('ebb', SINCE)]))).toEqual({ kind: 'suspend', ...HELD });
  });

  it('says so where the server gives no managed fields', () => {
    expect(holdOf(object({ suspend: true }, RECORD))).toEqual({ kind: 'suspend', ...HELD });
  });

  it('that nobody left a name on tells the tool that did it, and when', () => {
    expect(holdOf(object({ suspend: true }, {}, [owner('flux', SINCE)]))).toEqual({ kind: 'suspend', manager: 'flux', since: SINCE });
    expect(holdOf(object({ suspend: true }, {}, [owner('kubectl-patch', undefined)]))).toEqual({
      kind: 'suspend',
      manager: 'kubectl-patch',
    });
    expect(holdOf(object({ suspend: true }))).toEqual({ kind: 'suspend' });
  });

  it('names the newest of several, and none that owns other fields alone', () => {
    const entries = [
      owner('kustomize-controller', '2026-01-05T00:00:00Z', { 'f:spec': { 'f:interval': {} } }),
      owner('flux', '2026-01-02T00:00:00Z'),
      owner('argocd', '2026-01-03T00:00:00Z'),
      owner('other', '2026-01-06T00:00:00Z', { 'f:status': {} }),
    ];
    expect(holdOf(object({ suspend: true }, {}, entries))?.manager).toBe('argocd');
    expect(
      entries.map((entry) => entry.manager),
      'the object is left alone',
    ).toEqual(['kustomize-controller', 'flux', 'argocd', 'other']);
  });

  it('by somebody else is not held in the name, nor until the time, of an earlier hold whose record was left behind', () => {
    expect(holdOf(object({ suspend: true }, RECORD, [owner('flux', '2026-02-01T00:00:00Z')]))).toEqual({
      kind: 'suspend',
      manager: 'flux',
      since: '2026-02-01T00:00:00Z',
    });
  });

  it('by Ebb stays so where another manager owns the field as well', () => {
    expect(holdOf(object({ suspend: true }, RECORD, [owner('ebb', SINCE), owner('kustomize-controller', UNTIL)]))).toMatchObject(HELD);
  });
});

describe('a pinned target', () => {
  const pinned = { ...RECORD, 'ebb.dev/pinned-commit': COMMIT };

  it('says to which commit, who, why and until when', () => {
    expect(holdOf(object({}, pinned))).toEqual({ kind: 'pin', commit: COMMIT, ...HELD });
  });

  it('that Ebb suspended too is suspended, and keeps its commit', () => {
    expect(holdOf(object({ suspend: true }, pinned, [owner('ebb', SINCE)]))).toEqual({ kind: 'suspend', commit: COMMIT, ...HELD });
  });

  it('that somebody else suspended is not resumed when the pin runs out', () => {
    const hold = holdOf(object({ suspend: true }, pinned, [owner('flux', SINCE)]));
    expect(hold).toEqual({ kind: 'suspend', manager: 'flux', since: SINCE, commit: COMMIT });
    expect(isExpired(hold as Hold, new Date('2027-01-01'))).toBe(false);
  });
});

describe('the end of a hold', () => {
  const expired = (until: string | undefined, now: string) =>
    isExpired({ kind: 'pin', ...(until === undefined ? {} : { until }) }, new Date(now));

  it('comes at its time, to the millisecond, in any time zone', () => {
    expect(expired(UNTIL, '2026-01-01T01:59:59.999Z')).toBe(false);
    expect(expired(UNTIL, '2026-01-01T02:00:00.000Z')).toBe(true);
    expect(expired('2026-01-01T04:00:00+02:00', '2026-01-01T02:00:00Z')).toBe(true);
  });

  it('does not come where there is none, or none that can be read', () => {
    expect(expired(undefined, '2999-01-01T00:00:00Z')).toBe(false);
    expect(expired('tomorrow', '2999-01-01T00:00:00Z')).toBe(false);
  });
});

describe('the record of a hold', () => {
  it('is what holdOf reads', () => {
    const written = holdAnnotations({ ...HELD, commit: COMMIT }) as Record<string, string>;
    expect(holdOf(object({}, written))).toEqual({ kind: 'pin', commit: COMMIT, ...HELD });
  });

  it('takes away what an earlier hold said and this one does not', () => {
    expect(holdAnnotations({ by: 'Ann' })).toEqual({
      'ebb.dev/held-by': 'Ann',
      'ebb.dev/hold-reason': null,
      'ebb.dev/held-since': null,
      'ebb.dev/hold-until': null,
      'ebb.dev/pinned-commit': null,
    });
  });

  it('is taken away whole', () => {
    const keys = Object.keys(holdAnnotations({ ...HELD, commit: COMMIT }));
    expect(noHoldAnnotations()).toEqual(Object.fromEntries(keys.map((key) => [key, null])));
  });
});

describe('a source that others made stand still', () => {
  const owner = (manager: string, time: string, field: string): ManagedFieldsEntry => ({
    manager,
    operation: 'Update',
    apiVersion: 'source.toolkit.fluxcd.io/v1',
    time,
    fieldsType: 'FieldsV1',
    fieldsV1: { 'f:spec': { 'f:ref': { [field]: {} } } },
  });
  const pinned = (manager: string): KubeObject => ({
    apiVersion: 'source.toolkit.fluxcd.io/v1',
    kind: 'GitRepository',
    metadata: {
      name: 'flux-system',
      managedFields: [
        owner(manager, '2026-01-01T00:00:00Z', 'f:commit'),
        owner('kustomize-controller', '2026-01-02T00:00:00Z', 'f:branch'),
      ],
    },
    spec: { ref: { branch: 'main', commit: 'a'.repeat(40) } },
  });

  it('is told with the manager that did it', () => {
    expect(foreignPinOf(pinned('ann'))).toEqual({ kind: 'pin', commit: 'a'.repeat(40), manager: 'ann', since: '2026-01-01T00:00:00Z' });
  });

  it('is no hold where Git declares the commit, or where Ebb pinned it', () => {
    expect(foreignPinOf(pinned('kustomize-controller'))).toBeUndefined();
    const own = pinned('ebb');
    own.metadata.annotations = { 'ebb.dev/pinned-commit': 'a'.repeat(40) };
    expect(foreignPinOf(own)).toBeUndefined();
  });
});
