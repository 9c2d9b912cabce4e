/** For tests: an API server's store, a real Git server and Flux, on a clock that is moved by hand. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseAllDocuments } from 'yaml';
import { findCondition } from '../../api/conditions.ts';
import {
  GIT_REPOSITORY,
  type GitRepository,
  type GitRepositorySpec,
  KUSTOMIZATION,
  type Kustomization,
  type KustomizationSpec,
  REQUESTED_AT,
} from '../../api/flux.ts';
import type { Condition, KubeObject, ObjectRef } from '../../api/kube.ts';
import type { KubeEvent, Workload } from '../../api/workloads.ts';
import { createStore } from '../apiserver/store.ts';
import { ManualClock } from '../clock.ts';
import type { ClusterApi } from '../cluster.ts';
import { gitText, runGit } from '../git/git-program.ts';
import { type GitServer, type GitServerOptions, startGitServer } from '../git/server.ts';
import { type BuildFunction, FLUX_CRDS, type FluxOptions, startFlux } from './flux.ts';

const NAMESPACE = 'flux-system';
const AUTHOR = {
  GIT_AUTHOR_NAME: 'Mia',
  GIT_AUTHOR_EMAIL: 'mia@example.com',
  GIT_COMMITTER_NAME: 'Mia',
  GIT_COMMITTER_EMAIL: 'mia@example.com',
};
/** Wall-clock limit for what git and HTTP need. */
const PATIENCE_MS = 20_000;

/** Every manifest below `spec.path`, substituted the simple way. */
const buildPlainYaml: BuildFunction = async ({ files, spec, variables }) => {
  const inputs: string[] = [];
  const objects: KubeObject[] = [];
  const visit = async (directory: string): Promise<void> => {
    for (const { name, type } of (await files.list(directory)) ?? []) {
      const file = directory === '' ? name : `${directory}/${name}`;
      if (type === 'directory') await visit(file);
      if (type !== 'file' || !name.endsWith('.yaml')) continue;
      inputs.push(file);
      const text = Buffer.from((await files.read(file)) ?? []).toString('utf8');
      const filled = variables ? text.replace(/\$\{(\w+)\}/g, (_, key: string) => variables[key] ?? '') : text;
      for (const document of parseAllDocuments(filled)) {
        if (document.errors.length > 0) throw document.errors[0];
        if (document.contents) objects.push(document.toJS() as KubeObject);
      }
    }
  };
  try {
    await visit((spec.path ?? '').replace(/^\.?\/*|\/+$/g, ''));
  } catch (error) {
    return { kind: 'failed', message: `kustomize build failed: ${(error as Error).message}`, inputs };
  }
  return { kind: 'rendered', objects, inputs };
};

export interface TestBedOptions {
  featureGates?: FluxOptions['featureGates'];
  git?: Partial<GitServerOptions>;
}

export class TestBed {
  readonly clock = new ManualClock();
  readonly api: ClusterApi = createStore({ clock: this.clock });
  readonly logged: string[] = [];
  folder = '';
  git!: GitServer;
  #flux: { stop(): Promise<void> } | undefined;

  static async start(options: TestBedOptions = {}): Promise<TestBed> {
    const bed = new TestBed();
    bed.folder = await mkdtemp(path.join(tmpdir(), 'ebb-flux-'));
    bed.git = await startGitServer({ root: path.join(bed.folder, 'repositories'), ...options.git });
    for (const definition of FLUX_CRDS) bed.api.create(definition, { manager: 'test' });
    bed.createNamespace(NAMESPACE);
    bed.createNamespace('shop');
    await bed.startFlux(options.featureGates);
    return bed;
  }

  async startFlux(featureGates: FluxOptions['featureGates'] = {}): Promise<void> {
    const { api, clock, folder } = this;
    const log = (line: string) => void this.logged.push(line);
    this.#flux = await startFlux({ api, clock, build: buildPlainYaml, storageDir: path.join(folder, 'storage'), featureGates, log });
  }

  async stopFlux(): Promise<void> {
    await this.#flux?.stop();
    this.#flux = undefined;
  }

  async stop(): Promise<void> {
    await this.stopFlux();
    await this.git.stop();
    await rm(this.folder, { recursive: true, force: true });
  }

  createNamespace(name: string): void {
    this.api.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }, { manager: 'test' });
  }

  // --- Git ---

  /** Makes a repository and a clone of it. */
  async repository(name = 'fleet'): Promise<void> {
    const { head: _, url } = await this.git.addRepository(name);
    await runGit(['init', '--quiet', '--initial-branch=main', '--', this.#copy(name)]);
    await this.inCopy(['remote', 'add', 'origin', url], name);
  }

  inCopy(args: string[], name = 'fleet'): Promise<string> {
    return gitText(['-C', this.#copy(name), ...args], { env: AUTHOR });
  }

  /** Commits files (`null` deletes) and brings them straight into the bare repository; resolves to the SHA. */
  async commit(files: Record<string, string | null>, message = 'Change', name = 'fleet'): Promise<string> {
    for (const [file, content] of Object.entries(files)) {
      const target = path.join(this.#copy(name), file);
      await mkdir(path.dirname(target), { recursive: true });
      if (content === null) await rm(target);
      else await writeFile(target, content);
    }
    await this.inCopy(['add', '--all'], name);
    await this.inCopy(['commit', '--quiet', '--allow-empty', '--message', message], name);
    await this.push(name);
    return this.inCopy(['rev-parse', 'HEAD'], name);
  }

  async revert(sha: string, name = 'fleet'): Promise<string> {
    await this.inCopy(['revert', '--no-edit', sha], name);
    await this.push(name);
    return this.inCopy(['rev-parse', 'HEAD'], name);
  }

  async push(name = 'fleet'): Promise<void> {
    await this.inCopy(['push', '--quiet', this.git.directory(name), 'HEAD', '--tags'], name);
  }

  #copy(name: string): string {
    return path.join(this.folder, 'copies', name);
  }

  // --- the cluster ---

  create<T extends KubeObject>(object: T): T {
    return this.api.create(object, { manager: 'test' });
  }

  createSource(spec: Partial<GitRepositorySpec> = {}, name = 'fleet'): void {
    this.create<GitRepository>({
      ...GIT_REPOSITORY,
      metadata: { name, namespace: NAMESPACE },
      spec: { interval: '5m', url: spec.url ?? this.git.cloneUrl('fleet'), ref: { branch: 'main' }, ...spec },
    });
  }

  createKustomization(spec: Partial<KustomizationSpec> = {}, name = 'web'): void {
    this.create<Kustomization>({
      ...KUSTOMIZATION,
      metadata: { name, namespace: NAMESPACE },
      spec: { interval: '10m', path: './apps/web', prune: true, sourceRef: { kind: 'GitRepository', name: 'fleet' }, ...spec },
    });
  }

  source(name = 'fleet'): GitRepository {
    return this.#must({ ...GIT_REPOSITORY, namespace: NAMESPACE, name });
  }

  kustomization(name = 'web'): Kustomization {
    return this.#must({ ...KUSTOMIZATION, namespace: NAMESPACE, name });
  }

  condition(object: KubeObject, type: string): Condition | undefined {
    return findCondition((object.status as { conditions?: Condition[] } | undefined)?.conditions, type);
  }

  ready(name = 'web'): Condition | undefined {
    return this.condition(this.kustomization(name), 'Ready');
  }

  get<T extends KubeObject>(kind: string, name: string, namespace = 'shop'): T | undefined {
    return this.api.get<T>({ apiVersion: kind === 'Deployment' ? 'apps/v1' : 'v1', kind, namespace, name });
  }

  events(object: { kind: string; name: string }): KubeEvent[] {
    const all = this.api.list<KubeEvent>({ apiVersion: 'v1', kind: 'Event' });
    const mine = all.filter(({ involvedObject }) => involvedObject.kind === object.kind && involvedObject.name === object.name);
    return mine.sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  }

  messages(name = 'web', kind = 'Kustomization'): string[] {
    return this.events({ kind, name }).map(({ reason, message }) => `${reason}: ${message}`);
  }

  patch(ref: ObjectRef, patch: unknown, manager = 'test'): void {
    this.api.patch(ref, patch, { type: 'merge', manager });
  }

  patchKustomization(spec: Record<string, unknown>, name = 'web', manager = 'test'): void {
    this.patch({ ...KUSTOMIZATION, namespace: NAMESPACE, name }, { spec }, manager);
  }

  patchSource(spec: Record<string, unknown>, manager = 'test'): void {
    this.patch({ ...GIT_REPOSITORY, namespace: NAMESPACE, name: 'fleet' }, { spec }, manager);
  }

  /** Asks for a run the way `flux reconcile` does; resolves when the request is answered. */
  async reconcile(kind: 'source' | 'kustomization', name = kind === 'source' ? 'fleet' : 'web'): Promise<void> {
    const token = this.request(kind, name);
    const object = () => (kind === 'source' ? this.source(name) : this.kustomization(name));
    await this.until(`${kind} ${name} has answered`, () => object().status?.lastHandledReconcileAt === token);
  }

  request(kind: 'source' | 'kustomization', name: string): string {
    const token = `${this.clock.now().toISOString()}-${Math.random()}`;
    const gvk = kind === 'source' ? GIT_REPOSITORY : KUSTOMIZATION;
    this.patch({ ...gvk, namespace: NAMESPACE, name }, { metadata: { annotations: { [REQUESTED_AT]: token } } });
    return token;
  }

  /** Plays the deployment controller: everything rolled out, or nothing ready. */
  setDeployment(name: string, state: 'healthy' | 'broken', extra: Condition[] = []): void {
    const deployment = this.get<Workload>('Deployment', name) as Workload;
    const wanted = deployment.spec.replicas ?? 1;
    const ready = state === 'healthy' ? wanted : 0;
    const conditions: Condition[] = [
      { type: 'Available', status: state === 'healthy' ? 'True' : 'False', reason: 'Test', message: '' },
      { type: 'Progressing', status: 'True', reason: state === 'healthy' ? 'NewReplicaSetAvailable' : 'ReplicaSetUpdated', message: '' },
      ...extra,
    ];
    const counts = { replicas: wanted, updatedReplicas: wanted, readyReplicas: ready, availableReplicas: ready };
    const status = { observedGeneration: deployment.metadata.generation, ...counts, conditions };
    const ref = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'shop', name };
    this.api.patch(ref, { status }, { type: 'merge', subresource: 'status', manager: 'kube-controller-manager' });
  }

  // --- time ---

  /** Waits, on the wall clock, for what git, HTTP and promises bring about without the clock moving. */
  async until(what: string, condition: () => unknown): Promise<void> {
    const deadline = Date.now() + PATIENCE_MS;
    for (;;) {
      if (condition()) return;
      if (Date.now() > deadline) throw new Error(`not in time: ${what}\n${this.logged.join('\n')}`);
      await pause(3);
    }
  }

  /** Moves the clock by `ms`. */
  pass(ms: number): Promise<void> {
    return this.clock.advance(ms);
  }

  /** The objects exist, their controllers took them up, and the first run begins. */
  async begin(): Promise<void> {
    const all = () => [...this.api.list(GIT_REPOSITORY), ...this.api.list(KUSTOMIZATION)];
    await this.until('finalizers', () => all().every(({ metadata }) => metadata.finalizers?.length));
    await this.pass(750);
  }

  /**
   * The source first, then the Kustomization: one that begins before its source has an artifact looks again 30 s later,
   * also when it has long been applied.
   */
  async deploy(sha: string, spec: Partial<KustomizationSpec> = {}): Promise<void> {
    this.createSource();
    await this.begin();
    await this.fetched(sha);
    await this.until('the end of the fetch', () => this.condition(this.source(), 'Ready')?.status === 'True');
    this.createKustomization(spec);
    await this.begin();
  }

  /** The source has an artifact of `sha`. */
  async fetched(sha: string): Promise<void> {
    await this.until(`artifact of ${sha}`, () => this.source().status?.artifact?.revision.endsWith(sha));
  }

  async applied(sha: string, name = 'web'): Promise<void> {
    await this.until(`${name} applied ${sha}`, () => {
      const { status } = this.kustomization(name);
      return this.ready(name)?.status === 'True' && status?.lastAppliedRevision?.endsWith(sha);
    });
  }

  async attempted(sha: string, name = 'web'): Promise<void> {
    await this.until(`${name} attempted ${sha}`, () => this.kustomization(name).status?.lastAttemptedRevision?.endsWith(sha));
  }

  /** Health checks of `web` for a revision are running. */
  async checking(sha: string): Promise<void> {
    await this.until(`health checks of ${sha}`, () => {
      const healthy = this.condition(this.kustomization(), 'Healthy');
      return healthy?.status === 'Unknown' && healthy.message?.includes(sha);
    });
  }

  #must<T extends KubeObject>(ref: ObjectRef): T {
    const object = this.api.get<T>(ref);
    if (!object) throw new Error(`${ref.kind} ${ref.name} is not there`);
    return object;
  }
}

export function configMap(name: string, data: Record<string, string>, metadata = ''): string {
  const lines = Object.entries(data).map(([key, value]) => `  ${key}: ${JSON.stringify(value)}`);
  return ['apiVersion: v1', 'kind: ConfigMap', `metadata: {name: ${name}, namespace: shop${metadata}}`, 'data:', ...lines, ''].join('\n');
}

export function deployment(image: string, name = 'web'): string {
  return `apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}, namespace: shop}
spec:
  replicas: 2
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: {app: ${name}}}
    spec:
      containers:
        - name: app
          image: ${image}
`;
}
