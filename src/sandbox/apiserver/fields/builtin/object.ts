import { isObject } from '../json.ts';
import { objectNameCauses } from '../names.ts';
import type { Schema } from '../structure.ts';
import { objectMeta } from './meta.ts';
import { held, type StructOptions, string, struct } from './vocabulary.ts';

/** A kind of its own: with apiVersion, kind and metadata. */
export function kind(fields: Record<string, Schema>, { names = 'subdomain', ...options }: StructOptions = {}): Schema {
  const properties = { apiVersion: string, kind: string, metadata: held(objectMeta), ...fields };
  const check: Schema['check'] = (object) => {
    const metadata = isObject(object) ? object.metadata : undefined;
    return isObject(metadata) ? objectNameCauses(metadata, names) : [];
  };
  return { ...struct(properties, { check, ...options }), origin: 'builtin' };
}
