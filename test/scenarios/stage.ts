/**
 * The stage that scenarios play on: a cluster with Flux, a Git server with the example repository, a developer with a
 * clone, and Ebb's command line. A scenario does not know which kind of cluster it is on.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { onTestFailed } from 'vitest';
import { openCluster } from '../../src/adapters/kube/cluster.ts';
import { findRenderer } from '../../src/adapters/render/renderer.ts';
import { GIT_REPOSITORY, type GitRepository, KUSTOMIZATION, type Kustomization, REQUESTED_AT } from '../../src/api/flux.ts';
import { main } from '../../src/cli/main.ts';
import { type Captured, type CaptureOptions, runCaptured } from '../../src/cli/run-captured.ts';
import { type Requests, requestApplication } from '../../src/demo/requests.ts';
import { type Developer, developerAt } from '../../src/example/developer.ts';
import { type ExampleOptions, REPOSITORY, startExample } from '../../src/example/sandbox.ts';
import type { Cluster } from '../../src/ports.ts';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';

export interface Stage {
  developer: Developer;
  cluster: Cluster;
  /** Runs `ebb …` in the developer's clone, without a terminal. */
  ebb(...args: string[]): Promise<Captured>;
  /** The same with an environment, a folder or a signal of its own, or on a terminal where somebody answers. */
  ebbWith(options: Partial<CaptureOptions>, ...args: string[]): Promise<Captured>;
  kubectl(...args: string[]): Promise<string>;
  /** What a webhook receiver does when somebody pushes. */
  fetchNow(): Promise<void>;
  /** Waits until Flux attempted this commit for the sample application. */
  untilAttempted(commit: string): Promise<Kustomization>;
  /** Waits until a Kustomization is well: the sample application's, where no other is named. */
  untilWell(name?: string): Promise<void>;
  until(what: string, met: () => Promise<boolean>, ms?: number): Promise<void>;
  kustomization(name?: string): Promise<Kustomization>;
  source(name?: string): Promise<GitRepository | undefined>;
  /** Images that run in a namespace (default: the sample application's), of pods that are not going away. */
  images(namespace?: string): Promise<string[]>;
  requests(count: number): Promise<Requests>;
  /** Branch protection of main. */
  protectMain(on: boolean): Promise<void>;
  gitUrl: string;
  kubeconfig: string;
  /** The sandbox behind it, for what only a sandbox can do. */
  sandbox: Sandbox;
  /** Where ebb keeps its mirrors and journals. */
  home: string;
  /** The environment in which ebb is run here, for processes of one's own. */
  env: NodeJS.ProcessEnv;
  leave(): Promise<void>;
}

const run = promisify(execFile);
const PATIENCE = 60_000;

/** Opens the stage; the sample application 1.0.0 is well when it resolves. */
export async function openStage(options: Omit<ExampleOptions, 'renderer'> = {}): Promise<Stage> {
  const renderer = await findRenderer({});
  const sandbox = await startExample({ renderer, timeout: '20s', ...options });
  const home = await mkdtemp(join(tmpdir(), 'ebb-stage-'));
  const gitUrl = sandbox.git.cloneUrl(REPOSITORY);
  const developer = await developerAt(withUser(gitUrl, options.gitUsers?.[0]));
  const cluster = await openCluster({ kubeconfig: sandbox.kubeconfig });
  const env = {
    ...process.env,
    KUBECONFIG: sandbox.kubeconfig,
    EBB_CACHE_DIR: join(home, 'cache'),
    EBB_STATE_DIR: join(home, 'state'),
    NO_COLOR: '1',
  };
  const ebbWith: Stage['ebbWith'] = (own, ...args) =>
    runCaptured(main, args, { cwd: developer.folder, ...own, env: { ...env, ...own.env } });
  const until: Stage['until'] = async (what, met, ms = PATIENCE) => {
    const deadline = Date.now() + ms;
    for (;;) {
      if (await met()) return;
      if (Date.now() > deadline) throw new Error(`waited ${ms / 1_000} s in vain until ${what}`);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  };
  const kustomization: Stage['kustomization'] = async (name = 'sample-app') => {
    const object = await cluster.get<Kustomization>({ ...KUSTOMIZATION, namespace: 'flux-system', name });
    if (!object) throw new Error(`kustomization ${name} is not there`);
    return object;
  };
  const stage: Stage = {
    developer,
    cluster,
    ebb: (...args) => ebbWith({}, ...args),
    ebbWith,
    kubectl: async (...args) => (await run('kubectl', args, { env, maxBuffer: 64 * 1024 * 1024 })).stdout,
    fetchNow: async () => {
      await cluster.patch(
        { ...GIT_REPOSITORY, namespace: 'flux-system', name: 'flux-system' },
        { metadata: { annotations: { [REQUESTED_AT]: new Date().toISOString() } } },
        { type: 'merge' },
      );
    },
    untilAttempted: async (commit) => {
      await until(
        `Flux attempts ${commit.slice(0, 8)}`,
        async () => (await kustomization()).status?.lastAttemptedRevision?.endsWith(commit) === true,
      );
      return kustomization();
    },
    untilWell: (name = 'sample-app') =>
      until(`${name} is well`, async () => {
        const object = await cluster.get<Kustomization>({ ...KUSTOMIZATION, namespace: 'flux-system', name });
        return (
          object?.status?.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True') === true &&
          object.status.lastAppliedRevision === object.status.lastAttemptedRevision
        );
      }),
    until,
    kustomization,
    source: (name = 'flux-system') => cluster.get<GitRepository>({ ...GIT_REPOSITORY, namespace: 'flux-system', name }),
    images: async (namespace = 'sample-saas-app') => {
      const pods = await cluster.list({ apiVersion: 'v1', kind: 'Pod' }, { namespace });
      const living = pods.filter((pod) => pod.metadata.deletionTimestamp === undefined);
      return [
        ...new Set(
          living.flatMap((pod) => (pod.spec as { containers: { image: string }[] }).containers.map((container) => container.image)),
        ),
      ].sort();
    },
    requests: (count) => requestApplication(cluster, count),
    protectMain: async (on) => {
      await sandbox.git.protect(REPOSITORY, 'main', on);
    },
    gitUrl,
    kubeconfig: sandbox.kubeconfig,
    sandbox,
    home,
    env,
    leave: async () => {
      await developer.leave();
      await sandbox.stop();
      await cluster.close();
      await rm(home, { recursive: true, force: true });
    },
  };
  await stage.untilWell();
  return stage;
}

function withUser(url: string, user: { username: string; password: string } | undefined): string {
  return user ? Object.assign(new URL(url), user).href : url;
}

/** Prints what a command printed when the test that ran it fails. */
export function explain(captured: Captured): Captured {
  onTestFailed(() => {
    console.error(`exit code ${captured.code}\n${captured.stderr}\n${captured.stdout}`);
  });
  return captured;
}
