/**
 * The stage that scenarios play on: a cluster with Flux, a Git server with the example repository, a developer with a
 * clone, and Ebb's command line. A scenario does not know which kind of cluster it is on: the sandbox, or with
 * EBB_STAGE=cluster the real control plane.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { onTestFailed } from 'vitest';
import { openCluster } from '../../src/adapters/kube/cluster.ts';
import { GIT_REPOSITORY, type GitRepository, KUSTOMIZATION, type Kustomization, REQUESTED_AT } from '../../src/api/flux.ts';
import { main } from '../../src/cli/main.ts';
import { type Captured, type CaptureOptions, runCaptured } from '../../src/cli/run-captured.ts';
import { type Requests, requestApplication } from '../../src/demo/requests.ts';
import { type Developer, developerAt } from '../../src/example/developer.ts';
import { REPOSITORY } from '../../src/example/sandbox.ts';
import type { Cluster } from '../../src/ports.ts';
import type { GitServer } from '../../src/sandbox/git/server.ts';
import { type Ground, openGround, type StageOptions } from './stage/ground.ts';
import { EBB_ACCOUNT, grantShipped } from './stage/identity.ts';
import { STAGE, serves } from './stage/kind.ts';
import { endpointsAreReady, everyRequestIsAnswered } from './stage/users.ts';

export { helm, STAGE, serves } from './stage/kind.ts';

export interface Stage {
  developer: Developer;
  /** As the administrator. */
  cluster: Cluster;
  /** Runs `ebb …` in the developer's clone, without a terminal, as the ServiceAccount that we ship. */
  ebb(...args: string[]): Promise<Captured>;
  /** The same with an environment, a folder or a signal of its own, or on a terminal where somebody answers. */
  ebbWith(options: Partial<CaptureOptions>, ...args: string[]): Promise<Captured>;
  /** As the administrator. */
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
  /** Sends requests to the sample application; only where pods answer them (`serves`). */
  requests(count: number): Promise<Requests>;
  /** Sees that users are served: so many requests are all answered. Where pods run no program, the Service has ready endpoints. */
  answers(count: number): Promise<void>;
  /** Branch protection of main. */
  protectMain(on: boolean): Promise<void>;
  git: GitServer;
  gitUrl: string;
  /** Of the administrator. */
  kubeconfig: string;
  /** Another kubeconfig, for one of the options' `tokens`, or for a token that nobody knows. */
  kubeconfigFor(token: string): Promise<string>;
  /** Name of the kubeconfig's context. */
  context: string;
  /** Ends a controller of Flux as a crash would, and starts it anew. Only on the real control plane, where it is a program. */
  restart(name: 'kustomize-controller' | 'source-controller'): Promise<void>;
  /** Where ebb keeps its mirrors and journals. */
  home: string;
  /** The environment in which ebb is run here, for processes of one's own. */
  env: NodeJS.ProcessEnv;
  leave(): Promise<void>;
}

const run = promisify(execFile);
/** Milliseconds that something may take; the real control plane takes turns with the tests for the same few processors. */
const PATIENCE = STAGE === 'cluster' ? 180_000 : 60_000;

/** Opens the stage; the sample application 1.0.0 is well when it resolves. */
export async function openStage(options: StageOptions = {}): Promise<Stage> {
  const ground = await openGround({ timeout: '20s', ...options, tokens: [EBB_ACCOUNT, ...(options.tokens ?? [])] });
  const leaving: (() => unknown)[] = [() => ground.stop()];
  const leave = async () => {
    for (const one of leaving.splice(0).reverse()) await one();
  };
  try {
    const stage = await furnish(ground, options, { leave, leaving });
    await stage.untilWell();
    return stage;
  } catch (error) {
    await leave();
    throw error;
  }
}

interface Leaving {
  leave(): Promise<void>;
  /** What is to be undone when the stage is left, last first. */
  leaving: (() => unknown)[];
}

async function furnish(ground: Ground, options: StageOptions, { leave, leaving }: Leaving): Promise<Stage> {
  const { git, kubeconfig } = ground;
  const home = await mkdtemp(join(tmpdir(), 'ebb-stage-'));
  leaving.push(() => rm(home, { recursive: true, force: true }));
  const gitUrl = git.cloneUrl(REPOSITORY);
  const developer = await developerAt(withUser(gitUrl, options.gitUsers?.[0]));
  leaving.push(() => developer.leave());
  const cluster = await openCluster({ kubeconfig });
  leaving.push(() => cluster.close());
  await grantShipped(cluster, { readsGitSecret: options.gitUsers !== undefined });
  const env = {
    ...process.env,
    ...(ground.programs ? { PATH: `${ground.programs}${delimiter}${process.env.PATH}` } : {}),
    KUBECONFIG: await ground.kubeconfigFor(EBB_ACCOUNT.token),
    EBB_CACHE_DIR: join(home, 'cache'),
    EBB_STATE_DIR: join(home, 'state'),
    NO_COLOR: '1',
  };
  const administrator = { ...env, KUBECONFIG: kubeconfig };
  const ebbWith: Stage['ebbWith'] = (own, ...args) =>
    runCaptured(main, args, { cwd: developer.folder, ...own, env: { ...env, ...own.env } });
  const kustomization: Stage['kustomization'] = async (name = 'sample-app') => {
    const object = await cluster.get<Kustomization>({ ...KUSTOMIZATION, namespace: 'flux-system', name });
    if (!object) throw new Error(`kustomization ${name} is not there`);
    return object;
  };
  return {
    developer,
    cluster,
    ebb: (...args) => ebbWith({}, ...args),
    ebbWith,
    kubectl: async (...args) => (await run('kubectl', args, { env: administrator, maxBuffer: 64 * 1024 * 1024 })).stdout,
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
    requests: async (count) => {
      if (!serves) throw new Error('pods answer no requests on this stage: ask `serves` first');
      return requestApplication(cluster, count);
    },
    answers: (count) => (serves ? everyRequestIsAnswered(cluster, count) : endpointsAreReady(cluster)),
    protectMain: (on) => git.protect(REPOSITORY, 'main', on),
    git,
    gitUrl,
    kubeconfig,
    kubeconfigFor: (token) => ground.kubeconfigFor(token),
    context: cluster.name.replace(/ \(.*$/, ''),
    restart: async (name) => {
      if (!ground.restart) throw new Error(`${name} is no program on this stage`);
      await ground.restart(name);
    },
    home,
    env,
    leave,
  };
}

async function until(what: string, met: () => Promise<boolean>, ms: number = PATIENCE): Promise<void> {
  const deadline = Date.now() + ms;
  for (;;) {
    if (await met()) return;
    if (Date.now() > deadline) throw new Error(`waited ${ms / 1_000} s in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
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
