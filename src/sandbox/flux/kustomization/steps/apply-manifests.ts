/** Applies what was built. On an error the inventory stays as it was: what was created meanwhile is not tracked. */
import { RECONCILE_ANNOTATION } from '../../../../api/flux.ts';
import { type KubeObject, refOf } from '../../../../api/kube.ts';
import { ApplyError, applyStaged } from '../../ssa/apply.ts';
import { type Change, formatChanges, hasChanged, subjectOf } from '../../ssa/change-set.ts';
import { ownerLabels, withMetadata } from '../../ssa/metadata.ts';
import { recordEvent } from '../events.ts';
import { AttemptFailure, type AttemptRun } from '../run.ts';

export async function applyManifests(run: AttemptRun): Promise<void> {
  const { object, api, clock, signal, revision, originRevision } = run;
  run.objects = run.objects.map((manifest) => decorate(manifest, run));
  refuseEncrypted(run.objects);
  try {
    run.changes = await applyStaged(run.objects, { api, clock, signal, force: object.spec.force ?? false });
  } catch (error) {
    if (!(error instanceof ApplyError)) throw error;
    throw applyFailure(`${error.message}\n${changeLog(error.changes)}`);
  }
  const message = changeLog(run.changes).trimEnd();
  if (message !== '') recordEvent(run, { severity: 'info', message, revision, originRevision });
}

function decorate(manifest: KubeObject, { object }: AttemptRun): KubeObject {
  const owned = withMetadata(manifest, { labels: ownerLabels(object.metadata) });
  return object.spec.commonMetadata ? withMetadata(owned, object.spec.commonMetadata) : owned;
}

/** A Secret that is still encrypted would be applied as garbage. */
function refuseEncrypted(objects: readonly KubeObject[]): void {
  const encrypted = objects.find(({ kind, sops, metadata }) => {
    return kind === 'Secret' && sops !== undefined && metadata.annotations?.[RECONCILE_ANNOTATION] !== 'disabled';
  });
  if (!encrypted) return;
  const subject = subjectOf(refOf(encrypted));
  throw applyFailure(`${subject} is SOPS encrypted, configuring decryption is required for this secret to be reconciled`);
}

function applyFailure(message: string): AttemptFailure {
  return new AttemptFailure('ReconciliationFailed', message, { recorded: true });
}

function changeLog(changes: readonly Change[]): string {
  const changed = changes.filter(hasChanged);
  return changed.length === 0 ? '' : `${formatChanges(changed)}\n`;
}
