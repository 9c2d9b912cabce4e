/** The tables that `kubectl get` prints: built-in kinds have their own columns, custom kinds those of their CRD. */
import type { KubeObject } from '../../../api/kube.ts';
import type { PrinterColumn, Resource } from '../kinds/resource.ts';
import { since } from './age.ts';
import { clusterTables } from './cluster.ts';
import { AGE, ageOf, type Column, type KindTable, NAME } from './column.ts';
import { valuesAt } from './json-path.ts';
import { networkTables } from './network.ts';
import { podTable } from './pods.ts';
import { policyTables } from './policies.ts';
import { workloadTables } from './workloads.ts';

const TABLES: Readonly<Record<string, KindTable>> = {
  Pod: podTable,
  ...workloadTables,
  ...networkTables,
  ...clusterTables,
  ...policyTables,
};

const PLAIN: KindTable = { columns: [NAME, AGE], cells: (object, now) => [object.metadata.name, ageOf(object, now)] };

function tableOf(resource: Resource): KindTable {
  return TABLES[resource.group ? `${resource.kind}.${resource.group}` : resource.kind] ?? PLAIN;
}

/** The columns of a kind. */
export function columnsOf(resource: Resource): readonly Column[] {
  return resource.columns ? [NAME, ...resource.columns.map(declared)] : tableOf(resource).columns;
}

function declared({ name, type, format, description, priority, jsonPath }: PrinterColumn): Column {
  const fallback = `Custom resource definition column (in JSONPath format): ${jsonPath}`;
  return { name, type, format: format ?? '', description: description || fallback, priority: priority ?? 0 };
}

/** The cells of an object, in the order of `columnsOf`. @param now the time that ages are counted up to */
export function cellsOf(resource: Resource, object: KubeObject, now: Date): unknown[] {
  if (!resource.columns) return tableOf(resource).cells(object, now);
  return [object.metadata.name, ...resource.columns.map((column) => customCell(column, object, now))];
}

/** Source: apiextensions-apiserver pkg/registry/customresource/tableconvertor. */
function customCell({ type, jsonPath }: PrinterColumn, object: KubeObject, now: Date): unknown {
  const values = valuesAt(object, jsonPath);
  const [first] = values;
  if (first === undefined || first === null) return null;
  if (type === 'date') return typeof first === 'string' ? since(first, now) : null;
  if (type === 'integer') return typeof first === 'number' ? Math.trunc(first) : null;
  if (type === 'number') return typeof first === 'number' ? first : null;
  if (type === 'boolean') return typeof first === 'boolean' ? first : null;
  return values.map((value) => (typeof value === 'string' ? value : JSON.stringify(value))).join(' ');
}

const ENDED: Record<string, string> = { Succeeded: 'The pod has completed successfully.', Failed: 'The pod failed.' };

/** What tells kubectl that a Pod has ended. */
export function rowConditions(object: KubeObject): unknown[] {
  const phase = object.kind === 'Pod' ? String((object.status as { phase?: unknown } | undefined)?.phase ?? '') : '';
  const message = ENDED[phase];
  return message ? [{ type: 'Completed', status: 'True', reason: phase, message }] : [];
}
