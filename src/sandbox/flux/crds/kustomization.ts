/** Source of the fields: kustomize-controller api/v1/kustomization_types.go. */
import { AGE, define, READY, STATUS } from './definition.ts';
import {
  anything,
  described,
  duration,
  flag,
  listOf,
  localReference,
  oneOf,
  record,
  type Schema,
  snapshot,
  statusOf,
  text,
  textMap,
} from './schema.ts';

const selector = record({
  group: text,
  version: text,
  kind: text,
  name: text,
  namespace: text,
  labelSelector: text,
  annotationSelector: text,
});

const bounded = (maxLength: number): Schema => ({ type: 'string', minLength: 1, maxLength });

const healthCheck = record({ apiVersion: text, kind: text, name: text, namespace: text }, ['kind', 'name']);

const healthCheckExpression = record({ apiVersion: text, kind: text, current: text, inProgress: text, failed: text }, [
  'apiVersion',
  'current',
]);

const substituteFrom = record({ kind: oneOf('Secret', 'ConfigMap'), name: bounded(253), optional: { ...flag, default: false } }, [
  'kind',
  'name',
]);

const postBuild = record({
  substitute: described(textMap, 'Variables and their values.'),
  substituteFrom: described(
    listOf(substituteFrom),
    'ConfigMaps and Secrets with more variables, read as they are at the time of each run.',
  ),
  substituteStrategy: oneOf('WithVariables', 'Always'),
});

const sourceRef = record(
  { apiVersion: text, kind: oneOf('OCIRepository', 'GitRepository', 'Bucket', 'ExternalArtifact'), name: text, namespace: text },
  ['kind', 'name'],
);

export const kustomizationDefinition = define({
  group: 'kustomize.toolkit.fluxcd.io',
  version: 'v1',
  kind: 'Kustomization',
  plural: 'kustomizations',
  shortNames: ['ks'],
  categories: ['all', 'fluxcd', 'fluxcd-appliers'],
  columns: [AGE, READY, STATUS],
  spec: record(
    {
      interval: described(duration, 'Time between two runs.'),
      retryInterval: described(duration, 'Time until a failed run is tried again; the interval by default.'),
      timeout: described(duration, 'Limit of the health checks; the interval less 30s by default.'),
      path: described(text, 'Directory with the kustomization.yaml, or with plain manifests.'),
      prune: described(flag, 'Delete what is no longer in the source.'),
      sourceRef: described(sourceRef, 'Where the manifests come from.'),
      wait: described(flag, 'Wait for everything that was applied to become healthy; healthChecks are ignored then.'),
      healthChecks: described(listOf(healthCheck), 'Objects to wait for.'),
      healthCheckExprs: listOf(healthCheckExpression),
      deletionPolicy: oneOf('MirrorPrune', 'Delete', 'WaitForTermination', 'Orphan'),
      dependsOn: described(
        listOf(record({ name: text, namespace: text, readyExpr: text }, ['name'])),
        'Kustomizations that must be ready first.',
      ),
      force: { ...described(flag, 'Create anew what cannot be changed in place.'), default: false },
      suspend: described(flag, 'Stop applying; a run that has begun goes on.'),
      targetNamespace: bounded(63),
      namePrefix: bounded(200),
      nameSuffix: bounded(200),
      components: listOf(text),
      ignoreMissingComponents: flag,
      patches: listOf(record({ patch: text, target: selector }, ['patch'])),
      images: listOf(record({ name: text, newName: text, newTag: text, digest: text }, ['name'])),
      commonMetadata: record({ labels: textMap, annotations: textMap }),
      postBuild,
      buildMetadata: listOf(oneOf('originAnnotations', 'transformerAnnotations')),
      ignore: listOf(record({ paths: listOf(text), target: selector }, ['paths'])),
      serviceAccountName: text,
      kubeConfig: anything,
      decryption: record({ provider: oneOf('sops'), serviceAccountName: text, secretRef: localReference }, ['provider']),
    },
    ['interval', 'prune', 'sourceRef'],
  ),
  status: statusOf({
    lastAppliedRevision: described(text, 'The last revision that was applied and found healthy.'),
    lastAppliedOriginRevision: text,
    lastAttemptedRevision: described(text, 'The last revision that was tried, well or not.'),
    inventory: record({ entries: listOf(record({ id: text, v: text }, ['id', 'v'])) }, ['entries']),
    history: listOf(snapshot),
  }),
});
