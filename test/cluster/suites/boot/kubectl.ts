import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ControlPlane } from '../../control-plane.ts';

const run = promisify(execFile);

/** The control plane's own kubectl, for one of its kubeconfigs. @returns what it prints. */
export function kubectlOf({ programs, kubeconfig, folder }: Pick<ControlPlane, 'programs' | 'kubeconfig' | 'folder'>) {
  // A HOME of its own: kubectl caches what it discovers by the server's address, which a later control plane may have too.
  const env = { PATH: process.env.PATH, HOME: join(folder, 'home'), KUBECONFIG: kubeconfig };
  return async (...args: string[]): Promise<string> =>
    (await run(join(programs, 'kubectl'), args, { env, maxBuffer: 64 * 1024 * 1024 })).stdout;
}
