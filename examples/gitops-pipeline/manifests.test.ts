import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import type { GitRepository, Kustomization } from '../../src/api/flux.ts';
import type { KubeObject } from '../../src/api/kube.ts';
import type { Container, LabelSelector, Workload } from '../../src/api/workloads.ts';
import { releaseOf } from './app/images.ts';
import { releaseNamed } from './app/releases.ts';

const root = fileURLToPath(new URL('.', import.meta.url));
const environments = ['dev', 'staging', 'prod'] as const;
const kubectl = spawnSync('kubectl', ['version', '--client']).status === 0;

function yamlFiles(): string[] {
  const entries = readdirSync(root, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile() && entry.name.endsWith('.yaml')).map((entry) => join(entry.parentPath, entry.name));
}

const builds = new Map<string, KubeObject[]>();

/** What `kubectl kustomize` makes of a folder; each folder is built once. */
function build(path: string): KubeObject[] {
  const before = builds.get(path);
  if (before) return before;
  const text = execFileSync('kubectl', ['kustomize', join(root, path)], { encoding: 'utf8' });
  const objects = parseAllDocuments(text).map((document) => document.toJS() as KubeObject);
  builds.set(path, objects);
  return objects;
}

/** The object of a kind whose name begins with `name`; fails where there is not exactly one. */
function one<T extends KubeObject = KubeObject>(objects: KubeObject[], kind: string, name: string): T {
  const found = objects.filter((object) => object.kind === kind && object.metadata.name.startsWith(name));
  expect(
    found.map((object) => object.metadata.name),
    `${kind} ${name}`,
  ).toHaveLength(1);
  return found[0] as T;
}

const deploymentOf = (objects: KubeObject[], name: string): Workload => one<Workload>(objects, 'Deployment', name);

function containerOf(objects: KubeObject[], name: string): Container {
  const [container, ...others] = deploymentOf(objects, name).spec.template.spec.containers;
  expect(others).toEqual([]);
  return container as Container;
}

type Autoscaler = KubeObject & { spec: { minReplicas: number; maxReplicas: number; scaleTargetRef: unknown } };
type Service = KubeObject & { spec: { selector: Record<string, string>; ports: unknown } };
type DisruptionBudget = KubeObject & { spec: { selector: LabelSelector } };
type ConfigMap = KubeObject & { data: Record<string, string> };

describe('every YAML file', () => {
  it.each(yamlFiles().map((path) => relative(root, path)))('%s parses, and says what it is', (path) => {
    const documents = parseAllDocuments(readFileSync(join(root, path), 'utf8'));
    expect(documents.length).toBeGreaterThan(0);
    for (const document of documents) {
      expect(document.errors).toEqual([]);
      expect(document.warnings).toEqual([]);
      expect(document.toJS()).toMatchObject({ apiVersion: expect.any(String), kind: expect.any(String) });
    }
  });
});

describe.skipIf(!kubectl)('sample-saas-app (needs kubectl)', () => {
  const replicas = { dev: 2, staging: 2, prod: 4 };

  describe.each(environments)('in %s', (environment) => {
    const objects = () => build(`apps/sample-saas-app/overlays/${environment}`);

    it('has a namespace, Deployment, Service, ConfigMaps, autoscaler and disruption budget, all in that namespace', () => {
      const built = objects();
      expect(built.map((object) => object.kind).sort()).toEqual([
        'ConfigMap',
        'ConfigMap',
        'Deployment',
        'HorizontalPodAutoscaler',
        'Namespace',
        'PodDisruptionBudget',
        'Service',
      ]);
      for (const object of built.filter((each) => each.kind !== 'Namespace')) expect(object.metadata.namespace).toBe('sample-saas-app');
      one(built, 'Namespace', 'sample-saas-app');
    });

    it('runs a published, good release with probes and resources', () => {
      const container = containerOf(objects(), 'sample-saas-app');
      const release = releaseOf(container.image);
      expect(release?.app).toBe('sample-saas-app');
      expect(releaseNamed(release?.version ?? '')?.fault).toBeUndefined();
      expect(container.readinessProbe?.httpGet).toEqual({ path: '/readyz', port: 'http' });
      expect(container.livenessProbe?.httpGet).toEqual({ path: '/healthz', port: 'http' });
      expect(container.resources).toEqual({ requests: { cpu: '50m', memory: '64Mi' }, limits: { memory: '128Mi' } });
    });

    it('leaves the number of replicas to the autoscaler', () => {
      expect(deploymentOf(objects(), 'sample-saas-app').spec).not.toHaveProperty('replicas');
      const { spec } = one<Autoscaler>(objects(), 'HorizontalPodAutoscaler', 'sample-saas-app');
      expect(spec.minReplicas).toBe(replicas[environment]);
      expect(spec.maxReplicas).toBeGreaterThan(spec.minReplicas);
      expect(spec.scaleTargetRef).toEqual({ apiVersion: 'apps/v1', kind: 'Deployment', name: 'sample-saas-app' });
    });

    it('selects its own pods by Service and disruption budget', () => {
      const labels = deploymentOf(objects(), 'sample-saas-app').spec.template.metadata?.labels;
      const service = one<Service>(objects(), 'Service', 'sample-saas-app');
      const budget = one<DisruptionBudget>(objects(), 'PodDisruptionBudget', 'sample-saas-app');
      expect(labels).toMatchObject(service.spec.selector);
      expect(labels).toMatchObject(budget.spec.selector.matchLabels ?? {});
      const [port] = containerOf(objects(), 'sample-saas-app').ports ?? [];
      expect(service.spec.ports).toEqual([{ name: 'http', port: 80, targetPort: port?.name }]);
    });

    it('mounts the settings of its environment where CONFIG_FILE points, and takes what all applications share from variables', () => {
      const config = one<ConfigMap>(objects(), 'ConfigMap', 'sample-saas-app-config-');
      expect(config.data['config.env']).toContain(`GREETING=Hello from ${environment}`);
      const { volumes } = deploymentOf(objects(), 'sample-saas-app').spec.template.spec;
      expect(volumes).toEqual([{ name: 'config', configMap: { name: config.metadata.name } }]);
      const container = containerOf(objects(), 'sample-saas-app');
      const file = container.env?.find((variable) => variable.name === 'CONFIG_FILE')?.value;
      expect(file).toBe(`${container.volumeMounts?.[0]?.mountPath}/config.env`);
      const shared = one(objects(), 'ConfigMap', 'platform-settings-').metadata.name;
      expect(container.envFrom).toEqual([{ configMapRef: { name: shared } }]);
    });
  });

  it('shows a bad release within seconds in dev', () => {
    const { readinessProbe } = containerOf(build('apps/sample-saas-app/overlays/dev'), 'sample-saas-app');
    expect(readinessProbe).toMatchObject({ periodSeconds: 1, failureThreshold: 3 });
  });
});

describe.skipIf(!kubectl)('billing-worker (needs kubectl)', () => {
  it.each(environments)('in %s runs a published release of its own and shares the platform settings', (environment) => {
    const built = build(`apps/billing-worker/overlays/${environment}`);
    const deployment = deploymentOf(built, 'billing-worker');
    const container = containerOf(built, 'billing-worker');
    expect(releaseOf(container.image)?.app).toBe('billing-worker');
    expect(deployment.spec.replicas).toBe(environment === 'prod' ? 2 : 1);
    expect(deployment.metadata.namespace).toBe('billing-worker');
    expect(container.envFrom).toEqual([
      { configMapRef: { name: one(built, 'ConfigMap', 'platform-settings-').metadata.name } },
      { configMapRef: { name: 'billing-worker-settings' } },
    ]);
  });

  it('has the part that one commit can change for both applications', () => {
    const names = ['sample-saas-app', 'billing-worker'].map(
      (app) => one(build(`apps/${app}/overlays/dev`), 'ConfigMap', 'platform-settings-').metadata.name,
    );
    expect(names[0]).toBe(names[1]);
  });
});

describe.skipIf(!kubectl)('clusters (need kubectl)', () => {
  it.each(environments)('%s follows main of the repository and applies its own folder', (environment) => {
    const built = build(`clusters/${environment}`);
    const source = one<GitRepository>(built, 'GitRepository', 'flux-system');
    expect(source.metadata.namespace).toBe('flux-system');
    expect(source.spec).toEqual({ interval: '1m', ref: { branch: 'main' }, url: 'https://github.com/ebb-dev/gitops-pipeline' });
    const parent = one<Kustomization>(built, 'Kustomization', 'flux-system');
    expect(parent.spec).toMatchObject({
      path: `./clusters/${environment}`,
      prune: true,
      sourceRef: { kind: 'GitRepository', name: 'flux-system' },
    });
  });

  it.each(environments)('%s deploys both applications with wait, prune and a timeout, and neither waits for the other', (environment) => {
    const built = build(`clusters/${environment}`);
    for (const [name, app] of [
      ['sample-app', 'sample-saas-app'],
      ['billing-worker', 'billing-worker'],
    ] as const) {
      const { metadata, spec } = one<Kustomization>(built, 'Kustomization', name);
      expect(metadata.namespace).toBe('flux-system');
      expect(spec).toMatchObject({ path: `./apps/${app}/overlays/${environment}`, interval: '5m', prune: true, wait: true });
      expect(spec.timeout).toBe({ dev: '1m', staging: '3m', prod: '5m' }[environment]);
      expect(spec).not.toHaveProperty('dependsOn');
    }
  });

  it.each(environments)('%s points at folders that build', (environment) => {
    const kustomizations = build(`clusters/${environment}`).filter((object) => object.kind === 'Kustomization') as Kustomization[];
    for (const { spec } of kustomizations) expect(build(spec.path ?? '').length).toBeGreaterThan(0);
  });
});
