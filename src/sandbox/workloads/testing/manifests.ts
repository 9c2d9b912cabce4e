import type { KubeObject } from '../../../api/kube.ts';
import type { Container, PodSpec } from '../../../api/workloads.ts';
import { DEPLOYMENT, SERVICE, STATEFUL_SET } from '../kinds.ts';

/** A container of the test server with both probes, quick ones. */
export function container(image: string, extra: Partial<Container> = {}): Container {
  return {
    name: 'app',
    image,
    ports: [{ name: 'http', containerPort: 8080 }],
    env: [{ name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }],
    readinessProbe: { httpGet: { path: '/readyz', port: 'http' }, periodSeconds: 2 },
    ...extra,
  };
}

interface WorkloadManifest {
  name?: string;
  image: string;
  spec?: Record<string, unknown>;
  container?: Partial<Container>;
  pod?: Partial<PodSpec>;
}

export function deployment({ name = 'api', image, spec, container: extra, pod }: WorkloadManifest): KubeObject {
  const labels = { app: name };
  return {
    ...DEPLOYMENT,
    metadata: { name },
    spec: {
      replicas: 2,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [container(image, extra)], ...pod } },
      ...spec,
    },
  };
}

export function statefulSet(manifest: WorkloadManifest): KubeObject {
  const object = deployment({ name: 'db', ...manifest });
  return { ...object, ...STATEFUL_SET, spec: { serviceName: manifest.name ?? 'db', ...(object.spec as object) } };
}

export function service(name = 'api', port = 18080): KubeObject {
  return { ...SERVICE, metadata: { name }, spec: { selector: { app: name }, ports: [{ name: 'http', port, targetPort: 'http' }] } };
}
