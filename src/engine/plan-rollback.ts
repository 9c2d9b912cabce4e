/** observe → propose → plan. Nothing is written to Git or to the cluster. */
import { holdEnd } from '../core/holds/hold.ts';
import { buildPlan, type Proposal } from '../core/plan/build.ts';
import type { Plan, Refusal, Request } from '../core/plan/plan.ts';
import { firstTakenBack } from '../core/restart/arrival.ts';
import { withArrivals } from '../observe/config-arrival.ts';
import { Lacks } from '../observe/lacks.ts';
import type { Engine } from './engine.ts';
import { observeForPlan } from './observe-for-plan.ts';
import type { Observed } from './propose/observed.ts';
import { propose } from './propose/propose.ts';

export interface PlanOptions {
  /** How long no container may restart before the target counts as steady, in milliseconds. */
  steadyMs: number;
  /** HTTP checks besides those that the target declares. */
  httpChecks: string[];
  /** Watch Flux to the end; `false` ends once Git or the pin is written, and Flux does the rest on its own. */
  wait: boolean;
}

export const DEFAULT_PIN_MS = 24 * 3_600_000;

/**
 * @param knownId the id of a rollback that goes on.
 * @throws Failure of the cluster, of Git, of the renderer.
 */
export async function planRollback(
  engine: Pick<Engine, 'cluster' | 'repo' | 'renderer' | 'clock'>,
  request: Request,
  options: PlanOptions,
  knownId?: string,
): Promise<Plan | Refusal> {
  const observed = await observeForPlan(engine, request.target, {
    depth: request.to === undefined && !request.commits?.length ? 'near' : 'all',
  });
  if ('kind' in observed) return observed;
  const proposed = await propose(engine.repo, engine.renderer, observed, request, knownId);
  if ('kind' in proposed) return proposed;
  const proposal = await withKnownArrivals(engine.cluster, proposed, observed);
  const target = { ...observed.target, httpChecks: [...new Set([...observed.target.httpChecks, ...options.httpChecks])] };
  const pinUntil = holdEnd(engine.clock.now(), request.pinForMs ?? DEFAULT_PIN_MS);
  const plan = buildPlan({ request, target, source: observed.source, proposal, steadyMs: options.steadyMs, pinUntil });
  return options.wait || 'kind' in plan ? plan : withoutWaiting(plan);
}

/** Where nothing is restarted nothing is asked. */
async function withKnownArrivals(cluster: Engine['cluster'], proposal: Proposal, { deployments }: Observed): Promise<Proposal> {
  if (proposal.restarts.length === 0) return proposal;
  const lacks = new Lacks();
  const restarts = await withArrivals(cluster, proposal.restarts, firstTakenBack(deployments, proposal.to.sha), lacks);
  return { ...proposal, restarts, notes: [...proposal.notes, ...lacks.notes] };
}

/** What lets go of a target waits for the source all the same: it would find the bad version else. */
function withoutWaiting(plan: Plan): Plan {
  const letsGo = plan.steps.some((step) => step.kind === 'resume' || step.kind === 'unpin');
  const writes = new Set(['suspend', 'commit', 'pin', 'unpin', 'resume', ...(letsGo ? ['fetch-source'] : [])]);
  return { ...plan, steps: plan.steps.filter((step) => writes.has(step.kind)) };
}
