import { beforeEach, describe, expect, it } from 'vitest';
import { ApiStatusError } from '../../cluster.ts';
import { conflictError, serverSideApply, trackUpdate } from './managed.ts';
import { builtinSchema } from './schema.ts';
import type { Schema } from './structure.ts';
import { webDeployment, widget, widgetSchema } from './testing/objects.ts';
import { Shelf } from './testing/shelf.ts';

const deployment = builtinSchema({ apiVersion: 'apps/v1', kind: 'Deployment' }) as Schema;
const configMap = builtinSchema({ apiVersion: 'v1', kind: 'ConfigMap' }) as Schema;

/** What kube-apiserver 1.36 wrote for the same Deployment created by the same manager. */
const CREATED = {
  'f:metadata': { 'f:labels': { '.': {}, 'f:team': {} } },
  'f:spec': {
    'f:progressDeadlineSeconds': {},
    'f:replicas': {},
    'f:revisionHistoryLimit': {},
    'f:selector': {},
    'f:strategy': { 'f:rollingUpdate': { '.': {}, 'f:maxSurge': {}, 'f:maxUnavailable': {} }, 'f:type': {} },
    'f:template': {
      'f:metadata': { 'f:labels': { '.': {}, 'f:app': {} } },
      'f:spec': {
        'f:containers': {
          'k:{"name":"api"}': {
            '.': {},
            'f:env': { '.': {}, 'k:{"name":"LOG"}': { '.': {}, 'f:name': {}, 'f:value': {} } },
            'f:image': {},
            'f:imagePullPolicy': {},
            'f:name': {},
            'f:ports': { '.': {}, 'k:{"containerPort":8080,"protocol":"TCP"}': { '.': {}, 'f:containerPort': {}, 'f:protocol': {} } },
            'f:resources': {},
            'f:terminationMessagePath': {},
            'f:terminationMessagePolicy': {},
          },
        },
        'f:dnsPolicy': {},
        'f:restartPolicy': {},
        'f:schedulerName': {},
        'f:securityContext': {},
        'f:terminationGracePeriodSeconds': {},
      },
    },
  },
};

/** … and for the same Deployment applied. */
const APPLIED = {
  'f:metadata': { 'f:labels': { 'f:team': {} } },
  'f:spec': {
    'f:replicas': {},
    'f:selector': {},
    'f:template': {
      'f:metadata': { 'f:labels': { 'f:app': {} } },
      'f:spec': {
        'f:containers': {
          'k:{"name":"api"}': {
            '.': {},
            'f:env': { 'k:{"name":"LOG"}': { '.': {}, 'f:name': {}, 'f:value': {} } },
            'f:image': {},
            'f:name': {},
            'f:ports': { 'k:{"containerPort":8080,"protocol":"TCP"}': { '.': {}, 'f:containerPort': {} } },
          },
        },
      },
    },
  },
};

const IMAGE = '.spec.template.spec.containers[name="api"].image';
const FLUX = { manager: 'kustomize-controller' };

describe('a Deployment that several managers write', () => {
  let shelf: Shelf;

  beforeEach(() => {
    shelf = new Shelf(deployment);
    shelf.create(webDeployment({ tag: '1.0', replicas: 2 }), { manager: 'kubectl-client-side-apply' });
  });

  const scale = () => shelf.patch('merge', { spec: { replicas: 4 } }, { manager: 'kubectl', subresource: 'scale' });
  const setImage = (tag: string) => {
    const containers = [{ name: 'api', image: `registry.example.com/api:${tag}` }];
    const spec = { '$setElementOrder/containers': [{ name: 'api' }], containers };
    shelf.patch('strategic', { spec: { template: { spec } } }, { manager: 'kubectl-set' });
  };

  it('gives its creator what was set and what was defaulted', () => {
    expect(shelf.entries).toEqual([
      {
        manager: 'kubectl-client-side-apply',
        operation: 'Update',
        apiVersion: 'apps/v1',
        time: '2026-01-01T00:00:00Z',
        fieldsType: 'FieldsV1',
        fieldsV1: CREATED,
      },
    ]);
  });

  it('gives replicas to kubectl scale, under the subresource and without a time', () => {
    scale();
    expect(shelf.entries[0]).toEqual({
      manager: 'kubectl',
      operation: 'Update',
      apiVersion: 'apps/v1',
      fieldsType: 'FieldsV1',
      fieldsV1: { 'f:spec': { 'f:replicas': {} } },
      subresource: 'scale',
    });
    expect(shelf.owned('kubectl-client-side-apply')).not.toHaveProperty(['f:spec', 'f:replicas']);
  });

  it('refuses an apply that would change fields of others, and names both', () => {
    scale();
    const before = shelf.stored;
    expect(shelf.apply(webDeployment({ tag: '2.0', replicas: 3 }), FLUX)).toEqual([
      'kubectl: .spec.replicas',
      `kubectl-client-side-apply: ${IMAGE}`,
    ]);
    expect(shelf.stored).toBe(before);
  });

  it("words conflicts the API server's way", () => {
    scale();
    const applied = webDeployment({ tag: '2.0', replicas: 3 });
    const result = serverSideApply({
      schema: deployment,
      live: shelf.object,
      applied,
      manager: 'kustomize-controller',
      force: false,
      now: '2026-01-01T00:00:00Z',
    });
    if (result.kind !== 'conflict') throw new Error('no conflict');
    const { status } = conflictError(result.conflicts);
    expect(status.message).toBe(
      [
        'Apply failed with 2 conflicts: conflicts with "kubectl" with subresource "scale" using apps/v1:',
        '- .spec.replicas',
        'conflicts with "kubectl-client-side-apply" using apps/v1:',
        `- ${IMAGE}`,
      ].join('\n'),
    );
    expect(status).toMatchObject({ code: 409, reason: 'Conflict' });
    expect(status.details?.causes).toContainEqual({
      reason: 'FieldManagerConflict',
      message: 'conflict with "kubectl-client-side-apply" using apps/v1',
      field: IMAGE,
    });
  });

  it('takes ownership with force: the others lose exactly what changed', () => {
    scale();
    expect(shelf.apply(webDeployment({ tag: '2.0', replicas: 3 }), { ...FLUX, force: true })).toEqual([]);
    expect(shelf.stored.spec).toMatchObject({ replicas: 3 });
    expect(shelf.owned('kustomize-controller')).toEqual(APPLIED);
    expect(shelf.owned('kubectl/scale')).toBeUndefined();
    const creator = structuredClone(CREATED);
    delete (creator['f:spec'] as Record<string, unknown>)['f:replicas'];
    delete (creator['f:spec']['f:template']['f:spec']['f:containers']['k:{"name":"api"}'] as Record<string, unknown>)['f:image'];
    expect(shelf.owned('kubectl-client-side-apply')).toEqual(creator);
  });

  it('keeps an undeclared field of another manager through every apply, and takes it away from nobody', () => {
    shelf.apply(webDeployment({ tag: '1.0', replicas: 2 }), { ...FLUX, force: true });
    shelf.patch('merge', { spec: { paused: true } }, { manager: 'ebb' });
    expect(shelf.owned('ebb')).toEqual({ 'f:spec': { 'f:paused': {} } });
    shelf.apply(webDeployment({ tag: '2.0', replicas: 2 }), { ...FLUX, force: true });
    expect(shelf.stored.spec).toMatchObject({ paused: true });
    expect(shelf.owned('ebb')).toEqual({ 'f:spec': { 'f:paused': {} } });
  });

  it('gives the restart annotation to kubectl rollout restart and the image to kubectl set image', () => {
    shelf.apply(webDeployment({ tag: '2.0', replicas: 2 }), { ...FLUX, force: true });
    const restartedAt = { 'kubectl.kubernetes.io/restartedAt': '2026-01-01T00:00:00Z' };
    shelf.patch('strategic', { spec: { template: { metadata: { annotations: restartedAt } } } }, { manager: 'kubectl-rollout' });
    setImage('3.0');
    expect(shelf.owned('kubectl-rollout')).toEqual({
      'f:spec': { 'f:template': { 'f:metadata': { 'f:annotations': { '.': {}, 'f:kubectl.kubernetes.io/restartedAt': {} } } } },
    });
    expect(shelf.owned('kubectl-set')).toEqual({
      'f:spec': { 'f:template': { 'f:spec': { 'f:containers': { 'k:{"name":"api"}': { 'f:image': {} } } } } },
    });
    expect(shelf.owned('kustomize-controller')).not.toHaveProperty([
      'f:spec',
      'f:template',
      'f:spec',
      'f:containers',
      'k:{"name":"api"}',
      'f:image',
    ]);
    expect(shelf.apply(webDeployment({ tag: '2.0', replicas: 2 }), FLUX)).toEqual([`kubectl-set: ${IMAGE}`]);
  });

  it('keeps what only its creator still owns when an applier stops applying it', () => {
    shelf.apply(webDeployment({ tag: '2.0', replicas: 2 }), { ...FLUX, force: true });
    const { labels: _, ...metadata } = webDeployment({ tag: '2.0', replicas: 2 }).metadata;
    shelf.apply({ ...webDeployment({ tag: '2.0', replicas: 2 }), metadata }, FLUX);
    expect(shelf.stored.metadata.labels).toEqual({ team: 'shop' });
    expect(shelf.owned('kustomize-controller')).not.toHaveProperty('f:metadata');
  });

  it('shares fields between appliers of the same value, and removes a container when its last owner lets go', () => {
    shelf.apply(webDeployment({ tag: '1.0', replicas: 2 }), FLUX);
    const withContainers = (containers: unknown[]) => ({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web', namespace: 'default' },
      ...(containers.length > 0 && { spec: { template: { spec: { containers } } } }),
    });
    const api = { name: 'api', image: 'registry.example.com/api:1.0' };
    const side = { name: 'side', image: 'x:1' };
    const names = () =>
      (shelf.stored.spec as { template: { spec: { containers: { name: string }[] } } }).template.spec.containers.map(({ name }) => name);
    expect(shelf.apply(withContainers([api, side]), { manager: 'other' })).toEqual([]);
    expect(names()).toEqual(['api', 'side']);
    shelf.apply(withContainers([side]), { manager: 'other' });
    expect(names()).toEqual(['api', 'side']);
    shelf.apply(withContainers([]), { manager: 'other' });
    expect(names()).toEqual(['api']);
    expect(shelf.owned('other')).toBeUndefined();
  });

  it('tracks the status under its subresource, and not through the object', () => {
    const condition = { type: 'Available', status: 'True', reason: 'R', message: 'm' };
    shelf.patch(
      'strategic',
      { status: { replicas: 3, conditions: [condition] } },
      { manager: 'kube-controller-manager', subresource: 'status' },
    );
    expect(shelf.owned('kube-controller-manager/status')).toEqual({
      'f:status': {
        'f:conditions': {
          '.': {},
          'k:{"type":"Available"}': { '.': {}, 'f:message': {}, 'f:reason': {}, 'f:status': {}, 'f:type': {} },
        },
        'f:replicas': {},
      },
    });
    shelf.patch('merge', { status: { replicas: 9 } }, { manager: 'stray' });
    expect(shelf.owned('stray')).toBeUndefined();
  });

  it('leaves the object as it is, times included, where an apply or a patch changes nothing', () => {
    shelf.apply(webDeployment({ tag: '2.0', replicas: 2 }), { ...FLUX, force: true });
    const before = shelf.stored;
    shelf.apply(webDeployment({ tag: '2.0', replicas: 2 }), { ...FLUX, now: '2026-02-02T00:00:00Z' });
    expect(shelf.stored).toBe(before);
    shelf.patch('merge', { spec: { replicas: 2 } }, { manager: 'kustomize-controller', now: '2026-02-02T00:00:00Z' });
    expect(shelf.stored).toBe(before);
  });

  it('writes a new time only for who changed something', () => {
    shelf.patch('merge', { spec: { paused: true } }, { manager: 'ebb', now: '2026-02-02T00:00:00Z' });
    expect(shelf.entries.map(({ manager, time }) => [manager, time])).toEqual([
      ['kubectl-client-side-apply', '2026-01-01T00:00:00Z'],
      ['ebb', '2026-02-02T00:00:00Z'],
    ]);
  });

  it('lets kubectl apply --server-side take over what its client-side apply wrote', () => {
    const lastApplied = JSON.stringify(webDeployment({ tag: '1.0', replicas: 2 }));
    const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': lastApplied };
    shelf.patch('merge', { metadata: { annotations } }, { manager: 'kubectl-client-side-apply' });
    expect(shelf.apply(webDeployment({ tag: '2.0', replicas: 2 }), { manager: 'kubectl' })).toEqual([]);
    expect(shelf.stored.metadata.annotations?.['kubectl.kubernetes.io/last-applied-configuration']).toContain('api:2.0');
  });

  it('keeps at most ten updaters apart', () => {
    for (let index = 0; index < 12; index += 1) {
      const now = `2026-01-01T00:00:${String(index + 10)}Z`;
      shelf.patch('merge', { metadata: { annotations: { [`a${index}`]: '1' } } }, { manager: `m${index}`, now });
    }
    const managers = shelf.entries.map(({ manager }) => manager);
    expect(managers).toHaveLength(10);
    expect(managers).toContain('ancient-changes');
    expect(shelf.owned('ancient-changes')).toMatchObject({ 'f:metadata': { 'f:annotations': { 'f:a0': {}, 'f:a1': {} } } });
  });
});

describe('managedFields in a request', () => {
  const map = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'm' }, data: { a: '1' } };

  it('are reset by an empty list or an empty entry, after which nobody is tracked until the next apply', () => {
    for (const managedFields of [[], [{}]]) {
      const shelf = new Shelf(configMap);
      shelf.create(map, { manager: 'a' });
      shelf.patch('merge', { metadata: { managedFields } }, { manager: 'b' });
      expect(shelf.stored.metadata.managedFields).toBeUndefined();
      shelf.patch('merge', { data: { b: '2' } }, { manager: 'b' });
      expect(shelf.stored.metadata.managedFields).toBeUndefined();
      shelf.apply({ ...map, data: { a: '1' } }, { manager: 'c' });
      expect(shelf.entries.map(({ manager, operation }) => [manager, operation])).toEqual([
        ['c', 'Apply'],
        ['before-first-apply', 'Update'],
      ]);
    }
  });

  it('are not reset by an empty list on a custom kind', () => {
    const shelf = new Shelf(widgetSchema);
    shelf.create(widget({ interval: '1m', prune: true }), { manager: 'a' });
    shelf.patch('merge', { metadata: { managedFields: [] } }, { manager: 'b' });
    expect(shelf.entries.map(({ manager }) => manager)).toEqual(['a']);
  });

  it('may be written directly, as kubectl does when it moves to server-side apply', () => {
    const shelf = new Shelf(configMap);
    shelf.create(map, { manager: 'kubectl-client-side-apply' });
    const managedFields = [{ ...shelf.entries[0], manager: 'kubectl', operation: 'Apply' }];
    shelf.patch('json', [{ op: 'replace', path: '/metadata/managedFields', value: managedFields }], { manager: 'kubectl' });
    expect(shelf.entries.map(({ manager, operation }) => [manager, operation])).toEqual([['kubectl', 'Apply']]);
  });

  it('are refused in an apply', () => {
    const applied = { ...map, metadata: { name: 'm', managedFields: [] } };
    const apply = () =>
      serverSideApply({ schema: configMap, live: undefined, applied, manager: 'a', force: false, now: '2026-01-01T00:00:00Z' });
    expect(apply).toThrow('metadata.managedFields must be nil');
  });
});

describe('an apply that does not fit its schema', () => {
  const failure = (spec: Record<string, unknown>) => {
    const applied = { ...widget({}), spec };
    try {
      serverSideApply({ schema: widgetSchema, live: undefined, applied, manager: 'a', force: false, now: '2026-01-01T00:00:00Z' });
    } catch (error) {
      if (error instanceof ApiStatusError) return error;
    }
    throw new Error('the apply was taken');
  };

  it('is refused with the path and what was expected', () => {
    expect(failure({ prune: 'yes', unknown: 1 }).message).toBe(
      [
        'failed to create typed patch object (default/w; example.com/v1, Kind=Widget): errors:',
        '  .spec.prune: expected boolean, got &{yes}',
        '  .spec.unknown: field not declared in schema',
      ].join('\n'),
    );
    expect(failure({ unknown: 1 }).code).toBe(500);
  });

  it('is refused where an item of a keyed list comes twice', () => {
    const rules = [{ name: 'r' }, { name: 'r' }];
    expect(failure({ rules }).message).toContain('.spec.rules: duplicate entries for key [name="r"]');
  });
});

describe('the sorts of fields of a custom kind', () => {
  it('are owned as values, items, entries or as a whole', () => {
    const shelf = new Shelf(widgetSchema);
    shelf.apply(
      widget({
        interval: '1m',
        prune: true,
        list: ['x'],
        tags: ['a', 'b<c'],
        rules: [{ name: 'r', value: '1' }],
        values: { image: { tag: '1' }, list: [1], none: {} },
        options: { o: '1' },
        pair: { left: 'l' },
        port: 80,
      }),
      FLUX,
    );
    expect(shelf.owned('kustomize-controller')).toEqual({
      'f:spec': {
        'f:interval': {},
        'f:list': {},
        'f:options': { 'f:o': {} },
        'f:pair': {},
        'f:port': {},
        'f:prune': {},
        'f:rules': { 'k:{"name":"r"}': { '.': {}, 'f:name': {}, 'f:value': {} } },
        'f:tags': { 'v:"a"': {}, 'v:"b\\u003cc"': {} },
        'f:values': { 'f:image': { '.': {}, 'f:tag': {} }, 'f:list': {}, 'f:none': {} },
      },
    });
  });

  it('let two managers hold different items of one list, each in its order', () => {
    const shelf = new Shelf(widgetSchema);
    const base = { interval: '1m', prune: true };
    shelf.apply(widget({ ...base, rules: [{ name: 'b' }, { name: 'a' }], tags: ['x'] }), { manager: 'one' });
    shelf.apply(widget({ rules: [{ name: 'c' }, { name: 'a' }], tags: ['y'] }), { manager: 'two' });
    expect(shelf.stored.spec).toMatchObject({ rules: [{ name: 'b' }, { name: 'c' }, { name: 'a' }], tags: ['x', 'y'] });
    shelf.apply(widget({ ...base }), { manager: 'one' });
    expect(shelf.stored.spec).toMatchObject({ rules: [{ name: 'c' }, { name: 'a' }], tags: ['y'] });
  });

  it('conflict on an atomic map as a whole', () => {
    const shelf = new Shelf(widgetSchema);
    shelf.apply(widget({ interval: '1m', prune: true, pair: { left: 'l' } }), { manager: 'one' });
    expect(shelf.apply(widget({ pair: { right: 'r' } }), { manager: 'two' })).toEqual(['one: .spec.pair']);
  });

  it('follow a value that changes its type', () => {
    const shelf = new Shelf(widgetSchema);
    const base = { interval: '1m', prune: true };
    shelf.create(widget({ ...base, values: { a: { b: 1 } } }), { manager: 'one' });
    shelf.patch('merge', { spec: { values: ['x'] } }, { manager: 'two' });
    expect(shelf.owned('one')).not.toHaveProperty(['f:spec', 'f:values']);
    expect(shelf.owned('two')).toEqual({ 'f:spec': { 'f:values': {} } });
  });
});

describe('trackUpdate', () => {
  it('calls a writer without a name unknown', () => {
    const after = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'm' }, data: { a: '1' } };
    const [entry] = trackUpdate({
      schema: configMap,
      before: undefined,
      after,
      manager: '',
      apiVersion: 'v1',
      now: '2026-01-01T00:00:00Z',
    });
    expect(entry).toMatchObject({ manager: 'unknown', fieldsV1: { 'f:data': { '.': {}, 'f:a': {} } } });
  });
});
