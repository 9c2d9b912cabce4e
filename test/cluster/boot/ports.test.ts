import { createServer } from 'node:net';
import { expect, it } from 'vitest';
import { freePorts, LISTENERS } from './ports.ts';

it('gives each listener a port of its own that can be listened on', async () => {
  const ports = await freePorts();
  expect(Object.keys(ports)).toEqual([...LISTENERS]);
  const numbers = Object.values(ports);
  expect(new Set(numbers).size).toBe(LISTENERS.length);
  for (const port of numbers) {
    const server = createServer();
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve));
    await new Promise((resolve) => server.close(resolve));
  }
});
