/**
 * Artifacts: tarballs on disk, served over loopback HTTP, and the Git trees that they were made of.
 * Source: fluxcd/pkg artifact/storage (storage.go, path.go, gc.go), artifact/server.
 */
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { Artifact } from '../../../api/flux.ts';
import type { SandboxClock } from '../../clock.ts';
import { timestamp } from '../timestamp.ts';
import { TreeFiles } from './artifact-files.ts';
import { ObjectStore } from './object-store.ts';
import type { TreeFile } from './tree-listing.ts';

/** Flux's defaults `--artifact-retention-ttl` and `--artifact-retention-records`. */
const RETENTION_MS = 60_000;
const RETENTION_RECORDS = 2;
const ARTIFACT_PATH = /^\/[a-z]+\/[a-z0-9.-]+\/[a-z0-9.-]+\/[0-9a-f]{40}\.tar\.gz$/;

interface Stored {
  files: TreeFile[];
  madeAt: number;
}

export class ArtifactStorage {
  readonly objects: ObjectStore;
  readonly #directory: string;
  readonly #clock: SandboxClock;
  readonly #server: Server;
  /** By `artifact.path`. */
  readonly #stored = new Map<string, Stored>();

  private constructor(directory: string, clock: SandboxClock, objects: ObjectStore) {
    this.#directory = directory;
    this.#clock = clock;
    this.objects = objects;
    this.#server = createServer((request, response) => this.#serve(request, response));
  }

  static async open(directory: string, clock: SandboxClock): Promise<ArtifactStorage> {
    const storage = new ArtifactStorage(path.join(directory, 'artifacts'), clock, await ObjectStore.open(directory));
    await new Promise<void>((resolve, reject) => {
      storage.#server.once('error', reject);
      storage.#server.listen(0, '127.0.0.1', resolve);
    });
    return storage;
  }

  /** Makes the tarball of a tree for a commit of a source. */
  async store(
    source: { kind: string; namespace: string; name: string },
    commit: string,
    tree: string,
  ): Promise<Omit<Artifact, 'revision'>> {
    const relative = `${source.kind.toLowerCase()}/${source.namespace}/${source.name}/${commit}.tar.gz`;
    const file = path.join(this.#directory, relative);
    await mkdir(path.dirname(file), { recursive: true });
    const { digest, size } = await this.#write(tree, file);
    const now = this.#clock.now();
    this.#stored.set(relative, { files: await this.objects.files(tree), madeAt: now.getTime() });
    return { digest, lastUpdateTime: timestamp(now), path: relative, size, url: this.urlOf(relative) };
  }

  /** Where this process serves an artifact; another one served it elsewhere. */
  urlOf(artifactPath: string): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/${artifactPath}`;
  }

  has(artifact: Artifact): boolean {
    return this.#stored.has(artifact.path);
  }

  filesOf(artifact: Artifact): readonly TreeFile[] | undefined {
    return this.#stored.get(artifact.path)?.files;
  }

  /** The files of an artifact; undefined where it is gone. Close it after use. */
  openFiles(artifact: Artifact): TreeFiles | undefined {
    const stored = this.#stored.get(artifact.path);
    return stored && new TreeFiles(this.objects, stored.files);
  }

  /**
   * Removes what is neither `current` nor young and among the newest of a source; without `current` everything.
   * Resolves to how many artifacts went.
   */
  async collectGarbage(source: { kind: string; namespace: string; name: string }, current: Artifact | undefined): Promise<number> {
    const prefix = `${source.kind.toLowerCase()}/${source.namespace}/${source.name}/`;
    const of = [...this.#stored].filter(([key]) => key.startsWith(prefix)).sort(([, a], [, b]) => b.madeAt - a.madeAt);
    const limit = this.#clock.now().getTime() - RETENTION_MS;
    const doomed = of.filter(([key, { madeAt }], index) => {
      if (!current) return true;
      return key !== current.path && (madeAt < limit || index >= RETENTION_RECORDS);
    });
    for (const [key] of doomed) {
      this.#stored.delete(key);
      await rm(path.join(this.#directory, key), { force: true });
    }
    return doomed.length;
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await Promise.all([closed, this.objects.close()]);
  }

  async #write(tree: string, file: string): Promise<{ digest: string; size: number }> {
    const hash = createHash('sha256');
    let size = 0;
    const measured = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        hash.update(chunk);
        size += chunk.length;
        done(null, chunk);
      },
    });
    const partial = `${file}.part`;
    await pipeline(await this.objects.archive(tree), createGzip(), measured, createWriteStream(partial, { mode: 0o600 }));
    await rename(partial, file);
    return { digest: `sha256:${hash.digest('hex')}`, size };
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const target = request.url ?? '';
    if (request.method !== 'GET' || !ARTIFACT_PATH.test(target) || !this.#stored.has(target.slice(1))) {
      response.writeHead(404).end('404 page not found\n');
      return;
    }
    const file = path.join(this.#directory, target);
    stat(file)
      .then(({ size }) => {
        response.writeHead(200, { 'content-type': 'application/gzip', 'content-length': size });
        return pipeline(createReadStream(file), response);
      })
      .catch(() => response.destroy());
  }
}
