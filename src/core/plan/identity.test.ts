import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Identity, rollbackId } from './identity.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

const base: Identity = {
  target: { kind: 'Kustomization', namespace: 'flux-system', name: 'sample-app' },
  from: 'b'.repeat(40),
  to: 'a'.repeat(40),
  trigger: 'manual',
  strategy: 'revert',
};

describe('the id of a rollback', () => {
  it('is the same today, tomorrow and on every machine', () => {
    expect(rollbackId(base, sha256)).toBe('rb-b2a6ee32d603');
    expect(rollbackId({ ...base, target: { ...base.target } }, sha256)).toBe(rollbackId(base, sha256));
  });

  it('is another one for another target, from, to, trigger or strategy', () => {
    const others: Identity[] = [
      base,
      { ...base, target: { ...base.target, kind: 'HelmRelease' } },
      { ...base, target: { ...base.target, namespace: 'apps' } },
      { ...base, target: { ...base.target, name: 'other' } },
      { ...base, from: base.to, to: base.from },
      { ...base, from: base.to },
      { ...base, to: base.from },
      { ...base, trigger: 'alert' },
      { ...base, strategy: 'restore' },
    ];
    const ids = others.map((identity) => rollbackId(identity, sha256));
    expect(new Set(ids).size).toBe(others.length);
  });

  it('can be the name of a file, a value of an annotation and a trailer', () => {
    const name = fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,10}[a-z0-9])?$/);
    fc.assert(
      fc.property(name, name, (namespace, from) => {
        expect(rollbackId({ ...base, target: { ...base.target, namespace }, from }, sha256)).toMatch(/^rb-[0-9a-f]{12}$/);
      }),
    );
  });
});
