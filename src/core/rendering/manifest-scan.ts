import type { Artifact } from './artifact.ts';
import type { FileCollector } from './collector.ts';
import { KUSTOMIZATION_NAMES } from './kustomization.ts';
import { joinPath } from './paths.ts';

/**
 * Finds what Flux takes for the resources of a directory that has no kustomization: every .yaml and .yml file below
 * it, hidden ones too; a subdirectory with a kustomization counts as one resource and is not looked into.
 * Source: fluxcd/pkg kustomize v1.35, kustomize_generator.go scanManifests.
 * @returns paths relative to `directory`, `./` in front, in the order of a walk through sorted names
 */
export async function scanManifests(artifact: Artifact, collector: FileCollector, directory: string): Promise<string[]> {
  const found: string[] = [];

  async function walk(below: string): Promise<void> {
    const path = joinPath(directory, below);
    collector.lookedIn(below === '' ? directory : path);
    for (const { name, type } of (await artifact.list(below === '' ? directory : path)) ?? []) {
      const inside = joinPath(below, name);
      if (/\.ya?ml$/.test(name) && (await artifact.at(joinPath(directory, inside))) === 'file') found.push(`./${inside}`);
      if (type !== 'directory') continue;
      if (await hasKustomization(artifact, joinPath(directory, inside))) found.push(`./${inside}`);
      else await walk(inside);
    }
  }

  await walk('');
  return found;
}

async function hasKustomization(artifact: Artifact, directory: string): Promise<boolean> {
  for (const name of KUSTOMIZATION_NAMES) {
    if ((await artifact.at(joinPath(directory, name))) === 'file') return true;
  }
  return false;
}
