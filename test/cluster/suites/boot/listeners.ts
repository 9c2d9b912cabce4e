/** What a process listens on, as the kernel tells it. Source: proc_net(5), proc_pid_fd(5). */
import { readdir, readFile, readlink } from 'node:fs/promises';

export interface Listener {
  address: string;
  port: number;
}

const LISTEN = '0A';

/** TCP listeners of a process, on either kind of address. */
export async function listenersOf(pid: number): Promise<Listener[]> {
  const sockets = new Set(await socketsOf(pid));
  const tables = await Promise.all(['tcp', 'tcp6'].map((name) => readFile(`/proc/${pid}/net/${name}`, 'utf8').catch(() => '')));
  return tables
    .flatMap((table) => table.split('\n').slice(1))
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , , state, , , , , , inode]) => state === LISTEN && inode !== undefined && sockets.has(inode))
    .map(([, local = '']) => listenerIn(local));
}

async function socketsOf(pid: number): Promise<string[]> {
  const folder = `/proc/${pid}/fd`;
  const targets = await Promise.all((await readdir(folder)).map((fd) => readlink(`${folder}/${fd}`).catch(() => '')));
  return targets.flatMap((target) => /^socket:\[(\d+)\]$/.exec(target)?.[1] ?? []);
}

/** `0100007F:1F90` is 127.0.0.1:8080: four bytes at a time, in the machine's order. */
function listenerIn(local: string): Listener {
  const [address = '', port = ''] = local.split(':');
  const bytes = [...Buffer.from(address, 'hex')];
  const ordered = bytes.length === 4 ? bytes.reverse() : bytes;
  return { address: bytes.length === 4 ? ordered.join('.') : address, port: Number.parseInt(port, 16) };
}
