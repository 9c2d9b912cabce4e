import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { linesTo, span, whileBeating } from './progress.ts';

describe('a long step', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('is told about every half minute, with what it is at by then', async () => {
    const lines: string[] = [];
    let step = 'kube-apiserver';
    let finish = () => {};
    const work = whileBeating(
      linesTo((line) => lines.push(line)),
      () => step,
      () =>
        new Promise<void>((resolve) => {
          finish = resolve;
        }),
    );
    await vi.advanceTimersByTimeAsync(31_000);
    step = 'kubectl';
    await vi.advanceTimersByTimeAsync(30_000);
    expect(lines).toEqual(['kube-apiserver, 30 s', 'kubectl, 1 min 0 s']);
    finish();
    await work;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(lines).toHaveLength(2);
  });

  it('is not told about when it is short', async () => {
    const lines: string[] = [];
    const paper = linesTo((line) => lines.push(line));
    expect(
      await whileBeating(
        paper,
        () => 'etcd',
        async () => 7,
      ),
    ).toBe(7);
    expect(lines).toEqual([]);
  });
});

it('writes spans of time as people say them', () => {
  expect([0, 41.4, 59.6, 185].map(span)).toEqual(['0 s', '41 s', '1 min 0 s', '3 min 5 s']);
});
