import type { KustomizationBuildSpec } from '../../src/api/flux.ts';
import type { MemoryEntry } from './memory-files.ts';

export interface RenderCase {
  /** What the renderer does, to be read after `it`. */
  title: string;
  files: Record<string, MemoryEntry>;
  spec: KustomizationBuildSpec;
  variables?: Record<string, string>;
  sourceIgnore?: string;
}

/** Expected objects in order, as far as they are looked at; every field given must be there. */
export interface BuiltCase extends RenderCase {
  objects: object[];
}

export interface FailedCase extends RenderCase {
  message: RegExp;
}
