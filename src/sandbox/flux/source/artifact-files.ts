/** The files of an artifact, read from Git's objects without a checkout. */
import type { ChildProcess } from 'node:child_process';
import { posix } from 'node:path';
import type { ArtifactEntry, ArtifactFiles } from '../build.ts';
import type { ObjectStore } from './object-store.ts';
import { directoriesOf, isRegular, type TreeFile } from './tree-listing.ts';

export class TreeFiles implements ArtifactFiles {
  readonly #store: ObjectStore;
  readonly #shas: Map<string, string>;
  readonly #directories: Map<string, ArtifactEntry[]>;
  #reader: BlobReader | undefined;

  constructor(store: ObjectStore, files: readonly TreeFile[]) {
    this.#store = store;
    this.#shas = new Map(files.filter(isRegular).map((file) => [file.path, file.sha]));
    this.#directories = directoriesOf(files);
  }

  async read(path: string): Promise<Uint8Array | undefined> {
    const sha = this.#shas.get(insideRoot(path));
    if (sha === undefined) return undefined;
    this.#reader ??= new BlobReader(this.#store.reader());
    return this.#reader.read(sha);
  }

  async list(path: string): Promise<ArtifactEntry[] | undefined> {
    return this.#directories.get(insideRoot(path));
  }

  /** Ends the process that reads. */
  close(): void {
    this.#reader?.close();
    this.#reader = undefined;
  }
}

/** `./apps//web/` → `apps/web`; a path that climbs out stays at the root, as in a jail. */
export function insideRoot(path: string): string {
  return posix.normalize(`/${path}`).replace(/^\/+|\/+$/g, '');
}

/** Answers of `git cat-file --batch`, in the order of the questions. Source: https://git-scm.com/docs/git-cat-file */
class BlobReader {
  readonly #child: ChildProcess;
  readonly #questions: { resolve: (bytes: Uint8Array | undefined) => void; reject: (error: Error) => void }[] = [];
  #chunks: Buffer[] = [];
  #length = 0;
  /** Bytes of the answer being read, its final line break included; undefined before its first line. */
  #expected: number | undefined;

  constructor(child: ChildProcess) {
    this.#child = child;
    child.stdin?.on('error', () => {});
    child.stdout?.on('data', (chunk: Buffer) => {
      this.#chunks.push(chunk);
      this.#length += chunk.length;
      while (this.#takeAnswer()) {}
    });
    child.once('close', () => {
      for (const { reject } of this.#questions.splice(0)) reject(new Error('git cat-file ended early'));
    });
  }

  read(sha: string): Promise<Uint8Array | undefined> {
    return new Promise((resolve, reject) => {
      this.#questions.push({ resolve, reject });
      this.#child.stdin?.write(`${sha}\n`);
    });
  }

  close(): void {
    this.#child.kill('SIGKILL');
  }

  #takeAnswer(): boolean {
    if (this.#expected === undefined && !this.#takeHead()) return false;
    const expected = this.#expected;
    if (expected === undefined) return true;
    if (this.#length < expected) return false;
    const bytes = this.#take(expected);
    this.#expected = undefined;
    this.#questions.shift()?.resolve(new Uint8Array(bytes.subarray(0, expected - 1)));
    return true;
  }

  /** False where the first line is not complete. */
  #takeHead(): boolean {
    const pending = this.#join();
    const end = pending.indexOf('\n');
    if (end < 0) return false;
    const [, type, size] = this.#take(end + 1)
      .toString('utf8')
      .trim()
      .split(' ');
    if (type === 'missing') this.#questions.shift()?.resolve(undefined);
    else this.#expected = Number(size) + 1;
    return true;
  }

  #take(count: number): Buffer {
    const pending = this.#join();
    this.#chunks = [pending.subarray(count)];
    this.#length -= count;
    return pending.subarray(0, count);
  }

  #join(): Buffer {
    const joined = this.#chunks.length === 1 ? (this.#chunks[0] as Buffer) : Buffer.concat(this.#chunks);
    this.#chunks = [joined];
    return joined;
  }
}
