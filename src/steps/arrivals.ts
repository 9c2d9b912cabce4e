/** Which of the revisions that were seen are the expected one: Git is asked once for each. */
import type { Kustomization } from '../api/flux.ts';
import type { ExpectedRevision } from '../core/plan/plan.ts';
import { healthCheckRun } from '../core/runs/run.ts';
import { revisionArrived } from './contains.ts';
import type { StepContext } from './step.ts';

export class Arrivals {
  readonly #context: StepContext;
  readonly #expected: ExpectedRevision;
  readonly #known = new Map<string, Promise<boolean>>();
  readonly #arrived = new Set<string>();

  constructor(context: StepContext, expected: ExpectedRevision) {
    this.#context = context;
    this.#expected = expected;
  }

  /** Of what was learned before. */
  readonly has = (revision: string | undefined): boolean => revision !== undefined && this.#arrived.has(revision);

  /** Looks at every revision that an object names. @throws Failure of Git. */
  async learn(object: Kustomization): Promise<void> {
    const { lastAppliedRevision, lastAttemptedRevision } = object.status ?? {};
    const running = healthCheckRun(object, this.#context.clock.now())?.revision;
    for (const revision of [lastAppliedRevision, lastAttemptedRevision, running]) {
      if (revision !== undefined) await this.#look(revision);
    }
  }

  async #look(revision: string): Promise<void> {
    const { repo, commit } = this.#context;
    const looked = this.#known.get(revision) ?? revisionArrived(repo, revision, this.#expected, commit);
    this.#known.set(revision, looked);
    if (await looked) this.#arrived.add(revision);
  }
}
