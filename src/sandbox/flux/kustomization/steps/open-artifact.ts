/** Opens the artifact's files and looks for `spec.path`; from here on the revision counts as attempted. */
import { insideRoot } from '../../source/artifact-files.ts';
import { ArtifactGone, AttemptFailure, type AttemptRun } from '../run.ts';
import { announce } from './announce.ts';

export async function openArtifact(run: AttemptRun): Promise<void> {
  const { object, artifact, storage } = run;
  run.files = storage.openFiles(artifact);
  if (!run.files) throw new ArtifactGone('artifact not found');
  const path = insideRoot(object.spec.path ?? '');
  const exists = (await run.files.list(path)) !== undefined || (await run.files.read(path)) !== undefined;
  if (!exists) {
    const message = `kustomization path not found: stat ${path}: no such file or directory`;
    throw new AttemptFailure('ArtifactFailed', message, { recorded: false });
  }
  object.status.lastAttemptedRevision = run.revision;
  announce(run, 'Building manifests');
}
