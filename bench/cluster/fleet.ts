/** Applications that share one GitRepository, each with a Kustomization of its own: `app-1` … `app-N`. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { type OpenCluster, openCluster } from '../../src/adapters/kube/cluster.ts';
import { GIT_REPOSITORY, KUSTOMIZATION, type Kustomization } from '../../src/api/flux.ts';
import type { KubeObject } from '../../src/api/kube.ts';
import { type Developer, developerAt } from '../../src/example/developer.ts';
import { type GitServer, startGitServer } from '../../src/sandbox/git/server.ts';
import type { ControlPlane } from '../../test/cluster/control-plane.ts';
import type { Scenario, Version } from './scenarios.ts';
import type { Watched } from './stopwatch.ts';
import { ask, isWell, sourceRef } from './watch.ts';

const NAMESPACE = 'bench';
const SOURCE = 'fleet';
const REPOSITORY = 'fleet';
const MANAGER = 'bench';

export interface FleetOptions {
  plane: ControlPlane;
  /** The most applications that there will be. */
  most: number;
  /** `spec.interval` of the GitRepository. */
  interval: string;
  /** Ends all waiting. */
  ended: AbortSignal;
}

/** The longest that one waits for anything, in milliseconds. */
const PATIENCE = 1_800_000;

export class Fleet {
  readonly plane: ControlPlane;
  readonly git: GitServer;
  readonly cluster: OpenCluster;
  readonly developer: Developer;
  readonly ended: AbortSignal;
  /** How many applications there are now. */
  size = 0;
  #releases = 0;
  #good = 0;

  private constructor(parts: Pick<Fleet, 'plane' | 'git' | 'cluster' | 'developer' | 'ended'>) {
    this.plane = parts.plane;
    this.git = parts.git;
    this.cluster = parts.cluster;
    this.developer = parts.developer;
    this.ended = parts.ended;
  }

  static async start({ plane, most, interval, ended }: FleetOptions): Promise<Fleet> {
    const git = await startGitServer({ root: join(plane.folder, 'git') });
    const content = await mkdtemp(join(plane.folder, 'fleet-'));
    for (let number = 1; number <= most; number++) await writeFiles(content, appFiles(number));
    await git.addRepository(REPOSITORY, { from: content });
    await rm(content, { recursive: true });
    const developer = await developerAt(git.cloneUrl(REPOSITORY));
    const cluster = await openCluster({ kubeconfig: plane.kubeconfig });
    await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } });
    await plane.api.apply(
      {
        ...GIT_REPOSITORY,
        metadata: { name: SOURCE, namespace: 'flux-system' },
        spec: { url: git.cloneUrl(REPOSITORY), interval, ref: { branch: 'main' } },
      },
      MANAGER,
    );
    return new Fleet({ plane, git, cluster, developer, ended });
  }

  /** Makes the Kustomizations up to `count`, and waits until all are applied. */
  async grow(count: number): Promise<void> {
    for (let number = this.size + 1; number <= count; number++) await this.plane.api.apply(kustomization(number), MANAGER);
    this.size = count;
    await this.settled(await this.head());
  }

  /** The application under measurement: in the middle, for neither end of a queue is typical. */
  get subject(): string {
    return nameOf(Math.ceil(this.size / 2));
  }

  head(): Promise<string> {
    return this.developer.git('ls-remote', 'origin', 'refs/heads/main').then((line) => line.slice(0, 40));
  }

  /** Gives the subject the scenario's workload and timeout, in its good version, and waits until all is quiet. */
  async prepare(scenario: Scenario): Promise<void> {
    const number = Number(this.subject.slice(4));
    await this.plane.api.apply(kustomization(number, scenario.timeout), MANAGER);
    const commit = await this.release(scenario, scenario.good);
    this.#good = this.#releases;
    await this.settled(commit);
  }

  /** Pushes a version of the subject and has it fetched. @returns the commit. */
  async release(scenario: Scenario, image: string): Promise<string> {
    const version = { image, release: String(++this.#releases) };
    const text = workload(this.subject, scenario.workload, version);
    const commit = await this.developer.push(`${this.subject}: release ${version.release}`, {
      [`apps/${this.subject}/workload.yaml`]: text,
    });
    await this.fetchNow();
    return commit;
  }

  async fetchNow(): Promise<void> {
    await ask(this.cluster, sourceRef(SOURCE));
  }

  /** What to look at while a bad release of the subject is taken back: every round goes back to the good version. */
  watched(scenario: Scenario, bad: string): Watched {
    const good = String(this.#good);
    return {
      cluster: this.cluster,
      bare: this.git.directory(REPOSITORY),
      bad,
      workload: { apiVersion: 'apps/v1', kind: scenario.workload, namespace: NAMESPACE, name: this.subject },
      isGood: (object) => releaseOf(object) === good,
      kustomization: this.subject,
      patience: PATIENCE,
    };
  }

  /** Waits until every Kustomization is healthy at a commit. */
  async settled(commit: string): Promise<void> {
    await this.until(`${this.size} Kustomizations are well at ${commit.slice(0, 8)}`, async () => {
      const all = await this.cluster.list<Kustomization>(KUSTOMIZATION, { namespace: 'flux-system' });
      return all.length === this.size && all.every((one) => isWell(one, commit));
    });
  }

  /** Waits until Flux works on a commit of the subject, and all others are done with it. */
  async waiting(commit: string): Promise<void> {
    await this.until(`Flux waits for ${commit.slice(0, 8)} of ${this.subject}`, async () => {
      const all = await this.cluster.list<Kustomization>(KUSTOMIZATION, { namespace: 'flux-system' });
      return all.every((one) =>
        one.metadata.name === this.subject ? one.status?.lastAttemptedRevision?.endsWith(commit) === true : isWell(one, commit),
      );
    });
  }

  async until(what: string, met: () => Promise<boolean>, ms = PATIENCE): Promise<void> {
    const deadline = Date.now() + ms;
    while (!(await met())) {
      if (Date.now() > deadline) throw new Error(`waited ${ms / 1_000} s in vain until ${what}`);
      await this.sleep(500);
    }
  }

  /** @throws the reason of `ended`. */
  async sleep(ms: number): Promise<void> {
    await setTimeout(Math.max(0, ms), undefined, { signal: this.ended }).catch(() => this.ended.throwIfAborted());
  }

  async stop(): Promise<void> {
    this.cluster.close();
    await this.developer.leave();
    await this.git.stop();
  }
}

function nameOf(number: number): string {
  return `app-${number}`;
}

function kustomization(number: number, timeout = '5m'): KubeObject {
  return {
    ...KUSTOMIZATION,
    metadata: { name: nameOf(number), namespace: 'flux-system' },
    spec: {
      interval: '10m',
      retryInterval: '30s',
      timeout,
      path: `./apps/${nameOf(number)}`,
      prune: true,
      wait: true,
      targetNamespace: NAMESPACE,
      sourceRef: { kind: 'GitRepository', name: SOURCE },
    },
  };
}

function appFiles(number: number): Record<string, string> {
  const name = nameOf(number);
  const settings = `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\ndata:\n  name: ${name}\n`;
  const version = { image: 'ghcr.io/ebb-dev/sample-saas-app:1.0.0', release: '0' };
  return { [`apps/${name}/settings.yaml`]: settings, [`apps/${name}/workload.yaml`]: workload(name, 'Deployment', version) };
}

function workload(name: string, kind: Scenario['workload'], { image, release }: Version): string {
  return `apiVersion: apps/v1
kind: ${kind}
metadata:
  name: ${name}
spec:
${kind === 'DaemonSet' ? '' : '  replicas: 1\n'}${kind === 'StatefulSet' ? `  serviceName: ${name}\n` : ''}  selector:
    matchLabels:
      app: ${name}
  template:
    metadata:
      labels:
        app: ${name}
    spec:
      containers:
        - name: app
          image: ${image}
          env:
            - name: RELEASE
              value: "${release}"
`;
}

async function writeFiles(folder: string, files: Record<string, string>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    const file = join(folder, path);
    await mkdir(join(file, '..'), { recursive: true });
    await writeFile(file, text);
  }
}

function releaseOf(object: KubeObject): string | undefined {
  const { template } = object.spec as { template: { spec: { containers: { env?: { name: string; value?: string }[] }[] } } };
  return template.spec.containers[0]?.env?.find((one) => one.name === 'RELEASE')?.value;
}
