import type { KubeObject } from '../../../api/kube.ts';
import { expired } from '../refusals.ts';

/** One committed change. Objects are in the storage version, frozen. */
export interface Change {
  /** The resourceVersion that the change was given; strictly rising over all resources. */
  revision: number;
  storageKey: string;
  type: 'ADDED' | 'MODIFIED' | 'DELETED';
  /** After the change; of a DELETED the last state, with the revision of the deletion. */
  object: KubeObject;
  /** Before the change; absent of an ADDED. */
  before?: KubeObject;
}

/**
 * The changes that watches can still be served from, oldest first, and where the revision counter stands. Older ones are
 * forgotten, as etcd's compaction does; who asks for them gets 410 Expired and lists again.
 */
export class History {
  readonly #capacity: number;
  #changes: Change[] = [];
  #revision = 0;
  #compacted = 0;

  /** @param capacity how many changes are kept. */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** The revision of the newest change. */
  get revision(): number {
    return this.#revision;
  }

  nextRevision(): number {
    this.#revision += 1;
    return this.#revision;
  }

  record(change: Change): void {
    this.#changes.push(change);
    if (this.#changes.length <= this.#capacity) return;
    const forgotten = this.#changes.splice(0, this.#changes.length - this.#capacity);
    this.#compacted = forgotten.at(-1)?.revision ?? this.#compacted;
  }

  /** Forgets every change up to and with `revision`. */
  compact(revision: number): void {
    this.#changes = this.#changes.filter((change) => change.revision > revision);
    this.#compacted = Math.max(this.#compacted, Math.min(revision, this.#revision));
  }

  /** Changes of one resource after `revision`. @throws ApiStatusError 410 where they are no longer known. */
  since(storageKey: string, revision: number): Change[] {
    if (!this.knows(revision)) throw expired(`too old resource version: ${revision} (${this.#compacted})`);
    return this.#changes.filter((change) => change.revision > revision && change.storageKey === storageKey);
  }

  /** Are all changes after `revision` still known? */
  knows(revision: number): boolean {
    return revision >= this.#compacted;
  }
}
