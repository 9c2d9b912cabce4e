/**
 * Structural schemas of API kinds: what the field engine needs to know of a kind to prune, default, validate, patch and
 * track ownership. Built-in kinds are described in `builtin/`, custom kinds by their CRD.
 */
import type { GroupVersionKind } from '../../../api/kube.ts';
import { builtinKind } from './builtin/kinds.ts';
import type { Schema } from './structure.ts';

export { schemaFromCrd } from './crd-schema.ts';
export type { Schema } from './structure.ts';

/** The schema of a kind that the API server has without a CRD; undefined for every other kind. */
export function builtinSchema(gvk: GroupVersionKind): Schema | undefined {
  return builtinKind(gvk.apiVersion, gvk.kind);
}
