/**
 * Which files a build reads: the kustomization of a directory, what it names, and so on through bases and components.
 * kustomize then builds from these alone, so whatever it must not reach (the network, other files) is refused here;
 * what is merely missing or wrong is left for kustomize to say.
 */
import type { KustomizationBuildSpec } from '../../api/flux.ts';
import type { FileTree } from '../commit.ts';
import { type Artifact, type ArtifactEntry, artifactOf } from './artifact.ts';
import { BuildRefused, type FileCollector, newCollector } from './collector.ts';
import { KUSTOMIZATION_NAMES, type KustomizationFile, KustomizationInvalid, readKustomization } from './kustomization.ts';
import { scanManifests } from './manifest-scan.ts';
import { generatedKustomization, overlay, writeKustomization } from './overlay.ts';
import { contains, joinPath, resolvePath, resolveWithin } from './paths.ts';
import { isRemote, type Reference, referencesOf, referencesOfPlugins, withoutCredentials } from './references.ts';

export interface ReadClosure {
  kind: 'read';
  /** The directory to build. */
  directory: string;
  /** What to build from, by path; the kustomization of `directory` is the one that Flux makes of it. */
  files: Map<string, Uint8Array>;
  /** Files of the repository that were read, sorted. */
  inputs: string[];
  /** Directories in which files were looked for, sorted. */
  directories: string[];
}

export interface FailedClosure {
  kind: 'failed';
  /** For people, in the words of Flux and kustomize where they have some. */
  message: string;
  inputs: string[];
  directories: string[];
}

/**
 * Reads what Flux would build for a Kustomization.
 * @param path `spec.path`, from the root of the repository
 * @param sourceIgnore `spec.ignore` of the GitRepository
 */
export async function readClosure(
  files: FileTree,
  path: string,
  spec: KustomizationBuildSpec,
  sourceIgnore?: string,
): Promise<ReadClosure | FailedClosure> {
  const artifact = artifactOf(files, sourceIgnore);
  const collector = newCollector(artifact);
  const directory = resolveWithin(path);
  try {
    await new ClosureWalk(artifact, collector).root(directory, spec);
    return { kind: 'read', directory, files: collector.files, ...collector.dependencies() };
  } catch (fault) {
    if (fault instanceof BuildRefused) return { kind: 'failed', message: fault.message, ...collector.dependencies() };
    throw fault;
  }
}

/** A directory on its way from the root of the build; the ones above it are those that led there. */
interface Visit {
  directory: string;
  above?: Visit;
}

class ClosureWalk {
  readonly #artifact: Artifact;
  readonly #collector: FileCollector;
  readonly #visited = new Set<string>();

  constructor(artifact: Artifact, collector: FileCollector) {
    this.#artifact = artifact;
    this.#collector = collector;
  }

  async root(directory: string, spec: KustomizationBuildSpec): Promise<void> {
    const entry = await this.#artifact.at(directory);
    if (entry === 'absent') {
      throw new BuildRefused(`kustomization path not found: stat ${directory}: no such file or directory`);
    }
    if (entry !== 'directory') throw new BuildRefused(`kustomization path not found: ${notADirectory(directory, entry)}`);
    const found = await this.#find(directory);
    const base = found ? await this.#parse(found) : generatedKustomization(await scanManifests(this.#artifact, this.#collector, directory));
    const components = await this.#components(directory, spec);
    const effective = overlay(base, { spec, generated: !found, components });
    this.#collector.place(found ?? joinPath(directory, KUSTOMIZATION_NAMES[0]), writeKustomization(effective));
    this.#visited.add(directory);
    await this.#follow(effective, { directory });
  }

  /** The components of the spec, without those that are missing where that is allowed. */
  async #components(directory: string, spec: KustomizationBuildSpec): Promise<string[]> {
    const kept: string[] = [];
    for (const component of spec.components ?? []) {
      if (isRemote(component) || component.startsWith('/')) {
        throw new BuildRefused(`component path '${withoutCredentials(component)}' must be local and relative`);
      }
      const path = resolvePath(directory, component);
      const missing = path === undefined || (await this.#artifact.at(path)) === 'absent';
      if (missing && path !== undefined) this.#collector.lookedAt(path);
      if (!(missing && spec.ignoreMissingComponents)) kept.push(component);
    }
    return kept;
  }

  /** The first kustomization file of a directory; all there are get collected, for kustomize refuses several. */
  async #find(directory: string): Promise<string | undefined> {
    this.#collector.lookedIn(directory);
    const found: string[] = [];
    for (const name of KUSTOMIZATION_NAMES) {
      const path = joinPath(directory, name);
      if ((await this.#artifact.at(path)) === 'file') found.push(path);
    }
    for (const path of found) await this.#collector.manifest(path);
    return found[0];
  }

  async #parse(path: string): Promise<KustomizationFile> {
    try {
      return readKustomization(this.#collector.files.get(path) as Uint8Array);
    } catch (fault) {
      if (fault instanceof KustomizationInvalid) throw new BuildRefused(`invalid Kustomization in ${path}: ${fault.message}`);
      throw fault;
    }
  }

  async #follow(kustomization: KustomizationFile, visit: Visit): Promise<void> {
    for (const reference of referencesOf(kustomization)) await this.#collect(reference, visit);
  }

  async #collect(reference: Reference, visit: Visit): Promise<void> {
    const path = resolvePath(visit.directory, reference.path);
    const entry = path === undefined ? 'absent' : await this.#artifact.at(path);
    // kustomize tries a file of that name first.
    if (entry !== 'file' && isRemote(reference.path)) throw remoteRefused(reference.path);
    if (path === undefined) throw outsideRefused(reference.path, visit.directory);
    if (entry === 'symlink' || entry === 'submodule') throw new BuildRefused(notInArtifact(path, entry));
    if (entry === 'absent') return this.#collector.lookedAt(path);
    if (entry === 'file') return this.#file(reference, path, visit);
    if (reference.as === 'resource' || reference.as === 'component' || reference.as === 'plugin') {
      await this.#directory(reference, path, visit);
    }
  }

  async #file(reference: Reference, path: string, visit: Visit): Promise<void> {
    if (reference.as === 'content' || reference.as === 'optional') return this.#collector.content(path);
    await this.#collector.manifest(path);
    if (reference.as === 'plugin') await this.#plugins(path, visit);
  }

  /** A base or component. One that leads back to where it is named from is left for kustomize to refuse. */
  async #directory(reference: Reference, path: string, visit: Visit): Promise<void> {
    for (let above: Visit | undefined = visit; above; above = above.above) {
      if (contains(path, above.directory)) return;
    }
    const below: Visit = { directory: path, above: visit };
    if (!this.#visited.has(path)) {
      this.#visited.add(path);
      const found = await this.#find(path);
      if (!found) throw nothingToBuild(reference.path, path);
      await this.#follow(await this.#parse(found), below);
    }
    if (reference.as === 'plugin') await this.#pluginsIn(path, visit);
  }

  /** What the plugin configurations of a file name is relative to the kustomization that uses them. */
  async #plugins(path: string, visit: Visit): Promise<void> {
    const text = new TextDecoder().decode(this.#collector.files.get(path));
    for (const reference of referencesOfPlugins(text)) await this.#collect(reference, visit);
  }

  /** Plugin configurations from a directory are the resources that it builds. */
  async #pluginsIn(directory: string, visit: Visit): Promise<void> {
    for (const path of [...this.#collector.files.keys()]) {
      if (contains(directory, path)) await this.#plugins(path, visit);
    }
  }
}

function remoteRefused(path: string): BuildRefused {
  return new BuildRefused(
    `remote base '${withoutCredentials(path)}' is not followed: a build reads the files of the commit alone, ` +
      'and what a URL answers may change without one',
  );
}

function outsideRefused(path: string, directory: string): BuildRefused {
  return new BuildRefused(
    `kustomize build failed: fs-security-constraint abs ${path}: path '${path}', named in '${directory || '.'}', is not in or below the root of the repository`,
  );
}

function nothingToBuild(named: string, path: string): BuildRefused {
  const missing = `unable to find one of 'kustomization.yaml', 'kustomization.yml' or 'Kustomization' in directory '${path || '.'}'`;
  return new BuildRefused(
    `kustomize build failed: accumulating resources: accumulation err='accumulating resources from '${named}': read ${path || '.'}: is a directory': couldn't make target for path '${path || '.'}': ${missing}`,
  );
}

function notADirectory(path: string, entry: ArtifactEntry): string {
  return entry === 'file' ? `'${path}' is a file, not a directory` : notInArtifact(path, entry);
}

function notInArtifact(path: string, entry: ArtifactEntry): string {
  return entry === 'symlink'
    ? `'${path}' leads through a symbolic link, and Flux leaves symbolic links out of its artifacts`
    : `'${path}' is in a Git submodule, whose files are in another repository`;
}
