/**
 * Manifests as Flux sends them: those of Kubernetes' own kinds went through Go's types once, which write down structures that
 * are never absent, and the protocol of ports where a manifest names none. So Flux owns fields that no manifest has.
 * Source: fluxcd/pkg ssa/normalize/normalize.go (UnstructuredList).
 */
import { groupOf, type KubeObject } from '../../../api/kube.ts';

type Fields = Record<string, unknown>;

/** What becomes of the spec, by `group/Kind`. */
const SPECS: Readonly<Record<string, (spec: Fields) => Fields>> = {
  '/Pod': podSpec,
  '/PersistentVolumeClaim': claimSpec,
  '/Service': (spec) => withEach(spec, 'ports', withProtocol),
  'apps/DaemonSet': (spec) => templated({ ...spec, updateStrategy: spec.updateStrategy ?? {} }),
  'apps/Deployment': (spec) => templated({ ...spec, strategy: spec.strategy ?? {} }),
  'apps/ReplicaSet': templated,
  'apps/StatefulSet': (spec) =>
    withEach(
      templated({ ...spec, serviceName: spec.serviceName ?? '', updateStrategy: spec.updateStrategy ?? {} }),
      'volumeClaimTemplates',
      claim,
    ),
  'batch/Job': templated,
  'batch/CronJob': (spec) => within(spec, 'jobTemplate', (job) => within(job, 'spec', templated)),
};

/** The manifest as it is applied; what is not of a built-in kind stays as it is. */
export function typedForm(manifest: KubeObject): KubeObject {
  const kind = `${groupOf(manifest.apiVersion)}/${manifest.kind}`;
  if (kind === '/Secret') return encodedSecret(manifest);
  if (kind === '/Namespace') return { ...manifest, spec: manifest.spec ?? {} };
  const change = Object.hasOwn(SPECS, kind) ? SPECS[kind] : undefined;
  return change ? (within(manifest, 'spec', change) as KubeObject) : manifest;
}

function templated(spec: Fields): Fields {
  return within(spec, 'template', (template) => within(template, 'spec', podSpec));
}

function podSpec(spec: Fields): Fields {
  const containers = withEach(spec, 'containers', (container) => withEach(withResources(container), 'ports', withProtocol));
  return withEach(containers, 'initContainers', withResources);
}

function withResources(container: Fields): Fields {
  return { ...container, resources: container.resources ?? {} };
}

function withProtocol(port: Fields): Fields {
  return { ...port, protocol: port.protocol || 'TCP' };
}

function claim(template: Fields): Fields {
  return { ...within(template, 'spec', claimSpec), status: template.status ?? {} };
}

function claimSpec(spec: Fields): Fields {
  return { ...spec, resources: spec.resources ?? {} };
}

function encodedSecret({ stringData, ...secret }: KubeObject): KubeObject {
  if (!isFields(stringData)) return secret as KubeObject;
  const encoded = Object.entries(stringData).map(([key, text]) => [key, Buffer.from(String(text), 'utf8').toString('base64')]);
  return { ...secret, data: { ...(secret.data as Fields | undefined), ...Object.fromEntries(encoded) } } as KubeObject;
}

/** Whatever has another shape than Go's type is left to the API server to refuse. */
function within(fields: Fields, name: string, change: (inner: Fields) => Fields): Fields {
  const inner = fields[name];
  return isFields(inner) ? { ...fields, [name]: change(inner) } : fields;
}

function withEach(fields: Fields, name: string, change: (entry: Fields) => Fields): Fields {
  const entries = fields[name];
  if (!Array.isArray(entries)) return fields;
  return { ...fields, [name]: entries.map((entry: unknown) => (isFields(entry) ? change(entry) : entry)) };
}

function isFields(value: unknown): value is Fields {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
