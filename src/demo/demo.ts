/** The demo: three bad releases, each rolled back by another strategy, on a sandbox; everything that is shown is real. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileJournal } from '../adapters/journal/file-journal.ts';
import { openCluster } from '../adapters/kube/cluster.ts';
import { formatDuration } from '../api/duration.ts';
import { GIT_REPOSITORY, REQUESTED_AT } from '../api/flux.ts';
import type { Captured, CaptureOptions } from '../cli/run-captured.ts';
import { foldJournal } from '../core/journal.ts';
import { type Developer, developerAt } from '../example/developer.ts';
import { REPOSITORY, startExample } from '../example/sandbox.ts';
import type { Cluster, Journal, Renderer } from '../ports.ts';
import { describeStep } from '../steps/list.ts';
import { ACTS, type Act } from './acts.ts';
import { type Requests, requestApplication } from './requests.ts';

/** The shortest that Flux takes, so that it gives up on a bad release within the demo; the example says 1m. */
export const DEMO_TIMEOUT = '30s';

export interface StrategyResult {
  strategy: string;
  /** What the bad release did. */
  bad: string;
  /** What `ebb status` named. */
  found: string[];
  /** What `ebb rollback` did, step by step. */
  done: { step: string; seconds: number }[];
  requests: { good: Requests; bad: Requests; after: Requests };
  verified: boolean;
  /** From `git push` of the bad release to its being named, and from the command to verified. */
  seconds: { named: number; rollback: number };
}

/** The bad release of the first act, taken back as a team does it today. */
export interface ByHand {
  commands: string[];
  /** From `git push` of the revert to the good version being well. */
  seconds: number;
}

export interface DemoResult {
  byHand: ByHand;
  strategies: StrategyResult[];
  seconds: number;
  verified: boolean;
}

export interface DemoOptions {
  /** Runs a command line of ebb. */
  ebb(argv: string[], options: CaptureOptions): Promise<Captured>;
  renderer: Renderer;
  env: Record<string, string | undefined>;
  signal: AbortSignal;
  /** Shows what goes on, as it goes on. */
  show(text: string): void;
}

/** Runs every act. @throws what broke; the sandbox is gone afterwards in any case. */
export async function runDemo(options: DemoOptions): Promise<DemoResult> {
  const began = Date.now();
  options.show('starting a cluster with Flux and Git on this machine …\n');
  const sandbox = await startExample({ renderer: options.renderer, timeout: DEMO_TIMEOUT });
  const home = await mkdtemp(join(tmpdir(), 'ebb-demo-'));
  const developer = await developerAt(sandbox.git.cloneUrl(REPOSITORY));
  try {
    const cluster = await openCluster({ kubeconfig: sandbox.kubeconfig });
    const stage = new DemoStage(cluster, developer, home, { ...options, env: { ...options.env, KUBECONFIG: sandbox.kubeconfig } });
    await stage.untilGood('1.0.0');
    options.show(`ready after ${formatDuration(Date.now() - began)}: sample-saas-app 1.0.0 runs and answers\n`);
    const byHand = await stage.takeBackByHand(ACTS[0] as Act);
    const strategies: StrategyResult[] = [];
    for (const act of ACTS) strategies.push(await stage.play(act));
    return { byHand, strategies, seconds: seconds(Date.now() - began), verified: strategies.every((result) => result.verified) };
  } finally {
    await developer.leave();
    await rm(home, { recursive: true, force: true });
    await sandbox.stop();
  }
}

function seconds(ms: number): number {
  return Math.round(ms / 100) / 10;
}

interface StatusJson {
  target: { lastAppliedRevision?: string; lastAttemptedRevision?: string; conditions: { type: string; status: string }[] };
  findings: { severity: string; reason: string }[];
  workloads: { workloads: { images: string[]; health: { status: string } }[] };
}

class DemoStage {
  readonly #cluster: Cluster;
  readonly #developer: Developer;
  readonly #options: DemoOptions;
  readonly #env: Record<string, string | undefined>;
  readonly #journal: Journal;

  constructor(cluster: Cluster, developer: Developer, home: string, options: DemoOptions) {
    this.#cluster = cluster;
    this.#developer = developer;
    this.#options = options;
    this.#env = { ...options.env, EBB_CACHE_DIR: join(home, 'cache'), EBB_STATE_DIR: join(home, 'state') };
    this.#journal = fileJournal(join(home, 'state', 'rollbacks'));
  }

  /** Git and Flux alone, with the defaults of both. */
  async takeBackByHand(act: Act): Promise<ByHand> {
    const { show } = this.#options;
    show(`\n━━ First, ${act.bad} and Flux alone\n`);
    await act.release(this.#developer);
    show(`$ git push    # ${act.bad}\n`);
    await this.#fetchNow();
    await this.#untilNamed(act);
    const commands = ['git revert --no-edit HEAD', 'git push', 'flux reconcile kustomization sample-app --with-source'];
    for (const command of commands) show(`$ ${command}\n`);
    await this.#developer.git('revert', '--no-edit', 'HEAD');
    const pushed = Date.now();
    await this.#developer.git('push', '--quiet', 'origin', 'HEAD:main');
    await this.#fetchNow();
    show(`the bad release has ${DEMO_TIMEOUT} to get healthy (spec.timeout), and Flux waits for that before it looks at the revert …\n`);
    await this.untilGood('1.0.0');
    const took = seconds(Date.now() - pushed);
    show(`well again after ${took}s; with a timeout of 4 minutes it would have been 4 minutes\n`);
    return { commands, seconds: took };
  }

  async play(act: Act): Promise<StrategyResult> {
    const { show } = this.#options;
    show(`\n━━ ${act.title}\n`);
    const good = await this.#requests();
    const pushed = Date.now();
    await act.release(this.#developer);
    show(`$ git push    # ${act.bad}\n`);
    await this.#fetchNow();
    const found = await this.#untilNamed(act);
    const named = seconds(Date.now() - pushed);
    const bad = await this.#requests();
    show(`requests to the application: ${describe(bad)}\n\n`);
    await this.#ebb(['status', 'sample-app'], true);
    const began = Date.now();
    const done = await this.#rollBack(act);
    const rollback = seconds(Date.now() - began);
    const after = await this.#requests();
    show(`requests to the application: ${describe(after)}\n`);
    const verified = done.verified && after.failed === 0;
    if (act.afterwards) await this.#afterwards(act.afterwards);
    return {
      strategy: act.strategy,
      bad: act.bad,
      found,
      done: done.steps,
      requests: { good, bad, after },
      verified,
      seconds: { named, rollback },
    };
  }

  async #rollBack(act: Act): Promise<{ verified: boolean; steps: StrategyResult['done'] }> {
    const { code } = await this.#ebb([...act.command, '--yes'], true);
    const [id] = await this.#journal.list();
    const state = id === undefined ? undefined : foldJournal(await this.#journal.read(id));
    const steps = (state?.plan.steps ?? []).map((step, index) => ({
      step: describeStep(step),
      seconds: seconds(state?.took.get(index) ?? 0),
    }));
    return { verified: code === 0 && state?.finished?.verdict?.outcome === 'good', steps };
  }

  /** Leaves Git good again, so that the next act begins from a good release. */
  async #afterwards(command: string[]): Promise<void> {
    const ended = await this.#ebb([...command, '--yes'], true);
    if (ended.code !== 0) throw new Error(`ebb ${command.join(' ')} ended with ${ended.code}: ${ended.stderr}`);
  }

  async #ebb(args: string[], shown: boolean): Promise<Captured> {
    const { ebb, show, signal } = this.#options;
    if (shown) show(`$ ebb ${args.map(quoted).join(' ')}\n`);
    const captured = await ebb(args, { env: this.#env, cwd: this.#developer.folder, signal, ...(shown ? { tee: show } : {}) });
    if (shown) show('\n');
    return captured;
  }

  async #status(): Promise<StatusJson> {
    return (await this.#ebb(['status', 'sample-app', '-o', 'json'], false)).json<StatusJson>();
  }

  async untilGood(version: string): Promise<void> {
    await this.#until(`version ${version} is well`, async () => {
      const captured = await this.#ebb(['status', 'sample-app', '-o', 'json'], false);
      if (captured.code !== 0) return false;
      const status = captured.json<StatusJson>();
      const ready = status.target.conditions.some((condition) => condition.type === 'Ready' && condition.status === 'True');
      return (
        ready &&
        status.findings.length === 0 &&
        status.workloads.workloads.every((workload) => workload.images.every((image) => image.endsWith(`:${version}`)))
      );
    });
  }

  async #untilNamed(act: Act): Promise<string[]> {
    let found: string[] = [];
    await this.#until(`${act.bad} shows`, async () => {
      if (act.symptom === 'http') {
        const { failed, sample } = await this.#requests();
        found = failed > 0 && sample ? [sample] : [];
        return found.length > 0;
      }
      const status = await this.#status();
      found = [...new Set(status.findings.filter((finding) => finding.severity === 'error').map((finding) => finding.reason))];
      return found.includes(act.symptom);
    });
    return found;
  }

  /** A webhook receiver would do this: without it the source is read once a minute. */
  async #fetchNow(): Promise<void> {
    const ref = { ...GIT_REPOSITORY, namespace: 'flux-system', name: 'flux-system' };
    await this.#cluster.patch(ref, { metadata: { annotations: { [REQUESTED_AT]: new Date().toISOString() } } }, { type: 'merge' });
  }

  #requests(): Promise<Requests> {
    return requestApplication(this.#cluster, 20);
  }

  async #until(what: string, met: () => Promise<boolean>): Promise<void> {
    const deadline = Date.now() + 90_000;
    while (!(await met())) {
      this.#options.signal.throwIfAborted();
      if (Date.now() > deadline) throw new Error(`waited 90 s in vain until ${what}`);
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
  }
}

/** As one would type it. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word}'`;
}

function describe(requests: Requests): string {
  return requests.failed === 0
    ? `${requests.sent} of ${requests.sent} answered well`
    : `${requests.failed} of ${requests.sent} failed (${requests.sample})`;
}
