/** Does the artifact of the status still exist? Source: source-controller reconcileStorage. */
import { keyParts } from './source-key.ts';
import { progress, type SourceRun } from './source-run.ts';
import { ARTIFACT_IN_STORAGE } from './summarize.ts';

export async function checkStorage(run: SourceRun): Promise<void> {
  const { object, storage, conditions, events } = run;
  const { artifact } = object.status;
  const collected = artifact ? await storage.collectGarbage(keyParts(object), artifact) : 0;
  if (collected > 0) {
    events.record(object, { type: 'Normal', reason: 'GarbageCollectionSucceeded', message: `garbage collected ${collected} artifacts` });
  }
  if (artifact && storage.has(artifact)) {
    object.status.artifact = { ...artifact, url: storage.urlOf(artifact.path) };
    return;
  }
  object.status.artifact = undefined;
  progress(run, artifact ? 'building artifact: disappeared from storage' : 'building artifact', 'drift');
  conditions.delete(ARTIFACT_IN_STORAGE);
  run.patch();
}
