import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../api/kube.ts';
import { diffObjects } from '../../core/diff/object-diff.ts';
import { patchOf } from './patch.ts';

function object(kind: string, name: string, more: object): KubeObject {
  return { apiVersion: 'v1', kind, metadata: { name, namespace: 'shop' }, ...more } as KubeObject;
}
const patch = (before: KubeObject[], after: KubeObject[]) => patchOf({ before, after, changes: diffObjects(before, after) });

describe('a patch', () => {
  it('has one file for each object, with the lines around what differs', () => {
    const data = { a: '1', b: '2' };
    expect(patch([object('ConfigMap', 'c', { data })], [object('ConfigMap', 'c', { data: { ...data, b: '3' } })])).toBe(
      '--- a/ConfigMap/shop/c.yaml\n+++ b/ConfigMap/shop/c.yaml\n@@ -5,4 +5,4 @@\n   namespace: shop\n data:\n   a: "1"\n-  b: "2"\n+  b: "3"\n',
    );
  });

  it('names what is added and removed from and to /dev/null, and what got another hash by both names', () => {
    const map = (name: string, value: string) => object('ConfigMap', name, { data: { a: value } });
    const text = patch([map('old', '1'), map('config-7g8h2fd9ct', '1')], [object('Service', 'new', {}), map('config-2tf7m8b9kt', '2')]);
    expect(text.match(/^(---|\+\+\+) \S+/gm)).toEqual([
      '--- a/ConfigMap/shop/config-7g8h2fd9ct.yaml',
      '+++ b/ConfigMap/shop/config-2tf7m8b9kt.yaml',
      '--- a/ConfigMap/shop/old.yaml',
      '+++ /dev/null',
      '--- /dev/null',
      '+++ b/Service/shop/new.yaml',
    ]);
  });

  it('is empty where nothing differs', () => {
    expect(patch([object('Service', 's', {})], [object('Service', 's', {})])).toBe('');
  });

  it('never shows a value of a Secret, and says which differ', () => {
    const secret = (value: string, more: object = {}) =>
      object('Secret', 's', { data: { token: btoa(value), same: btoa('not-told') }, ...more });
    const old = secret('very-secret-1', { stringData: { plain: 'very-secret-3' } });
    const now = secret('very-secret-2', { stringData: { plain: 'very-secret-4' } });
    for (const text of [patch([old], [now]), patch([], [now]), patch([old], [])]) {
      for (const told of ['very-secret', 'not-told', btoa('very-secret-1'), btoa('very-secret-2'), btoa('not-told')])
        expect(text).not.toContain(told);
      expect(text).toContain('token: (hidden');
    }
    expect(patch([old], [now])).toContain('+  token: (hidden, changed)');
    expect(patch([old], [now])).not.toMatch(/^[+-] +same/m);
  });

  it('cannot drive the terminal', () => {
    const text = patch([], [object('ConfigMap', 'c', { data: { a: '\u001b[2Jgone' } })]);
    expect(text).not.toContain('\u001b');
  });
});
