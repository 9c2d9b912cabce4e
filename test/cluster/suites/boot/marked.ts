import { readdir, readFile } from 'node:fs/promises';

/** Processes with `name=value` in their environment. */
export async function processesMarked(name: string, value: string): Promise<{ pid: number; command: string }[]> {
  const pids = (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry)).map(Number);
  const read = (pid: number, file: string) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '');
  const found = await Promise.all(
    pids.map(async (pid) => {
      const environment = (await read(pid, 'environ')).split('\0');
      return environment.includes(`${name}=${value}`) ? [{ pid, command: (await read(pid, 'cmdline')).split('\0').join(' ') }] : [];
    }),
  );
  return found.flat();
}
