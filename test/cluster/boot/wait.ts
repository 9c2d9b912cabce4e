import { get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

const PAUSE_MS = 50;

/**
 * Asks again and again until the answer is yes. An error counts as no, and is told where the time is over.
 * @throws when `ms` are over, or with what `trouble` rejects with as soon as it does.
 */
export async function until(what: string, met: () => Promise<boolean>, options: { ms: number; trouble: Promise<never> }): Promise<void> {
  let over = false;
  try {
    await Promise.race([options.trouble, asked()]);
  } finally {
    over = true;
  }

  async function asked(): Promise<void> {
    const deadline = Date.now() + options.ms;
    let last: unknown;
    while (!over) {
      try {
        if (await met()) return;
        last = undefined;
      } catch (error) {
        last = error;
      }
      if (Date.now() > deadline) throw new Error(`waited ${options.ms / 1_000} s in vain until ${what}`, { cause: last });
      await sleep(PAUSE_MS);
    }
  }
}

/** Whether GET on a loopback port answers 200; rejects where nobody listens. */
export function answersOk(port: number, path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port, path, agent: false, timeout: 5_000 }, (response) => {
      response.resume();
      response.once('end', () => resolve(response.statusCode === 200));
      response.once('error', reject);
    })
      .once('error', reject)
      .once('timeout', function (this: import('node:http').ClientRequest) {
        this.destroy(new Error('no answer in 5 s'));
      });
  });
}
