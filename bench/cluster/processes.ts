/** Memory of the processes of a control plane. */
import { readFile } from 'node:fs/promises';
import type { ControlPlane } from '../../test/cluster/control-plane.ts';

/** Mebibytes by process: resident now. Empty where /proc is not there. */
export async function residentMiB({ processes }: Pick<ControlPlane, 'processes'>): Promise<Record<string, number>> {
  const read = processes.map(async ({ name, pid }) => {
    const text = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
    return [name, Number(/^VmRSS:\s+(\d+)/m.exec(text)?.[1] ?? Number.NaN) / 1_024] as const;
  });
  return Object.fromEntries((await Promise.all(read)).filter(([, mib]) => !Number.isNaN(mib)));
}
