import type { KubeObject, ManagedFieldsEntry } from '../../../../api/kube.ts';
import { keepTimesWhereUnchanged, serverSideApply, trackUpdate } from '../managed.ts';
import { applyPatch } from '../patch.ts';
import type { Schema } from '../schema.ts';
import { admit } from '../validate.ts';

export interface Write {
  manager: string;
  subresource?: string;
  now?: string;
}

const EPOCH = '2026-01-01T00:00:00Z';

/** Holds one object and treats it the way the API server's handlers do, without names, versions and watches. */
export class Shelf {
  object: KubeObject | undefined;
  private readonly schema: Schema;

  constructor(schema: Schema) {
    this.schema = schema;
  }

  create(object: KubeObject, write: Write): KubeObject {
    return this.track({ ...object, metadata: { ...object.metadata, uid: 'uid', creationTimestamp: EPOCH } }, write);
  }

  patch(type: 'merge' | 'json' | 'strategic', patch: unknown, write: Write): KubeObject {
    return this.track(applyPatch({ schema: this.schema, type, current: this.stored, patch }), write);
  }

  update(object: KubeObject, write: Write): KubeObject {
    const { uid, creationTimestamp } = this.stored.metadata;
    return this.track({ ...object, metadata: { ...object.metadata, uid, creationTimestamp } }, write);
  }

  /** @returns conflicts as `manager: field`; empty where it was applied */
  apply(applied: KubeObject, { manager, subresource, now = EPOCH, force = false }: Write & { force?: boolean }): string[] {
    const result = serverSideApply({ schema: this.schema, live: this.object, applied, manager, force, subresource, now });
    if (result.kind === 'conflict') return result.conflicts.map((conflict) => `${conflict.manager}: ${conflict.field}`);
    if (result.object === this.object) return [];
    const next = this.admitted(result.object);
    this.object = this.object ? keepTimesWhereUnchanged(this.object, next) : { ...next, metadata: { ...next.metadata, uid: 'uid' } };
    return [];
  }

  get stored(): KubeObject {
    if (!this.object) throw new Error('nothing is stored');
    return this.object;
  }

  get entries(): ManagedFieldsEntry[] {
    return this.stored.metadata.managedFields ?? [];
  }

  /** The entry of `manager` (`name`, or `name/subresource`); undefined where it owns nothing. */
  owned(manager: string): Record<string, unknown> | undefined {
    return this.entries.find((entry) => [entry.manager, entry.subresource].filter(Boolean).join('/') === manager)?.fieldsV1;
  }

  private track(next: KubeObject, { manager, subresource, now = EPOCH }: Write): KubeObject {
    const after = this.admitted(next);
    const { schema, object: before } = this;
    const managedFields = trackUpdate({ schema, before, after, manager, apiVersion: after.apiVersion, subresource, now });
    const { managedFields: _, ...metadata } = after.metadata;
    const tracked = { ...after, metadata: { ...metadata, ...(managedFields.length > 0 && { managedFields }) } };
    this.object = before ? keepTimesWhereUnchanged(before, tracked) : tracked;
    return this.object;
  }

  private admitted(next: KubeObject): KubeObject {
    const { object, causes } = admit(this.schema, next, 'Ignore');
    if (causes.length > 0) throw new Error(causes.map(({ field, message }) => `${field}: ${message}`).join('\n'));
    return object;
  }
}
