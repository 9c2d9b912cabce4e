import { readFileSync } from 'node:fs';

/** Is there a process with this id? One of another user counts. */
export function processIsAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** When a process started, in the kernel's own count; undefined where there is no /proc. Field 22 of /proc/PID/stat (proc(5)); the name in field 2 may hold anything, so counting starts after its parenthesis. */
export function startOfProcess(pid: number): string | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}
