/** The manifests that stories put into Git and into clusters. JSON is YAML. */
import { GIT_REPOSITORY, KUSTOMIZATION } from '../../../src/api/flux.ts';
import type { KubeObject } from '../../../src/api/kube.ts';

const IMAGE = 'ghcr.io/ebb-dev/sample-saas-app';

type Fields = Record<string, unknown>;

export function namespace(name: string): KubeObject {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
}

/** Fetched when it is asked to and never by itself, so that nothing happens between the steps. */
export function source(scene: { namespace: string; gitUrl: string }, spec: Fields = {}, name = 'source'): KubeObject {
  return {
    ...GIT_REPOSITORY,
    metadata: { name, namespace: scene.namespace },
    spec: { interval: '1h', url: scene.gitUrl, ref: { branch: 'main' }, timeout: '60s', ...spec },
  };
}

export function kustomization(scene: { namespace: string }, spec: Fields = {}, name = 'app'): KubeObject {
  return {
    ...KUSTOMIZATION,
    metadata: { name, namespace: scene.namespace },
    spec: {
      interval: '1h',
      retryInterval: '1h',
      timeout: '1m',
      path: `./${name}`,
      prune: true,
      wait: true,
      sourceRef: { kind: 'GitRepository', name: 'source' },
      targetNamespace: scene.namespace,
      ...spec,
    },
  };
}

/** A pod's template of the sample application: ready at once with 1.0.0, never with 1.2.0, crashing with 1.1.0. */
export function podTemplate(name: string, version: string, extra: Fields = {}): Fields {
  return {
    metadata: { labels: { app: name } },
    spec: {
      terminationGracePeriodSeconds: 1,
      containers: [
        {
          name: 'app',
          image: `${IMAGE}:${version}`,
          ports: [{ name: 'http', containerPort: 8080 }],
          // Real processes answer late on a busy machine.
          readinessProbe: { httpGet: { path: '/readyz', port: 'http' }, periodSeconds: 1, timeoutSeconds: 10, failureThreshold: 3 },
        },
      ],
      ...extra,
    },
  };
}

export function deployment(name: string, version = '1.0.0', spec: Fields = {}): KubeObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: { replicas: 1, selector: { matchLabels: { app: name } }, template: podTemplate(name, version), ...spec },
  };
}

export function service(name: string, spec: Fields = {}): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name },
    spec: { selector: { app: name }, ports: [{ name: 'http', port: 80, targetPort: 'http' }], ...spec },
  };
}

export function configMap(name: string, data: Record<string, string>, metadata: Fields = {}): KubeObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, ...metadata }, data };
}

/** Several manifests as the content of one file. */
export function yaml(...objects: KubeObject[]): string {
  return objects.map((object) => `${JSON.stringify(object, null, 2)}\n`).join('---\n');
}
