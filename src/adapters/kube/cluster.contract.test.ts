import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeClusterContract } from '../../../test/contracts/cluster.ts';
import { createStore, kubeconfig, startApiServer } from '../../sandbox/apiserver/server.ts';
import { ScaledClock } from '../../sandbox/clock.ts';
import { openCluster } from './cluster.ts';

describeClusterContract('the API server of the sandbox', async () => {
  const clock = new ScaledClock();
  const server = await startApiServer({
    store: createStore({ clock }),
    clock,
    tokens: [{ token: 'contract', user: 'contract', groups: ['system:masters'] }],
  });
  const folder = await mkdtemp(join(tmpdir(), 'ebb-contract-'));
  const file = join(folder, 'kubeconfig');
  await writeFile(file, kubeconfig({ url: server.url, caPem: server.caPem, token: 'contract' }), { mode: 0o600 });
  const cluster = await openCluster({ kubeconfig: file, env: {} });
  return {
    cluster,
    async stop() {
      cluster.close();
      await server.stop();
      await rm(folder, { recursive: true });
    },
  };
});
