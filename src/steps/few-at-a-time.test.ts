import { expect, it } from 'vitest';
import type { ObjectRef } from '../api/kube.ts';
import type { Cluster } from '../ports.ts';
import { fewAtATime } from './few-at-a-time.ts';

const ref = (name: string): ObjectRef => ({ apiVersion: 'v1', kind: 'Pod', namespace: 'a', name });

/** A cluster whose answers are given by hand. */
function slow() {
  const open: { name: string; answer: () => void; fail: () => void }[] = [];
  const get: Cluster['get'] = ({ name }) =>
    new Promise((resolve, reject) => {
      open.push({ name, answer: () => resolve(undefined), fail: () => reject(new Error(name)) });
    });
  return { open, cluster: { get } as Cluster };
}

const settle = () => new Promise((resolve) => setImmediate(resolve));

it('sends so many requests at once, and the others in the order in which they came', async () => {
  const { open, cluster } = slow();
  const few = fewAtATime(cluster, 2);
  const all = ['1', '2', '3', '4'].map((name) => few.get(ref(name)));
  await settle();
  expect(open.map(({ name }) => name)).toEqual(['1', '2']);
  open[1]?.answer();
  await settle();
  expect(open.map(({ name }) => name)).toEqual(['1', '2', '3']);
  for (let index = 0; index < 4; index++) {
    open[index]?.answer();
    await settle();
  }
  await Promise.all(all);
});

it('gives the place of a request that failed to the next', async () => {
  const { open, cluster } = slow();
  const few = fewAtATime(cluster, 1);
  const first = few.get(ref('1'));
  const second = few.get(ref('2'));
  await settle();
  open[0]?.fail();
  await expect(first).rejects.toThrow('1');
  await settle();
  open[1]?.answer();
  expect(await second).toBeUndefined();
});
