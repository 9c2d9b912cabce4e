/** Suspends a target: who, why and until when are written beside it. */
import { ROLLBACK_ID } from '../api/annotations.ts';
import type { KubeObject } from '../api/kube.ts';
import { formatTarget, targetRef } from '../api/target.ts';
import { holdAnnotations } from '../core/holds/hold.ts';
import type { StepHandler } from './step.ts';

export const suspendStep: StepHandler<'suspend'> = {
  kind: 'suspend',
  describe: (step) => `suspend ${formatTarget(step.target)}`,
  run: async (step, { cluster, clock, rollbackId }) => {
    const ref = targetRef(step.target);
    const before = await cluster.get<KubeObject>(ref);
    if (
      (before?.spec as { suspend?: boolean } | undefined)?.suspend === true &&
      before?.metadata.annotations?.[ROLLBACK_ID] === (rollbackId ?? before?.metadata.annotations?.[ROLLBACK_ID])
    ) {
      if (rollbackId !== undefined) return { kind: 'done', found: true, message: `${formatTarget(step.target)} is already suspended` };
    }
    const annotations = {
      ...holdAnnotations({
        by: step.by,
        reason: step.reason,
        since: clock.now().toISOString(),
        ...(step.until ? { until: step.until } : {}),
      }),
      ...(rollbackId === undefined ? {} : { [ROLLBACK_ID]: rollbackId }),
    };
    await cluster.patch(ref, { metadata: { annotations }, spec: { suspend: true } }, { type: 'merge' });
    return { kind: 'done', found: false, message: `${formatTarget(step.target)} suspended${step.until ? ` until ${step.until}` : ''}` };
  },
};
