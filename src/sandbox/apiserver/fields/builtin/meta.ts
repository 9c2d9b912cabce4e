/** What every object carries, and conditions and selectors. Source: k8s.io/apimachinery pkg/apis/meta/v1/types.go. */
import { metadataCauses } from '../names.ts';
import { anything, booleans, dictionary, integers, keyed, list, mergedSet, string, strings, struct, time } from './vocabulary.ts';

export const condition = struct({ ...strings('message reason status type'), ...integers('observedGeneration'), lastTransitionTime: time });

const labelSelectorRequirement = struct({ ...strings('key operator'), values: list(string) }, { required: 'key operator' });

export const labelSelector = struct(
  { matchExpressions: list(labelSelectorRequirement), matchLabels: dictionary(string) },
  { owned: 'whole' },
);

const ownerReference = struct(
  { ...strings('apiVersion kind name uid'), ...booleans('blockOwnerDeletion controller') },
  { required: 'apiVersion kind name uid', owned: 'whole' },
);

export const objectMeta = struct(
  {
    ...integers('deletionGracePeriodSeconds generation'),
    ...strings('generateName name namespace resourceVersion selfLink uid'),
    annotations: dictionary(string),
    creationTimestamp: time,
    deletionTimestamp: time,
    finalizers: mergedSet(string),
    labels: dictionary(string),
    // What an empty list means is for the tracking of fields to say: it is kept as it is.
    managedFields: anything,
    ownerReferences: keyed(ownerReference, 'uid'),
  },
  { check: metadataCauses },
);
