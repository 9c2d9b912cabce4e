import type { FileTree, TreeEntry } from '../../src/core/commit.ts';

/** A file's text or bytes, or what else a tree may hold. */
export type MemoryEntry = string | Uint8Array | { type: 'symlink' | 'submodule' };

/** A commit's files, held in memory; paths are relative to the root. */
export function memoryFiles(entries: Record<string, MemoryEntry>): FileTree {
  return {
    async read(path) {
      const entry = Object.hasOwn(entries, path) ? entries[path] : undefined;
      if (typeof entry === 'string') return new TextEncoder().encode(entry);
      return entry instanceof Uint8Array ? entry : undefined;
    },
    async list(directory) {
      const prefix = directory === '' ? '' : `${directory}/`;
      const found = new Map<string, TreeEntry>();
      for (const [path, entry] of Object.entries(entries)) {
        if (!path.startsWith(prefix)) continue;
        const [name, ...below] = path.slice(prefix.length).split('/') as [string, ...string[]];
        found.set(name, { name, type: below.length > 0 ? 'directory' : typeOf(entry) });
      }
      return found.size > 0 || directory === '' ? [...found.values()] : undefined;
    },
  };
}

function typeOf(entry: MemoryEntry): TreeEntry['type'] {
  return typeof entry === 'string' || entry instanceof Uint8Array ? 'file' : entry.type;
}
