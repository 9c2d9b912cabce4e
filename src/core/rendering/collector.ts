import type { Artifact } from './artifact.ts';
import { parentOf } from './paths.ts';

/** Nothing can be built; the message is for people. */
export class BuildRefused extends Error {
  override readonly name = 'BuildRefused';
}

/** Bytes of all files of one build together. */
const SIZE_LIMIT = 50 * 1024 * 1024;

/** Git LFS's own first line: https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md */
const LFS_POINTER = new TextEncoder().encode('version https://git-lfs.github.com/spec/v1\n');

/** Gathers the files of a build and what the build depends on. */
export interface FileCollector {
  readonly files: Map<string, Uint8Array>;
  /** Takes a file that will be parsed. @throws BuildRefused */
  manifest(path: string): Promise<void>;
  /** Takes a file whose bytes are used as they are. @throws BuildRefused */
  content(path: string): Promise<void>;
  /** Puts a file in place that is not, or not so, in the repository. */
  place(path: string, content: Uint8Array): void;
  /** Notes a directory whose entries count. */
  lookedIn(directory: string): void;
  /** Notes a path where nothing was. */
  lookedAt(path: string): void;
  dependencies(): { inputs: string[]; directories: string[] };
}

export function newCollector(artifact: Artifact): FileCollector {
  const files = new Map<string, Uint8Array>();
  const inputs = new Set<string>();
  const directories = new Set<string>();
  let size = 0;

  async function content(path: string): Promise<void> {
    if (inputs.has(path)) return;
    const bytes = (await artifact.read(path)) ?? new Uint8Array();
    size += bytes.length;
    if (size > SIZE_LIMIT)
      throw new BuildRefused(`the files of the build are larger than ${SIZE_LIMIT / 1024 / 1024} MB together (at '${path}')`);
    inputs.add(path);
    files.set(path, bytes);
  }

  async function manifest(path: string): Promise<void> {
    await content(path);
    if (isLfsPointer(files.get(path) as Uint8Array)) {
      throw new BuildRefused(`'${path}' is a Git LFS pointer, not a manifest: Flux does not fetch what Git LFS keeps elsewhere`);
    }
  }

  return {
    files,
    content,
    manifest,
    place: (path, bytes) => void files.set(path, bytes),
    lookedIn: (directory) => void directories.add(directory),
    lookedAt: (path) => void directories.add(parentOf(path)),
    dependencies: () => ({ inputs: [...inputs, ...artifact.ignoreFiles()].sort(), directories: [...directories].sort() }),
  };
}

function isLfsPointer(bytes: Uint8Array): boolean {
  return LFS_POINTER.every((byte, index) => bytes[index] === byte);
}
