import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../../api/kube.ts';
import { ApiStatusError } from '../../cluster.ts';
import { mergePatch } from './merge-patch.ts';
import { applyPatch, type PatchRequest } from './patch.ts';
import { builtinSchema } from './schema.ts';
import type { Schema } from './structure.ts';
import { webDeployment, widget, widgetSchema } from './testing/objects.ts';

const deployment = builtinSchema({ apiVersion: 'apps/v1', kind: 'Deployment' }) as Schema;
const configMap = builtinSchema({ apiVersion: 'v1', kind: 'ConfigMap' }) as Schema;

function failure(request: PatchRequest): ApiStatusError {
  try {
    applyPatch(request);
  } catch (error) {
    if (error instanceof ApiStatusError) return error;
  }
  throw new Error('the patch was taken');
}

function podSpec(object: KubeObject): Record<string, unknown> {
  return (object.spec as { template: { spec: Record<string, unknown> } }).template.spec;
}

describe('a merge patch', () => {
  const target = { a: { b: 1, c: [1, 2] }, d: null };

  it.each([
    [{ a: { b: null } }, { a: { c: [1, 2] }, d: null }],
    [{ a: { c: [3] } }, { a: { b: 1, c: [3] }, d: null }],
    [
      { a: 'x', e: { f: null, g: 1 } },
      { a: 'x', d: null, e: { g: 1 } },
    ],
    [{}, target],
  ])('%j follows RFC 7386', (patch, expected) => {
    expect(mergePatch(target, patch)).toEqual(expected);
  });

  it('that is no object is refused with 400', () => {
    const { code, message } = failure({ schema: configMap, type: 'merge', current: widget({}), patch: [] });
    expect([code, message]).toEqual([
      400,
      'error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}',
    ]);
  });

  const json = fc.jsonValue({ maxDepth: 3 });
  const object = fc.dictionary(fc.string(), json);

  it('is idempotent, leaves its input alone, and the empty one changes nothing', () => {
    fc.assert(
      fc.property(object, object, (from, patch) => {
        const before = structuredClone(from);
        const once = mergePatch(from, patch);
        expect(mergePatch(once, patch)).toEqual(once);
        expect(mergePatch(from, {})).toEqual(before);
        expect(from).toEqual(before);
      }),
    );
  });

  it('puts any object without nulls in the place of another of the same fields', () => {
    const plain = fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.integer(), fc.array(fc.string())));
    fc.assert(
      fc.property(plain, plain, (from, to) => {
        const removals = Object.fromEntries(Object.keys(from).map((key) => [key, null]));
        expect(mergePatch(mergePatch(from, removals), to)).toEqual(to);
      }),
    );
  });
});

describe('a JSON patch', () => {
  const current = widget({ interval: '1m', prune: true, list: ['a'] });
  const patched = (...patch: unknown[]) => applyPatch({ schema: widgetSchema, type: 'json', current, patch }).spec;

  it.each([
    [{ op: 'add', path: '/spec/mode', value: 'b' }, { mode: 'b' }],
    [{ op: 'add', path: '/spec/list/-', value: 'z' }, { list: ['a', 'z'] }],
    [{ op: 'add', path: '/spec/list/0', value: 'z' }, { list: ['z', 'a'] }],
    [{ op: 'add', path: '/spec/list/-1', value: 'z' }, { list: ['a', 'z'] }],
    [{ op: 'replace', path: '/spec/list/-1', value: 'z' }, { list: ['z'] }],
    [{ op: 'replace', path: '/spec/nope', value: 1 }, { nope: 1 }],
    [{ op: 'copy', from: '/spec/interval', path: '/spec/a~1b' }, { 'a/b': '1m' }],
    [{ op: 'copy', from: '/spec/nope', path: '/spec/x' }, { x: null }],
    [{ op: 'test', path: '/spec/nope', value: null }, {}],
    [{ op: 'test', path: '/spec/list', value: ['a'] }, {}],
  ])('%j gives what kube-apiserver gives', (operation, expected) => {
    expect(patched(operation)).toMatchObject(expected);
  });

  it('moves and removes', () => {
    expect(patched({ op: 'move', from: '/spec/interval', path: '/spec/note' }, { op: 'remove', path: '/spec/list/0' })).toEqual({
      prune: true,
      list: [],
      note: '1m',
    });
  });

  it.each([
    { op: 'test', path: '/spec/interval', value: '2m' },
    { op: 'test', path: '/spec/prune', value: null },
    { op: 'test', path: '/spec/list/3', value: 'z' },
    { op: 'remove', path: '/spec/nope' },
    { op: 'remove', path: '/spec/list/7' },
    { op: 'add', path: '/spec/nope/x', value: 1 },
    { op: 'add', path: '/spec/list/7', value: 'z' },
    { op: 'add', path: '/spec/list/abc', value: 'z' },
    { op: 'add', path: '/spec/interval/x', value: 'z' },
    { op: 'add', path: 'spec', value: 'z' },
    { op: 'replace', path: '/spec/list/3', value: 'z' },
    { op: 'move', from: '/spec/nope', path: '/spec/x' },
    { op: 'frob', path: '/spec/x' },
    { path: '/spec/x' },
  ])('%j does not apply: 422', (operation) => {
    const { code, reason, message } = failure({ schema: widgetSchema, type: 'json', current, patch: [operation] });
    expect([code, reason, message]).toEqual([422, 'Invalid', 'the server rejected our request due to an error in our request']);
  });

  it('applies all of its operations or none', () => {
    const patch = [
      { op: 'add', path: '/spec/mode', value: 'b' },
      { op: 'remove', path: '/spec/nope' },
    ];
    failure({ schema: widgetSchema, type: 'json', current, patch });
    expect(current.spec).not.toHaveProperty('mode');
  });

  it('that is no list is refused with 400, and a result that is no object with 422', () => {
    expect(failure({ schema: widgetSchema, type: 'json', current, patch: { a: 1 } }).code).toBe(400);
    expect(failure({ schema: widgetSchema, type: 'json', current, patch: [{ op: 'replace', path: '', value: [] }] }).code).toBe(422);
  });

  it('is undone by its inverse', () => {
    const key = fc.constantFrom('a', 'b', '~', '/', 'é');
    const pointer = (name: string) => `/spec/values/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    fc.assert(
      fc.property(fc.dictionary(key, fc.jsonValue()), key, fc.jsonValue(), (values, name, value) => {
        const before = widget({ values });
        const apply = (from: KubeObject, ...patch: unknown[]) => applyPatch({ schema: widgetSchema, type: 'json', current: from, patch });
        const added = apply(before, { op: 'add', path: pointer(name), value });
        apply(added, { op: 'test', path: pointer(name), value: JSON.parse(JSON.stringify(value)) });
        const inverse = Object.hasOwn(values, name)
          ? { op: 'replace', path: pointer(name), value: values[name] }
          : { op: 'remove', path: pointer(name) };
        expect(apply(added, inverse)).toEqual(before);
      }),
    );
  });
});

describe('a strategic merge patch', () => {
  const current = webDeployment({ tag: '1.0', replicas: 2 });
  const patched = (patch: Record<string, unknown>, from = current) =>
    applyPatch({ schema: deployment, type: 'strategic', current: from, patch });
  const ofPod = (spec: Record<string, unknown>, from = current) => podSpec(patched({ spec: { template: { spec } } }, from));
  const api = (podSpecification: Record<string, unknown>) =>
    (podSpecification.containers as Record<string, unknown>[]).find(({ name }) => name === 'api');

  it('merges containers and their environment by name (kubectl set image, kubectl set env)', () => {
    const spec = ofPod({ containers: [{ name: 'api', image: 'api:2', env: [{ name: 'B', value: '1' }] }] });
    expect(spec.containers).toEqual([
      {
        name: 'api',
        image: 'api:2',
        env: [
          { name: 'B', value: '1' },
          { name: 'LOG', value: 'info' },
        ],
        ports: [{ containerPort: 8080 }],
      },
    ]);
  });

  it('deletes an item with $patch: delete and replaces a list with $patch: replace', () => {
    expect(api(ofPod({ containers: [{ name: 'api', env: [{ name: 'LOG', $patch: 'delete' }] }] }))).toMatchObject({ env: [] });
    expect(api(ofPod({ containers: [{ name: 'api', env: [{ $patch: 'replace' }, { name: 'X', value: '1' }] }] }))).toMatchObject({
      env: [{ name: 'X', value: '1' }],
    });
  });

  it('replaces or empties a map with $patch', () => {
    expect(patched({ metadata: { labels: { $patch: 'replace', only: 'this' } } }).metadata.labels).toEqual({ only: 'this' });
    expect(patched({ metadata: { labels: { $patch: 'delete' } } }).metadata.labels).toEqual({});
  });

  it('adds to a set of scalars and takes out of it', () => {
    const from = { ...current, metadata: { ...current.metadata, finalizers: ['ex.com/a', 'ex.com/b'] } };
    const finalizers = (metadata: Record<string, unknown>) => patched({ metadata }, from).metadata.finalizers;
    expect(finalizers({ finalizers: ['ex.com/c'] })).toEqual(expect.arrayContaining(['ex.com/a', 'ex.com/b', 'ex.com/c']));
    expect(finalizers({ '$deleteFromPrimitiveList/finalizers': ['ex.com/a'] })).toEqual(['ex.com/b']);
  });

  it('puts a list in the order asked for, with items it does not name where they were', () => {
    const names = (spec: Record<string, unknown>) => (spec.containers as { name: string }[]).map(({ name }) => name);
    const three = ofPod({ containers: ['side', 'last'].map((name) => ({ name, image: 'x' })) });
    const from = {
      ...current,
      spec: { ...(current.spec as object), template: { spec: { containers: ['api', 'side', 'last'].map((name) => ({ name })) } } },
    };
    expect(names(three)).toEqual(['side', 'last', 'api']);
    expect(names(ofPod({ '$setElementOrder/containers': [{ name: 'last' }, { name: 'api' }] }, from))).toEqual(['side', 'last', 'api']);
    expect(
      names(
        ofPod({ '$setElementOrder/containers': [{ name: 'side' }, { name: 'last' }], containers: [{ name: 'side', image: 'y' }] }, from),
      ),
    ).toEqual(['api', 'side', 'last']);
  });

  it('keeps only what $retainKeys names (kubectl apply of another strategy)', () => {
    const rolling = patched({ spec: { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } } } });
    const recreate = patched({ spec: { strategy: { $retainKeys: ['type'], type: 'Recreate' } } }, rolling);
    expect((recreate.spec as Record<string, unknown>).strategy).toEqual({ type: 'Recreate' });
  });

  it('sets a restart annotation and removes a field by null', () => {
    const restarted = patched({ spec: { replicas: null, template: { metadata: { annotations: { at: 'now' } } } } });
    expect(restarted.spec).not.toHaveProperty('replicas');
    expect(restarted.spec).toMatchObject({ template: { metadata: { annotations: { at: 'now' }, labels: { app: 'web' } } } });
  });

  it('replaces lists that have no merge key', () => {
    const from = patched({ spec: { template: { spec: { tolerations: [{ key: 'a', operator: 'Exists' }] } } } });
    expect(ofPod({ tolerations: [{ key: 'b', operator: 'Exists' }] }, from).tolerations).toEqual([{ key: 'b', operator: 'Exists' }]);
  });

  it.each([
    [{ metadata: { labels: { $patch: 'frob' } } }, 'unknown patch type: frob'],
    [{ spec: { template: { spec: { containers: [{ image: 'x' }] } } } }, 'does not contain declared merge key: name'],
    [{ spec: { strategy: { $retainKeys: ['type'], rollingUpdate: {} } } }, 'invalid patch format of retainKeys'],
    [
      { spec: { template: { spec: { '$setElementOrder/containers': [{ name: 'b' }], containers: [{ name: 'api' }] } } } },
      "doesn't match $setElementOrder",
    ],
  ])('%j contradicts itself: 500', (patch, message) => {
    const error = failure({
      schema: deployment,
      type: 'strategic',
      current: patched({ spec: { strategy: { type: 'RollingUpdate' } } }),
      patch,
    });
    expect(error.code).toBe(500);
    expect(error.message).toContain(message);
  });

  it('is refused for custom kinds with 415', () => {
    const { code, reason, message } = failure({ schema: widgetSchema, type: 'strategic', current: widget({}), patch: {} });
    expect([code, reason]).toEqual([415, 'UnsupportedMediaType']);
    expect(message).toContain('application/merge-patch+json');
  });

  it('leaves the current object alone', () => {
    const before = structuredClone(current);
    patched({ spec: { replicas: 9, template: { spec: { containers: [{ name: 'api', $patch: 'delete' }] } } } });
    expect(current).toEqual(before);
  });
});
