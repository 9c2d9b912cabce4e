import type { Cause } from './causes.ts';

/** Types of JSON that a node of a schema takes. Absent: any. */
export type SchemaType = 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean';

/**
 * One node of a structural schema: the parts of OpenAPI v3 that Kubernetes evaluates, with its `x-kubernetes-*` extensions
 * under short names. Source: https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/
 */
export interface Schema {
  type?: SchemaType;
  properties?: Readonly<Record<string, Schema>>;
  items?: Schema;
  /** Schema of the values of a map, or whether further fields are allowed at all. */
  additionalProperties?: Schema | boolean;
  /** How server-side apply merges a list; absent: atomic. */
  listType?: 'atomic' | 'set' | 'map';
  listMapKeys?: readonly string[];
  /** How server-side apply merges an object; absent: granular. */
  mapType?: 'granular' | 'atomic';
  /** Strategic merge patch, built-in kinds alone; comma-separated where several apply (`merge,retainKeys`). */
  patchStrategy?: string;
  patchMergeKey?: string;
  nullable?: boolean;
  enum?: readonly unknown[];
  pattern?: string;
  default?: unknown;
  required?: readonly string[];
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: boolean;
  exclusiveMaximum?: boolean;
  multipleOf?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  uniqueItems?: boolean;
  minProperties?: number;
  maxProperties?: number;
  format?: string;
  preserveUnknownFields?: boolean;
  intOrString?: boolean;
  embeddedResource?: boolean;
  allOf?: readonly Schema[];
  anyOf?: readonly Schema[];
  oneOf?: readonly Schema[];
  not?: Schema;
  /** On the root: where the kind comes from. Custom kinds take no strategic merge patches. */
  origin?: 'builtin' | 'custom';
  /** A structure of a built-in kind: empty lists and maps in it are not stored (Go's `omitempty`). */
  compact?: boolean;
  /** A field of a built-in kind that exists even where nothing sets it (a struct that Go holds by value). */
  held?: boolean;
  /** The kind keeps `status` behind an endpoint of its own: on the root of a schema. */
  statusSubresource?: boolean;
  /** Defaults that depend on other fields of the same object, which `default` cannot say. Changes the object in place. */
  complete?: (object: Record<string, unknown>) => void;
  /** What else must hold of a value that is otherwise valid. */
  check?: (value: unknown, path: string) => Cause[];
  /** What an update may not change: on the root. */
  checkUpdate?: (before: Record<string, unknown>, after: Record<string, unknown>) => Cause[];
}
