/**
 * Writes what a controller changed of an object's status and finalizers, and nothing else, several times in a run.
 * Source: fluxcd/pkg runtime/patch (serial.go, patch.go).
 */
import { type Condition, type KubeObject, type ObjectRef, refOf } from '../../api/kube.ts';
import { ApiStatusError, type ClusterApi } from '../cluster.ts';
import { byImportance } from './condition-set.ts';
import { sameValue } from './same-value.ts';

export interface PatcherOptions {
  /** Field manager of the writes. */
  manager: string;
  /** Types of conditions that are this controller's; those of others are kept as they are in the cluster. */
  ownedConditions: readonly string[];
}

type Status = Record<string, unknown> & { conditions?: Condition[] };

export class StatusPatcher {
  readonly #api: ClusterApi;
  readonly #options: PatcherOptions;
  readonly #ref: ObjectRef;
  #before: KubeObject;

  constructor(api: ClusterApi, object: KubeObject, options: PatcherOptions) {
    this.#api = api;
    this.#options = options;
    this.#ref = refOf(object);
    this.#before = structuredClone(object);
  }

  /** Writes the difference to the last patch. An object that is gone meanwhile is not an error. */
  patch(object: KubeObject): void {
    try {
      if (object.metadata.deletionTimestamp) this.#patchLast(object);
      this.#patchStatus(object);
      this.#patchFinalizers(object);
    } catch (error) {
      if (!(error instanceof ApiStatusError) || error.code !== 404) throw error;
    }
    this.#before = structuredClone(object);
  }

  /** Conditions first; and once the last finalizer is off there is nothing left whose status could be written. */
  #patchLast(object: KubeObject): void {
    const { conditions } = statusOf(object);
    const told = { ...object, status: { ...statusOf(this.#before), ...(conditions ? { conditions } : {}) } };
    this.#patchStatus(told);
    this.#patchFinalizers(object);
    this.#before = { ...structuredClone(told), metadata: structuredClone(object.metadata) };
  }

  #patchStatus(object: KubeObject): void {
    const { conditions: conditionsBefore, ...before } = statusOf(this.#before);
    const { conditions, ...after } = statusOf(object);
    const changes = differences(before, after);
    if (!sameValue(conditionsBefore, conditions)) changes.conditions = this.#mergedConditions(conditions ?? []);
    if (Object.keys(changes).length === 0) return;
    this.#api.patch(this.#ref, { status: changes }, { type: 'merge', subresource: 'status', manager: this.#options.manager });
  }

  #mergedConditions(mine: Condition[]): Condition[] {
    const owned = new Set(this.#options.ownedConditions);
    const latest = this.#api.get(this.#ref);
    const foreign = (latest ? (statusOf(latest).conditions ?? []) : []).filter(({ type }) => !owned.has(type));
    return [...foreign, ...mine.filter(({ type }) => owned.has(type))].sort(byImportance);
  }

  #patchFinalizers(object: KubeObject): void {
    const before = this.#before.metadata.finalizers ?? [];
    const after = object.metadata.finalizers ?? [];
    if (sameValue(before, after)) return;
    const patch = { metadata: { finalizers: after.length > 0 ? after : null } };
    this.#api.patch(this.#ref, patch, { type: 'merge', manager: this.#options.manager });
  }
}

/** A JSON merge patch (RFC 7386) of the top fields that differ; `null` removes. */
function differences(before: Record<string, unknown>, after: Record<string, unknown>): Record<string, unknown> {
  const patch: Record<string, unknown> = {};
  for (const field of new Set([...Object.keys(before), ...Object.keys(after)])) {
    if (sameValue(before[field], after[field])) continue;
    patch[field] = after[field] === undefined ? null : fieldPatch(before[field], after[field]);
  }
  return patch;
}

function fieldPatch(before: unknown, after: unknown): unknown {
  const plain = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);
  return plain(before) && plain(after) ? differences(before, after) : after;
}

function statusOf(object: KubeObject): Status {
  return (object.status ?? {}) as Status;
}
