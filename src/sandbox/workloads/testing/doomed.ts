/** A sandbox that waits to be killed: starts one pod, says the id of its process, and goes on. Arguments: work folder, program. */

import type { Pod } from '../../../api/workloads.ts';
import { createStore } from '../../apiserver/store.ts';
import { ScaledClock } from '../../clock.ts';
import { POD } from '../kinds.ts';
import { startWorkloads } from '../workloads.ts';

const [workDir = '', program = ''] = process.argv.slice(2);
const clock = new ScaledClock(20);
const api = createStore({ clock });
const images = { resolve: () => ({ command: [process.execPath, program], env: { MODE: 'ignores-sigterm' } }) };
const { logs } = startWorkloads({ api, clock, images, workDir });

const pod = { namespace: 'default', name: 'web' };
api.watch<Pod>(POD, ({ object }) => {
  if (object.status?.containerStatuses?.[0]?.ready) void sayPid();
});
setTimeout(() => {
  const containers = [{ name: 'app', image: 'server:v1', env: [{ name: 'SAY_PID', value: 'yes' }] }];
  api.create({ ...POD, metadata: pod, spec: { containers } }, { manager: 'test' });
}, 0);

async function sayPid(): Promise<void> {
  for await (const text of logs.read(pod, { follow: true }, new AbortController().signal)) {
    const match = /pid (\d+)/.exec(text);
    if (match) return void process.stdout.write(`${match[1]}\n`);
  }
}
