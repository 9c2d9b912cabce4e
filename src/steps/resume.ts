/** Resumes a suspended target and takes the record of its hold away. */
import { PINNED_COMMIT, ROLLBACK_ID } from '../api/annotations.ts';
import type { KubeObject } from '../api/kube.ts';
import { formatTarget, targetRef } from '../api/target.ts';
import { noHoldAnnotations } from '../core/holds/hold.ts';
import { undoneHoldOf, undoneText } from '../core/holds/undone.ts';
import type { StepHandler } from './step.ts';

export const resumeStep: StepHandler<'resume'> = {
  kind: 'resume',
  describe: (step) => `resume ${formatTarget(step.target)}`,
  run: async (step, { cluster }) => {
    const ref = targetRef(step.target);
    const before = await cluster.get<KubeObject>(ref);
    const name = formatTarget(step.target);
    if ((before?.spec as { suspend?: boolean } | undefined)?.suspend !== true) {
      const undone = before && undoneHoldOf(before);
      if (undone?.kind !== 'suspend') return { kind: 'done', found: true, message: `${name} is not suspended` };
      await cluster.patch(ref, { metadata: { annotations: { ...noHoldAnnotations(), [ROLLBACK_ID]: null } } }, { type: 'merge' });
      return { kind: 'done', found: false, message: `${name} is not suspended: ${undoneText(undone)}` };
    }
    // A pin beneath the suspension keeps its record.
    const pinned = before?.metadata.annotations?.[PINNED_COMMIT] !== undefined;
    const annotations = pinned ? {} : { ...noHoldAnnotations(), [ROLLBACK_ID]: null };
    await cluster.patch(ref, { metadata: { annotations }, spec: { suspend: null } }, { type: 'merge' });
    return { kind: 'done', found: false, message: `${name} resumed` };
  },
};
