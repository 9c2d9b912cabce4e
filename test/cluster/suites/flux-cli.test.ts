/** The real `flux` command line, with Ebb as its plugin, against the sandbox and against the real control plane. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findRenderer } from '../../../src/adapters/render/renderer.ts';
import { startExample } from '../../../src/example/sandbox.ts';
import { startExampleOnControlPlane } from '../example.ts';
import { type Answer, openPlace, type Place } from './flux-cli/place.ts';
import { steady } from './flux-cli/steady.ts';
import { STEPS } from './flux-cli/steps.ts';

describe('flux, asked the same of the sandbox and of the real control plane', () => {
  const ends: (() => Promise<unknown>)[] = [];
  let places: { sandbox: Place; cluster: Place };

  beforeAll(async () => {
    const renderer = await findRenderer({});
    ends.push(() => renderer.close());
    const [simulated, real] = await Promise.all([
      startExample({ renderer, timeout: '60s' }),
      startExampleOnControlPlane({ timeout: '60s' }),
    ]);
    const program = join(real.programs, 'flux');
    const [sandbox, cluster] = await Promise.all([openPlace(simulated, program), openPlace(real, program)]);
    ends.push(sandbox.leave, cluster.leave);
    places = { sandbox, cluster };
  });
  afterAll(async () => {
    for (const end of ends.reverse()) await end();
  });

  for (const step of STEPS) {
    const { flux, says, code = 0, first, differs, ...options } = step;
    it(`flux ${flux}`, async () => {
      const ask = async ({ developer, flux: run }: Place): Promise<Answer> => {
        await first?.(developer);
        return run(flux.split(' '));
      };
      const [sandbox, cluster] = await Promise.all([ask(places.sandbox), ask(places.cluster)]);
      for (const answer of [sandbox, cluster]) {
        const text = answer.stdout + answer.stderr;
        expect({ code: answer.code, text }).toEqual({ code, text: expect.any(String) });
        for (const pattern of [says].flat()) expect(text).toMatch(pattern);
      }
      if (!differs) return expect(steady(sandbox, options)).toBe(steady(cluster, options));
      expect(sandbox.stdout + sandbox.stderr).toMatch(differs.sandbox);
      expect(cluster.stdout + cluster.stderr).toMatch(differs.cluster);
    });
  }
});
