/** What the applications of this bench consist of. */
import { KUSTOMIZATION } from '../../../src/api/flux.ts';
import type { KubeObject } from '../../../src/api/kube.ts';

const IMAGE = 'ghcr.io/ebb-dev/sample-saas-app';
/** Gets healthy at once, where pods run no program. */
export const GOOD = '1.0.0';
/** Never gets ready. */
export const BAD = '1.2.0';

export function imageOf(version: string): string {
  return `${IMAGE}:${version}`;
}

export type WorkloadKind = 'Deployment' | 'DaemonSet' | 'StatefulSet';

export function workload(kind: WorkloadKind, name: string, version: string): string {
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
          image: ${imageOf(version)}
`;
}

export function settings(name: string): string {
  return `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\ndata:\n  name: ${name}\n`;
}

export function service(name: string): string {
  return `apiVersion: v1
kind: Service
metadata:
  name: ${name}
spec:
  selector:
    app: ${name}
  ports:
    - port: 80
      targetPort: 8080
`;
}

export interface HelmReleaseOptions {
  name: string;
  namespace: string;
  chart: string;
  source: string;
  /** Of Helm's actions. */
  timeout: string;
  version: string;
}

export function helmRelease({ name, namespace, chart, source, timeout, version }: HelmReleaseOptions): string {
  return `apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata:
  name: ${name}
  namespace: ${namespace}
spec:
  interval: 10m
  timeout: ${timeout}
  chart:
    spec:
      chart: ${chart}
      sourceRef:
        kind: GitRepository
        name: ${source}
        namespace: flux-system
  values:
    version: ${version}
`;
}

export interface KustomizationOptions {
  name: string;
  namespace: string;
  source: string;
  path: string;
  timeout: string;
  dependsOn?: string;
}

/** Flux's defaults, but for what a rollback is about: `wait` and `timeout`. */
export function kustomization({ name, namespace, source, path, timeout, dependsOn }: KustomizationOptions): KubeObject {
  return {
    ...KUSTOMIZATION,
    metadata: { name, namespace: 'flux-system' },
    spec: {
      interval: '10m',
      timeout,
      path,
      prune: true,
      wait: true,
      targetNamespace: namespace,
      sourceRef: { kind: 'GitRepository', name: source },
      ...(dependsOn === undefined ? {} : { dependsOn: [{ name: dependsOn }] }),
    },
  };
}
