/** Resumes a suspended target and takes the record of its hold away. */
import { PINNED_COMMIT, ROLLBACK_ID } from '../api/annotations.ts';
import type { KubeObject } from '../api/kube.ts';
import { formatTarget, targetRef } from '../api/target.ts';
import { noHoldAnnotations } from '../core/holds/hold.ts';
import type { StepHandler } from './step.ts';

export const resumeStep: StepHandler<'resume'> = {
  kind: 'resume',
  describe: (step) => `resume ${formatTarget(step.target)}`,
  run: async (step, { cluster }) => {
    const ref = targetRef(step.target);
    const before = await cluster.get<KubeObject>(ref);
    const name = formatTarget(step.target);
    if ((before?.spec as { suspend?: boolean } | undefined)?.suspend !== true)
      return { kind: 'done', found: true, message: `${name} is not suspended` };
    // A pin beneath the suspension keeps its record.
    const pinned = before?.metadata.annotations?.[PINNED_COMMIT] !== undefined;
    const annotations = pinned ? {} : { ...noHoldAnnotations(), [ROLLBACK_ID]: null };
    await cluster.patch(ref, { metadata: { annotations }, spec: { suspend: null } }, { type: 'merge' });
    return { kind: 'done', found: false, message: `${name} resumed` };
  },
};
