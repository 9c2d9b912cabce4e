/**
 * The cluster of the bench: a Kubernetes API that holds the Flux objects of every application, with the status that Flux
 * would have written. No controller runs, so nothing but the commands under measurement uses the machine.
 */
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { GIT_REPOSITORY, KUSTOMIZATION } from '../src/api/flux.ts';
import type { KubeObject, ObjectRef } from '../src/api/kube.ts';
import { kubeconfig, startApiServer } from '../src/sandbox/apiserver/server.ts';
import { createStore } from '../src/sandbox/apiserver/store.ts';
import { ScaledClock } from '../src/sandbox/clock.ts';
import { FLUX_CRDS } from '../src/sandbox/flux/flux.ts';

const TOKEN = 'bench';
const NAMESPACE = 'flux-system';
/** A GitRepository may not name a file; the bench says `--repo`. */
const ELSEWHERE = 'https://git.example.com/big.git';
const run = promisify(execFile);

export interface BenchClusterOptions {
  head: string;
  apps: readonly string[];
}

type Store = ReturnType<typeof createStore>;
type Server = Awaited<ReturnType<typeof startApiServer>>;

export class BenchCluster {
  readonly #store: Store;
  readonly #server: Server;
  #good: string;

  private constructor(store: Store, server: Server, head: string) {
    this.#store = store;
    this.#server = server;
    this.#good = head;
  }

  static async start({ head, apps }: BenchClusterOptions): Promise<BenchCluster> {
    const clock = new ScaledClock();
    const store = createStore({ clock });
    for (const crd of FLUX_CRDS) store.create(crd, { manager: 'bench' });
    store.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } }, { manager: 'bench' });
    store.create(
      {
        ...GIT_REPOSITORY,
        metadata: { name: 'flux-system', namespace: NAMESPACE },
        spec: { url: ELSEWHERE, interval: '1m', ref: { branch: 'main' } },
      },
      { manager: 'bench' },
    );
    for (const app of apps) store.create(kustomization(app), { manager: 'bench' });
    const server = await startApiServer({ store, clock, tokens: [{ token: TOKEN, user: 'bench', groups: ['system:masters'] }] });
    const cluster = new BenchCluster(store, server, head);
    for (const app of apps) cluster.#report(app, head, head);
    return cluster;
  }

  async kubeconfig(folder: string): Promise<string> {
    const file = join(folder, 'kubeconfig');
    await writeFile(file, kubeconfig({ url: this.#server.url, caPem: this.#server.caPem, token: TOKEN }));
    return file;
  }

  /** Commits a bad release of an application and has Flux's status say that it is failing. @returns the commit. */
  async badRelease(remote: string, app: string): Promise<string> {
    const git = async (args: string[], input?: string) => {
      const child = run('git', ['--git-dir', remote, ...args], {
        env: {
          ...process.env,
          GIT_AUTHOR_NAME: 'Dev',
          GIT_AUTHOR_EMAIL: 'dev@example.com',
          GIT_COMMITTER_NAME: 'Dev',
          GIT_COMMITTER_EMAIL: 'dev@example.com',
          GIT_INDEX_FILE: join(remote, 'bench.index'),
        },
      });
      child.child.stdin?.end(input);
      return (await child).stdout.trim();
    };
    const head = await git(['rev-parse', 'refs/heads/main']);
    const path = `apps/${app}/overlays/prod/kustomization.yaml`;
    const text = await git(['show', `${head}:${path}`]);
    const changed = `${text.replace(/newTag: .*/, `newTag: bad-${head.slice(0, 7)}`)}\n`;
    const blob = await git(['hash-object', '-w', '--stdin'], changed);
    await git(['read-tree', head]);
    await git(['update-index', '--cacheinfo', `100644,${blob},${path}`]);
    const commit = await git(['commit-tree', await git(['write-tree']), '-p', head, '-m', `${app}: release a bad version`]);
    await git(['update-ref', 'refs/heads/main', commit, head]);
    this.#report(app, commit, this.#good);
    return commit;
  }

  /** @throws where the head of the branch is not a revert of `bad` that gives the tree from before it. */
  async assertReverted(remote: string, bad: string): Promise<void> {
    const git = async (...args: string[]) => (await run('git', ['--git-dir', remote, ...args])).stdout.trim();
    const [head, before] = await Promise.all([git('rev-parse', 'main^{tree}'), git('rev-parse', `${bad}~1^{tree}`)]);
    if (head !== before) throw new Error(`the rollback of ${bad} did not give the tree from before it`);
    this.#good = await git('rev-parse', 'main');
  }

  #report(app: string, attempted: string, applied: string): void {
    const ref: ObjectRef = { ...KUSTOMIZATION, namespace: NAMESPACE, name: app };
    const failing = attempted !== applied;
    const now = new Date().toISOString().replace(/\.\d+Z/, 'Z');
    const ready = failing
      ? { type: 'Ready', status: 'False', reason: 'HealthCheckFailed', message: 'health check failed', lastTransitionTime: now }
      : { type: 'Ready', status: 'True', reason: 'ReconciliationSucceeded', message: 'Applied revision', lastTransitionTime: now };
    const status = {
      observedGeneration: 1,
      lastAttemptedRevision: `main@sha1:${attempted}`,
      lastAppliedRevision: `main@sha1:${applied}`,
      conditions: [ready],
    };
    this.#store.patch<KubeObject>(ref, { status }, { type: 'merge', manager: 'bench', subresource: 'status' });
  }

  stop(): Promise<void> {
    return this.#server.stop();
  }
}

function kustomization(app: string): KubeObject {
  return {
    ...KUSTOMIZATION,
    metadata: { name: app, namespace: NAMESPACE },
    spec: {
      interval: '5m',
      prune: true,
      wait: true,
      path: `./apps/${app}/overlays/prod`,
      sourceRef: { kind: 'GitRepository', name: 'flux-system' },
    },
  };
}
