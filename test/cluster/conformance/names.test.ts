import { describe, expect, it } from 'vitest';
import type { KubeObject, ObjectMeta } from '../../../src/api/kube.ts';
import { renaming } from './names.ts';

const GOOD = '0123456789abcdef0123456789abcdef01234567';
const plain = renaming([], new Map([[GOOD, 'good']]));

describe('what is accidental gets a name', () => {
  it('names commits, in full and shortened', () => {
    expect(plain(`Applied revision: main@sha1:${GOOD}`)).toBe('Applied revision: main@sha1:<good>');
    expect(plain(`commit ${GOOD.slice(0, 8)}`)).toBe('commit <good…>');
  });

  it('takes out what was measured and keeps what was decided', () => {
    expect(plain('Reconciliation finished in 1m2.345s, next run in 10m0s')).toBe(
      'Reconciliation finished in <duration>, next run in 10m0s',
    );
    expect(plain('health check failed after 512.3ms: timeout waiting for: [Deployment/a/b]')).toBe(
      'health check failed after <duration>: timeout waiting for: [Deployment/a/b]',
    );
    expect(plain('retrying in 5s')).toBe('retrying in 5s');
  });

  it('puts what is waited for in order', () => {
    expect(plain("timeout waiting for: [Job/a/b status: 'X', ConfigMap/a/c status: 'X']")).toBe(
      "timeout waiting for: [ConfigMap/a/c status: 'X', Job/a/b status: 'X']",
    );
  });

  it('names addresses, times, uids, digests and folders', () => {
    expect(plain('http://127.0.0.1:4711/app.git')).toBe('http://<address>/app.git');
    expect(plain('10.244.0.7')).toBe('<ip>');
    expect(plain('2026-01-02T03:04:05Z')).toBe('<time>');
    expect(plain('6f1b1f7c-2a0e-4a5c-9a58-0123456789ab')).toBe('<uid>');
    expect(plain(`sha256:${'0'.repeat(64)}`)).toBe('<digest>');
    expect(plain("accumulating resources from '/var/folders/kustomization-12345/app/gone.yaml'")).toBe(
      "accumulating resources from 'app/gone.yaml'",
    );
  });
});

describe('what Kubernetes names by chance is numbered in the order of its first appearance', () => {
  const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', uid: 'u', controller: true };
  const set = (hash: string) =>
    object('ReplicaSet', { name: `web-${hash}`, labels: { 'pod-template-hash': hash }, ownerReferences: [deployment] });
  const pod = (name: string, stem: string) => object('Pod', { name, generateName: stem });
  const rename = renaming(
    [set('6d5fbc'), pod('web-6d5fbc-x7k2p', 'web-6d5fbc-'), set('85c9dd'), set('6d5fbc')].map((one, at) => ({
      object: one,
      gone: false,
      at,
    })),
    new Map(),
  );

  it('names ReplicaSets, their hashes and their pods', () => {
    expect(rename('Scaled up replica set web-6d5fbc from 0 to 1')).toBe('Scaled up replica set web-<rs1> from 0 to 1');
    expect(rename('web-85c9dd')).toBe('web-<rs2>');
    expect(rename('6d5fbc')).toBe('<rs1>');
    expect(rename('Created pod: web-6d5fbc-x7k2p')).toBe('Created pod: web-<rs1>-<pod>');
  });

  it('leaves alone what only begins or ends like a hash', () => {
    expect(rename('6d5fbcx')).toBe('6d5fbcx');
  });

  it('leaves alone the pods of a StatefulSet, whose names are chosen', () => {
    const db = object('Pod', {
      name: 'db-0',
      generateName: 'db-',
      ownerReferences: [{ apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'db', uid: 'u', controller: true }],
    });
    expect(renaming([{ object: db, gone: false, at: 0 }], new Map())('db-0')).toBe('db-0');
  });
});

function object(kind: string, metadata: ObjectMeta): KubeObject {
  return { apiVersion: 'v1', kind, metadata };
}
