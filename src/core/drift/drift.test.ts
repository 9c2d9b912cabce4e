import { describe, expect, it } from 'vitest';
import type { KubeObject, ManagedFieldsEntry } from '../../api/kube.ts';
import { driftOf } from './drift.ts';

const DECLARED = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'api', namespace: 'shop', labels: { app: 'api' }, creationTimestamp: null },
  spec: {
    replicas: 2,
    template: {
      spec: {
        containers: [
          {
            name: 'app',
            image: 'registry.example.com/api:1.0.0',
            args: ['--quiet'],
            env: [{ name: 'MODE', value: 'blue' }],
            ports: [{ containerPort: 8080 }],
            resources: { limits: { cpu: '1000m' } },
          },
        ],
      },
    },
  },
} as unknown as KubeObject;

const APP = 'k:{"name":"app"}';
const MODE = 'k:{"name":"MODE"}';
const PORT = 'k:{"containerPort":8080,"protocol":"TCP"}';

/** What kustomize-controller owns after its apply, by the part of the container that is left to it. */
function flux(container: object = CONTAINER, spec: object = { 'f:replicas': {} }): ManagedFieldsEntry {
  return entry('kustomize-controller', 'Apply', '2026-01-01T00:00:00Z', {
    'f:metadata': { 'f:labels': { 'f:app': {} } },
    'f:spec': { ...spec, 'f:template': { 'f:spec': { 'f:containers': { [APP]: container } } } },
  });
}
const CONTAINER = {
  '.': {},
  'f:name': {},
  'f:image': {},
  'f:args': {},
  'f:env': { [MODE]: { '.': {}, 'f:name': {}, 'f:value': {} } },
  'f:ports': { [PORT]: { '.': {}, 'f:containerPort': {} } },
  'f:resources': { 'f:limits': { 'f:cpu': {} } },
};

function entry(
  manager: string,
  operation: 'Apply' | 'Update',
  time: string,
  fieldsV1: Record<string, unknown>,
  subresource?: string,
): ManagedFieldsEntry {
  return { manager, operation, apiVersion: 'apps/v1', time, fieldsType: 'FieldsV1', fieldsV1, ...(subresource ? { subresource } : {}) };
}

/** As the API server keeps it: defaults filled in, quantities in their shortest form. */
function live(
  change: (container: Record<string, unknown>, spec: Record<string, unknown>) => void,
  ...managedFields: ManagedFieldsEntry[]
): KubeObject {
  const object = structuredClone(DECLARED) as unknown as {
    metadata: Record<string, unknown>;
    spec: Record<string, unknown>;
    status: unknown;
  };
  const [container] = (object.spec as { template: { spec: { containers: Record<string, unknown>[] } } }).template.spec.containers;
  Object.assign(container as object, {
    resources: { limits: { cpu: '1' } },
    imagePullPolicy: 'IfNotPresent',
    ports: [{ containerPort: 8080, protocol: 'TCP' }],
  });
  Object.assign(object.spec, { progressDeadlineSeconds: 600 });
  change(container as Record<string, unknown>, object.spec);
  object.metadata = { ...object.metadata, creationTimestamp: '2026-01-01T00:00:00Z', uid: 'u', managedFields };
  object.status = { readyReplicas: 2 };
  return object as unknown as KubeObject;
}

describe('no drift', () => {
  it('is where all is as Flux applied it, whatever the API server made of it and added', () => {
    expect(
      driftOf(
        DECLARED,
        live(() => {}, flux()),
      ),
    ).toBeUndefined();
  });

  it('is where a revision has not been applied yet: the old value is still Flux’s', () => {
    const old = live((container) => Object.assign(container, { image: 'registry.example.com/api:0.9.0' }), flux());
    expect(driftOf(DECLARED, old)).toBeUndefined();
  });

  it('is in the status', () => {
    const status = entry('kubectl-edit', 'Update', '2026-01-02T00:00:00Z', { 'f:status': { 'f:readyReplicas': {} } }, 'status');
    expect(
      driftOf(
        DECLARED,
        live(() => {}, flux(), status),
      ),
    ).toBeUndefined();
  });
});

describe('drift', () => {
  it('is a declared value that somebody overwrote, with who did', () => {
    const scaled = entry('kubectl', 'Update', '2026-01-02T00:00:00Z', { 'f:spec': { 'f:replicas': {} } }, 'scale');
    const object = live((_, spec) => Object.assign(spec, { replicas: 5 }), flux(CONTAINER, {}), scaled);
    expect(driftOf(DECLARED, object)).toEqual({
      ref: { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'shop', name: 'api' },
      kind: 'changed',
      fields: [{ path: 'spec.replicas', from: 2, to: 5, by: { manager: 'kubectl', time: '2026-01-02T00:00:00Z' } }],
    });
  });

  it('is found in items of lists and in lists that are replaced whole, and names the last writer', () => {
    const { 'f:image': _image, 'f:args': _args, ...rest } = CONTAINER;
    const container = { [APP]: { 'f:image': {}, 'f:args': {} } };
    const set = (time: string, manager: string) =>
      entry(manager, 'Update', time, { 'f:spec': { 'f:template': { 'f:spec': { 'f:containers': container } } } });
    const object = live(
      (app) => Object.assign(app, { image: 'registry.example.com/api:hotfix', args: ['--debug'] }),
      flux(rest),
      set('2026-01-02T00:00:00Z', 'kubectl-set'),
      set('2026-01-03T00:00:00Z', 'node-fetch'),
    );
    expect(driftOf(DECLARED, object)?.fields.map(({ path, to, by }) => [path, to, by?.manager])).toEqual([
      ['spec.template.spec.containers[app].args[0]', '--debug', 'node-fetch'],
      ['spec.template.spec.containers[app].image', 'registry.example.com/api:hotfix', 'node-fetch'],
    ]);
  });

  it('is a field that was taken out, by nobody that is known', () => {
    const { 'f:env': _env, ...rest } = CONTAINER;
    const object = live((container) => Object.assign(container, { env: [] }), flux(rest));
    expect(driftOf(DECLARED, object)?.fields).toEqual([
      { path: 'spec.template.spec.containers[app].env[MODE]', from: { name: 'MODE', value: 'blue' }, to: undefined },
    ]);
  });

  it('is what kubectl added; what controllers added is theirs', () => {
    const env = { 'k:{"name":"EXTRA"}': { '.': {}, 'f:name': {}, 'f:value': {} } };
    const edit = entry('kubectl-edit', 'Update', '2026-01-02T00:00:00Z', {
      'f:spec': { 'f:template': { 'f:spec': { 'f:containers': { [APP]: { 'f:env': env } } } } },
    });
    const controller = entry('kube-controller-manager', 'Update', '2026-01-02T00:00:00Z', {
      'f:spec': { 'f:progressDeadlineSeconds': {} },
    });
    const object = live(
      (container) =>
        Object.assign(container, {
          env: [
            { name: 'MODE', value: 'blue' },
            { name: 'EXTRA', value: '1' },
          ],
        }),
      flux(),
      edit,
      controller,
    );
    expect(driftOf(DECLARED, object)?.fields.map(({ path, from, to }) => [path, from, to])).toEqual([
      ['spec.template.spec.containers[app].env[EXTRA].name', undefined, 'EXTRA'],
      ['spec.template.spec.containers[app].env[EXTRA].value', undefined, '1'],
    ]);
  });

  it('is an object that is gone', () => {
    expect(driftOf(DECLARED, undefined)).toMatchObject({ kind: 'gone', ref: { name: 'api' } });
  });
});
