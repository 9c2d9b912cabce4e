/** References to other objects. Source: k8s.io/api core/v1/types.go. */
import { strings, struct } from './vocabulary.ts';

export const localObjectReference = struct({ ...strings('name') }, { owned: 'whole' });

export const objectReference = struct({ ...strings('apiVersion fieldPath kind name namespace resourceVersion uid') }, { owned: 'whole' });

export const typedLocalObjectReference = struct({ ...strings('apiGroup kind name') }, { required: 'kind name', owned: 'whole' });

export const typedObjectReference = struct({ ...strings('apiGroup kind name namespace') });
