/** Building blocks of structural schemas (OpenAPI v3), as Flux's definitions use them again and again. */

export interface Schema {
  type?: 'object' | 'array' | 'string' | 'integer' | 'boolean';
  description?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  additionalProperties?: Schema;
  enum?: string[];
  pattern?: string;
  format?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  default?: unknown;
  'x-kubernetes-preserve-unknown-fields'?: true;
  'x-kubernetes-validations'?: { rule: string; message: string }[];
}

export const text: Schema = { type: 'string' };
export const flag: Schema = { type: 'boolean' };
export const integer: Schema = { type: 'integer', format: 'int64' };
const time: Schema = { type: 'string', format: 'date-time' };
export const duration: Schema = { type: 'string', pattern: '^([0-9]+(\\.[0-9]+)?(ms|s|m|h))+$' };
/** Taken as it comes. */
export const anything: Schema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
export const textMap: Schema = { type: 'object', additionalProperties: text };

export function record(properties: Record<string, Schema>, required: string[] = []): Schema {
  return required.length > 0 ? { type: 'object', properties, required } : { type: 'object', properties };
}

export function listOf(items: Schema): Schema {
  return { type: 'array', items };
}

export function oneOf(...values: string[]): Schema {
  return { type: 'string', enum: values };
}

export function described(schema: Schema, description: string): Schema {
  return { ...schema, description };
}

/** The name of an object in the same namespace. */
export const localReference: Schema = record({ name: text }, ['name']);

const conditions: Schema = listOf(
  record(
    {
      type: { type: 'string', maxLength: 316 },
      status: oneOf('True', 'False', 'Unknown'),
      reason: { type: 'string', minLength: 1, maxLength: 1_024, pattern: '^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$' },
      message: { type: 'string', maxLength: 32_768 },
      observedGeneration: { ...integer, minimum: 0 },
      lastTransitionTime: time,
    },
    ['lastTransitionTime', 'message', 'reason', 'status', 'type'],
  ),
);

export const artifact: Schema = record(
  {
    digest: { type: 'string', pattern: '^[a-z0-9]+(?:[.+_-][a-z0-9]+)*:[a-zA-Z0-9=_-]+$' },
    lastUpdateTime: time,
    metadata: textMap,
    path: text,
    revision: text,
    size: integer,
    url: text,
  },
  ['digest', 'lastUpdateTime', 'path', 'revision', 'url'],
);

/** One entry of a history: what was deployed, how often, and how it ended. */
export const snapshot: Schema = record(
  {
    digest: text,
    firstReconciled: time,
    lastReconciled: time,
    lastReconciledDuration: text,
    lastReconciledStatus: text,
    totalReconciliations: integer,
    metadata: textMap,
  },
  ['digest', 'firstReconciled', 'lastReconciled', 'lastReconciledDuration', 'lastReconciledStatus', 'totalReconciliations'],
);

/** Until a controller has seen an object, its status says that no generation was observed. */
export function statusOf(properties: Record<string, Schema>): Schema {
  const common = { conditions, observedGeneration: integer, lastHandledReconcileAt: text };
  return { ...record({ ...common, ...properties }), default: { observedGeneration: -1 } };
}
