/** Where the commands run. */
import { cpus, totalmem } from 'node:os';
import { delimiter, join } from 'node:path';
import type { ControlPlane } from '../../test/cluster/control-plane.ts';

/** For people: processors, memory and Node. */
export function machine(): string {
  return `${cpus().length} x ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`;
}

/** The environment of commands that work on a control plane; what ebb keeps goes with it. */
export function commandEnv({ programs, kubeconfig, folder }: ControlPlane): NodeJS.ProcessEnv {
  return {
    ...process.env,
    PATH: `${programs}${delimiter}${process.env.PATH}`,
    KUBECONFIG: kubeconfig,
    EBB_CACHE_DIR: join(folder, 'ebb-cache'),
    EBB_STATE_DIR: join(folder, 'ebb-state'),
    GIT_AUTHOR_NAME: 'Bench',
    GIT_AUTHOR_EMAIL: 'bench@example.com',
    GIT_COMMITTER_NAME: 'Bench',
    GIT_COMMITTER_EMAIL: 'bench@example.com',
  };
}
