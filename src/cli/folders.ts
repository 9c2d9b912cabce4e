/** Where Ebb keeps what it may lose (mirrors) and what it may not (journals). XDG base directories. */
import { homedir } from 'node:os';
import { join } from 'node:path';

type Env = Record<string, string | undefined>;

/** Mirrors of repositories; may be deleted at any time. */
export function cacheFolder(env: Env): string {
  return env.EBB_CACHE_DIR || join(env.XDG_CACHE_HOME || join(env.HOME || homedir(), '.cache'), 'ebb');
}

/** Journals of rollbacks. */
export function stateFolder(env: Env): string {
  return env.EBB_STATE_DIR || join(env.XDG_STATE_HOME || join(env.HOME || homedir(), '.local', 'state'), 'ebb');
}
