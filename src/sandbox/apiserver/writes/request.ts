import type { KubeObject } from '../../../api/kube.ts';
import type { Resource } from '../kinds/resource.ts';
import type { State } from '../storage/state.ts';

export type FieldValidation = 'Strict' | 'Warn' | 'Ignore';

/** How a write is to be done. */
export interface WriteRequest {
  /** Field manager. */
  manager: string;
  subresource?: string;
  dryRun?: boolean;
  fieldValidation?: FieldValidation;
  /** Does an update have to name the resourceVersion that it replaces, as custom kinds demand over HTTP? */
  requireVersion?: boolean;
}

/** What a write is done to. */
export interface Place {
  state: State;
  resource: Resource;
}

/** What came of a write; the object is in the version of the request. */
export interface Written {
  object: KubeObject;
  created: boolean;
  warnings: string[];
}
