/** Builds and stores the artifact. Source: source-controller reconcileInclude, reconcileArtifact. */
import type { Artifact } from '../../../api/flux.ts';
import { insideRoot } from './artifact-files.ts';
import { revisionOf } from './checkout.ts';
import { contentChanged } from './content-changes.ts';
import { IGNORE_FILE, type IgnoreLines, ignoreFilter } from './ignore-rules.ts';
import { keyParts } from './source-key.ts';
import { failure, type SourceRun } from './source-run.ts';
import { ARTIFACT_IN_STORAGE, ARTIFACT_OUTDATED, FETCH_FAILED, STORAGE_OPERATION_FAILED } from './summarize.ts';
import { isRegular, type TreeFile } from './tree-listing.ts';

export async function storeArtifact(run: SourceRun): Promise<void> {
  const { object, conditions, storage, events } = run;
  const commit = run.commit as NonNullable<SourceRun['commit']>;
  const revision = revisionOf(object.spec.ref ?? {}, commit);
  if (object.status.artifact?.revision === revision && !contentChanged(object, run.includes)) {
    events.record(object, {
      type: 'Normal',
      reason: 'ArtifactUpToDate',
      message: `artifact up-to-date with remote revision: '${revision}'`,
    });
  } else {
    const tree = await artifactTree(run, commit.sha);
    const stored = await storage.store(keyParts(object), commit.sha, tree);
    recordObservations(run, { ...stored, revision });
  }
  conditions.delete(STORAGE_OPERATION_FAILED);
  conditions.delete(ARTIFACT_OUTDATED);
  conditions.markTrue(ARTIFACT_IN_STORAGE, 'Succeeded', `stored artifact for revision '${revision}'`);
}

function recordObservations({ object, includes }: SourceRun, artifact: Artifact): void {
  const { spec } = object;
  object.status = {
    ...object.status,
    artifact,
    observedIgnore: spec.ignore,
    observedRecurseSubmodules: spec.recurseSubmodules,
    observedSparseCheckout: spec.sparseCheckout,
    observedInclude: spec.include,
    includedArtifacts: includes.length > 0 ? includes : undefined,
  };
}

/** The commit's tree with includes, and without what is ignored or not regular. */
async function artifactTree(run: SourceRun, sha: string): Promise<string> {
  const { objects } = run.storage;
  const original = await objects.treeOf(sha);
  const all = await objects.files(original);
  const wanted = await withIncludes(run, sparse(run, all));
  const ignored = ignoreFilter(await ignoreLines(run, wanted));
  const kept = wanted.filter((file) => isRegular(file) && !ignored(file.path));
  const unchanged = kept.length === all.length && (run.object.spec.include ?? []).length === 0;
  return unchanged ? original : objects.writeTree(kept);
}

function sparse(run: SourceRun, files: TreeFile[]): TreeFile[] {
  const directories = run.object.spec.sparseCheckout?.map(insideRoot);
  if (!directories) return files;
  for (const directory of directories) {
    if (files.some(({ path }) => directory === '' || path.startsWith(`${directory}/`) || path === directory)) continue;
    const message = `failed to sparse checkout directories : sparse checkout dir '${directory}' does not exist in repository`;
    throw failure(run, FETCH_FAILED, message, { reason: 'GitOperationFailed' });
  }
  // Files at the root are always part of a sparse checkout.
  return files.filter(
    ({ path }) => !path.includes('/') || directories.some((directory) => directory === '' || path.startsWith(`${directory}/`)),
  );
}

async function withIncludes(run: SourceRun, files: TreeFile[]): Promise<TreeFile[]> {
  const merged = new Map(files.map((file) => [file.path, file]));
  for (const [index, { repository, fromPath, toPath }] of (run.object.spec.include ?? []).entries()) {
    const artifact = run.includes[index];
    const included = artifact && run.storage.filesOf(artifact);
    if (!included) {
      const message = `failed to copy '${repository.name}' include from ${fromPath ?? ''} to ${toPath ?? repository.name}: artifact not found`;
      throw failure(run, STORAGE_OPERATION_FAILED, message, { reason: 'CopyFailure' });
    }
    const from = insideRoot(fromPath ?? '');
    const to = insideRoot(toPath ?? repository.name);
    for (const file of included) {
      if (from !== '' && !file.path.startsWith(`${from}/`)) continue;
      const path = insideRoot(`${to}/${from === '' ? file.path : file.path.slice(from.length + 1)}`);
      merged.set(path, { ...file, path });
    }
  }
  return [...merged.values()];
}

async function ignoreLines(run: SourceRun, files: TreeFile[]): Promise<IgnoreLines[]> {
  const lines: IgnoreLines[] = [];
  for (const file of files) {
    const [name, directory] = [
      file.path.slice(file.path.lastIndexOf('/') + 1),
      file.path.slice(0, Math.max(0, file.path.lastIndexOf('/'))),
    ];
    if (name === IGNORE_FILE) lines.push({ directory, text: (await run.storage.objects.read(file.sha)).toString('utf8') });
  }
  const { ignore } = run.object.spec;
  return ignore === undefined ? lines : [...lines, { directory: '', text: ignore }];
}
