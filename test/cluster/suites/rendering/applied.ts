/** What kustomize-controller applied: of an object in the cluster, the fields that it owns. */
import type { KubeObject } from '../../../../src/api/kube.ts';

const MANAGER = 'kustomize-controller';

/** Labels that the controller adds to every object. */
const OWNER = /^kustomize\.toolkit\.fluxcd\.io\/(name|namespace)$/;

/**
 * Structs that the controller writes empty where the manifest has none, for it passes kinds that it knows through Go's
 * types; the API server then fills them, and nobody else owns what is in them.
 */
const EMPTIED = new Set(['strategy', 'updateStrategy', 'spec', 'status']);

type Fields = { [element: string]: Fields };

interface ManagedFields {
  manager: string;
  operation: string;
  fieldsV1: Fields;
}

/** @throws Error where the controller did not apply it */
export function appliedBy(object: KubeObject): KubeObject {
  const entries = (object.metadata as { managedFields?: ManagedFields[] }).managedFields ?? [];
  const entry = entries.find(({ manager, operation }) => manager === MANAGER && operation === 'Apply');
  if (!entry) throw new Error(`${object.kind} ${object.metadata.name} has no fields of ${MANAGER}`);
  const { apiVersion, kind, metadata } = object;
  const owned = pick(object, entry.fieldsV1) as Partial<KubeObject>;
  const identity = { name: metadata.name, ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }) };
  return { ...owned, apiVersion, kind, metadata: { ...owned.metadata, ...identity } };
}

/** Source of the format: structured-merge-diff fieldpath/serialize-pe.go. */
function pick(value: unknown, fields: Fields, name = ''): unknown {
  const elements = Object.keys(fields).filter((element) => element !== '.');
  if (elements.length === 0) return EMPTIED.has(name) ? {} : value;
  if (Array.isArray(value)) return value.flatMap((item) => pickItem(item, fields, elements));
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    elements.flatMap((element) => {
      const name = element.slice(2);
      return Object.hasOwn(value, name) ? [[name, pick(value[name], fields[element] as Fields, name)]] : [];
    }),
  );
}

function pickItem(item: unknown, fields: Fields, elements: string[]): unknown[] {
  for (const element of elements) {
    const wanted: unknown = JSON.parse(element.slice(2));
    if (element.startsWith('v:') && JSON.stringify(item) === JSON.stringify(wanted)) return [item];
    if (!element.startsWith('k:') || !isRecord(item) || !isRecord(wanted)) continue;
    if (Object.entries(wanted).every(([key, expected]) => item[key] === expected)) return [pick(item, fields[element] as Fields)];
  }
  return [];
}

/** Both sides in one form: without what the controller adds or fills in after the build, and what is as good as absent. */
export function comparable(object: KubeObject): unknown {
  const copy = structuredClone(object) as KubeObject & {
    spec?: { ports?: Port[]; template?: Template };
    stringData?: Record<string, string>;
  };
  const labels = copy.metadata.labels;
  for (const name of Object.keys(labels ?? {})) if (OWNER.test(name)) delete labels?.[name];
  // As fluxcd/pkg ssa normalize does before the objects are applied: through Go's types, a port that is not given is 0,
  // which the API server takes for the Service's own, and a text that is null is empty.
  if (copy.apiVersion === 'v1' && copy.kind === 'Service') {
    copy.spec?.ports?.forEach(fillProtocol);
    for (const port of copy.spec?.ports ?? []) port.targetPort ??= port.port;
  }
  for (const container of copy.spec?.template?.spec?.containers ?? []) container.ports?.forEach(fillProtocol);
  if (copy.apiVersion === 'v1' && copy.kind === 'ConfigMap') {
    copy.data &&= Object.fromEntries(Object.entries(copy.data).map(([key, text]) => [key, text ?? '']));
  }
  if (copy.apiVersion === 'v1' && copy.kind === 'Secret' && copy.stringData) {
    const encoded = Object.entries(copy.stringData).map(([key, text]) => [key, Buffer.from(text).toString('base64')]);
    copy.data = { ...(copy.data as object), ...Object.fromEntries(encoded) };
    delete copy.stringData;
  }
  return withoutNothing(copy);
}

interface Port {
  protocol?: string;
  port?: unknown;
  targetPort?: unknown;
}

interface Template {
  spec?: { containers?: { ports?: Port[] }[] };
}

function fillProtocol(port: Port): void {
  port.protocol ??= 'TCP';
}

function withoutNothing(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNothing);
  if (!isRecord(value)) return value;
  const kept = Object.entries(value)
    .map(([key, below]) => [key, withoutNothing(below)] as const)
    .filter(([, below]) => below !== null && below !== undefined && !isEmpty(below));
  return Object.fromEntries(kept);
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
