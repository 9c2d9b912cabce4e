import type { BuiltDocument } from '../../core/rendering/manifests.ts';

/** What runs kustomize. */
export interface BuildEngine {
  /** For people: `kustomize v5.8.1 (Go)`. */
  readonly name: string;
  /**
   * Builds the kustomization in `directory` from `files` (content by path from the root) and nothing else. May be
   * called again before an earlier call has ended.
   * @returns the documents, or what went wrong (in kustomize's words where it said something), with paths from the root
   */
  build(files: ReadonlyMap<string, Uint8Array>, directory: string): Promise<BuildResult>;
  /** Starts what takes a while to start, ahead of the first build. */
  warmUp?(): void;
  /** Ends what was started. The engine may be used again afterwards, and starts anew. */
  close(): Promise<void>;
}

export type BuildResult =
  | { ok: true; documents: BuiltDocument[] }
  /** `manifests`: kustomize refused them. `engine`: it did not get to work, and the same build may succeed another time. */
  | { ok: false; message: string; fault: 'manifests' | 'engine' };

/** A message of kustomize with the absolute paths of one build made relative. */
export function relativeTo(root: string, message: string): string {
  return message.replaceAll(`${root}/`, '').replaceAll(root, '.').trim();
}
