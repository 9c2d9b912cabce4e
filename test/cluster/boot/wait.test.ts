import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { answersOk, until } from './wait.ts';

const quiet = new Promise<never>(() => {});

it('asks until the answer is yes, through errors', async () => {
  const answers = [() => Promise.reject(new Error('not yet')), () => Promise.resolve(false), () => Promise.resolve(true)];
  await until('it is there', () => (answers.shift() ?? answers[0])?.() as Promise<boolean>, { ms: 20_000, trouble: quiet });
  expect(answers).toEqual([]);
});

it('says what it waited for in vain, and the last error', async () => {
  const waited = until('it is there', () => Promise.reject(new Error('refused')), { ms: 0, trouble: quiet });
  await expect(waited).rejects.toMatchObject({ message: 'waited 0 s in vain until it is there', cause: { message: 'refused' } });
});

it('ends with the trouble that came meanwhile, and asks no more', async () => {
  let asked = 0;
  const waited = until(
    'it is there',
    async () => {
      asked += 1;
      return false;
    },
    { ms: 20_000, trouble: Promise.reject(new Error('etcd ended')) },
  );
  await expect(waited).rejects.toThrow('etcd ended');
  expect(asked).toBe(1);
});

it('hears whether a port answers well', async () => {
  const server = createServer((request, response) => response.writeHead(request.url === '/readyz' ? 200 : 500).end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  expect(await answersOk(port, '/readyz')).toBe(true);
  expect(await answersOk(port, '/other')).toBe(false);
  await new Promise((resolve) => server.close(resolve));
  await expect(answersOk(port, '/readyz')).rejects.toThrow(/ECONNREFUSED/);
});
