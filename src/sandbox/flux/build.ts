/** How the sandbox renders a Kustomization: given from outside, so that it uses the same renderer as Ebb. */
import type { KustomizationBuildSpec } from '../../api/flux.ts';
import type { KubeObject } from '../../api/kube.ts';

export interface ArtifactEntry {
  name: string;
  type: 'file' | 'directory' | 'symlink' | 'submodule';
}

/** The files of an artifact; paths are relative to its root, with `/`; `''` is the root. */
export interface ArtifactFiles {
  read(path: string): Promise<Uint8Array | undefined>;
  list(path: string): Promise<ArtifactEntry[] | undefined>;
}

interface BuildRequest {
  files: ArtifactFiles;
  /** Without `commonMetadata`: Flux adds it after the build, so that it is no part of the history's digest. */
  spec: KustomizationBuildSpec;
  /** The variables of `postBuild`, inline ones and those of `substituteFrom`; absent without `postBuild`. */
  variables?: Record<string, string>;
  /** Patterns of what else is left out of the files. */
  sourceIgnore?: string;
}

type BuildOutcome =
  | { kind: 'rendered'; objects: KubeObject[]; inputs: string[] }
  | {
      kind: 'failed';
      message: string;
      inputs: string[];
    };

export type BuildFunction = (request: BuildRequest) => Promise<BuildOutcome>;
