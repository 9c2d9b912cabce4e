import { describe, expect, it } from 'vitest';
import { ManualClock } from '../clock.ts';
import { WorkQueue } from './work-queue.ts';

/** A queue whose keys run until they are let go. */
function held(concurrency = 2) {
  const clock = new ManualClock();
  const started: string[] = [];
  const running = new Map<string, () => void>();
  const queue = new WorkQueue({
    clock,
    concurrency,
    handle: (key) => {
      started.push(key);
      return new Promise((resolve) => running.set(key, resolve));
    },
  });
  const settle = () => clock.advance(0);
  const letGo = async (key: string) => {
    running.get(key)?.();
    running.delete(key);
    await settle();
  };
  return { clock, queue, started, settle, letGo };
}

describe('a work queue', () => {
  it('runs a key once, however often it was added while it waited', async () => {
    const { queue, started, settle, letGo } = held(1);
    for (const key of ['a', 'b', 'b', 'b']) queue.add(key);
    await settle();
    await letGo('a');
    await letGo('b');
    expect(started).toEqual(['a', 'b']);
  });

  it('runs a key once more that was added while it ran, and never twice at a time', async () => {
    const { queue, started, settle, letGo } = held();
    queue.add('a');
    await settle();
    queue.add('a');
    queue.add('a');
    await settle();
    expect(started).toEqual(['a']);
    await letGo('a');
    expect(started).toEqual(['a', 'a']);
    await letGo('a');
    expect(started).toEqual(['a', 'a']);
  });

  it('runs no more keys at a time than it may', async () => {
    const { queue, started, settle, letGo } = held(2);
    for (const key of ['a', 'b', 'c']) queue.add(key);
    await settle();
    expect(started).toEqual(['a', 'b']);
    await letGo('a');
    expect(started).toEqual(['a', 'b', 'c']);
  });

  it('of several delays takes the earliest', async () => {
    const { clock, queue, started, letGo } = held();
    queue.addAfter('a', 5_000);
    queue.addAfter('a', 1_000);
    queue.addAfter('a', 9_000);
    await clock.advance(1_000);
    expect(started).toEqual(['a']);
    await letGo('a');
    await clock.advance(60_000);
    expect(started).toEqual(['a']);
  });

  it('forgets a delay when the key is added at once', async () => {
    const { clock, queue, started, settle, letGo } = held();
    queue.addAfter('a', 5_000);
    queue.add('a');
    await settle();
    await letGo('a');
    await clock.advance(60_000);
    expect(started).toEqual(['a']);
  });

  it('takes no delay for a key that runs again at once', async () => {
    const { clock, queue, started, settle, letGo } = held();
    queue.add('a');
    await settle();
    queue.add('a');
    queue.addAfter('a', 5_000);
    await letGo('a');
    await letGo('a');
    await clock.advance(60_000);
    expect(started).toEqual(['a', 'a']);
  });

  it('doubles the delay with every failure until it is forgotten', async () => {
    const { clock, queue, started, letGo } = held();
    for (const delay of [750, 1_500, 3_000]) {
      queue.addRateLimited('a');
      await clock.advance(delay - 1);
      const before = started.length;
      await clock.advance(1);
      expect(started.length).toBe(before + 1);
      await letGo('a');
    }
    queue.forget('a');
    queue.addRateLimited('a');
    await clock.advance(750);
    expect(started).toHaveLength(4);
    await letGo('a');
  });

  it('takes nothing more once it is stopped, and waits for what runs', async () => {
    const { queue, started, settle, letGo } = held();
    queue.add('a');
    queue.addAfter('b', 10);
    await settle();
    let stopped = false;
    const stopping = queue.stop().then(() => {
      stopped = true;
    });
    queue.add('c');
    await settle();
    expect(stopped).toBe(false);
    await letGo('a');
    await stopping;
    expect(started).toEqual(['a']);
  });
});
