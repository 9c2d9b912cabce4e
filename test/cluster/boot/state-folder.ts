/** A control plane's folder: credentials, data, logs, and whose it is. */
import { mkdir, mkdtemp, readFile, readlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const PREFIX = 'ebb-cluster-';
/** In the environment of everything that runs for a state folder: the folder. */
export const MARK = 'EBB_CLUSTER_STATE';

const PARTS = ['pki', 'log', 'home', 'tmp', 'artifacts', 'git'];
const OWNER_FILE = 'owner.json';

/** The process that a folder was made for. */
export interface Owner {
  pid: number;
  /** When it started, in the kernel's ticks since boot: with the pid, it names one process for good. Absent where there is no /proc. */
  started?: string;
  /** The kernel's name of the space that the pid is of. */
  space?: string;
}

/** Makes a folder below `parent` that only this user can read. */
export async function makeStateFolder(parent = tmpdir()): Promise<string> {
  const folder = await mkdtemp(join(parent, PREFIX));
  await writeFile(join(folder, OWNER_FILE), JSON.stringify(await ownerOf(process.pid)));
  for (const part of PARTS) await mkdir(join(folder, part));
  return folder;
}

/** @returns undefined where the folder says nothing, or is gone. */
export async function readOwner(folder: string): Promise<Owner | undefined> {
  try {
    return JSON.parse(await readFile(join(folder, OWNER_FILE), 'utf8')) as Owner;
  } catch {
    return undefined;
  }
}

async function ownerOf(pid: number): Promise<Owner> {
  const [started, space] = await Promise.all([startOf(pid), pidSpace()]);
  return { pid, ...(started ? { started } : {}), ...(space ? { space } : {}) };
}

/** When a process started; undefined where it has ended or there is no /proc. Source: proc_pid_stat(5), fields 3 and 22. */
export async function startOf(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // The second field is the program's name in parentheses, and may hold anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' ? undefined : fields[19];
}

/** Names the space that process ids are of: a container has its own. */
export function pidSpace(): Promise<string | undefined> {
  return readlink('/proc/self/ns/pid').catch(() => undefined);
}
