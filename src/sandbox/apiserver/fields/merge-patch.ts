import { definedKeys, field, isObject, type JsonObject, setField } from './json.ts';

/** JSON merge patch: null removes, objects merge, everything else replaces. Source: RFC 7386. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return structuredClone(patch);
  const merged: JsonObject = {};
  const base = isObject(target) ? target : {};
  for (const name of definedKeys(base)) setField(merged, name, base[name]);
  for (const name of definedKeys(patch)) {
    if (patch[name] === null) delete merged[name];
    else setField(merged, name, mergePatch(field(base, name), patch[name]));
  }
  return merged;
}
