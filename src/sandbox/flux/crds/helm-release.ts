/** Source of the fields: helm-controller api/v2/helmrelease_types.go; what only Helm reads is taken as it comes. */
import { AGE, define, READY, STATUS } from './definition.ts';
import { anything, described, duration, flag, integer, listOf, oneOf, record, type Schema, statusOf, text, textMap } from './schema.ts';

const bounded = (maxLength: number): Schema => ({ type: 'string', minLength: 1, maxLength });

const sourceRef = record(
  { apiVersion: text, kind: oneOf('HelmRepository', 'GitRepository', 'Bucket'), name: bounded(253), namespace: text },
  ['name'],
);

const chartSpec = record(
  {
    chart: bounded(2_048),
    version: { ...text, default: '*' },
    sourceRef,
    interval: duration,
    reconcileStrategy: { ...oneOf('ChartVersion', 'Revision'), default: 'ChartVersion' },
    valuesFiles: listOf(text),
    ignoreMissingValuesFiles: flag,
    verify: anything,
  },
  ['chart', 'sourceRef'],
);

const chart = record({ metadata: record({ labels: textMap, annotations: textMap }), spec: chartSpec }, ['spec']);

const chartRef = record(
  { apiVersion: text, kind: oneOf('OCIRepository', 'HelmChart', 'ExternalArtifact'), name: bounded(253), namespace: text },
  ['kind', 'name'],
);

const release = record({
  name: text,
  namespace: text,
  version: integer,
  status: text,
  chartName: text,
  chartVersion: text,
  appVersion: text,
  configDigest: text,
  digest: text,
  ociDigest: text,
  action: text,
  firstDeployed: text,
  lastDeployed: text,
  deleted: text,
  apiVersion: text,
  testHooks: anything,
});

export const helmReleaseDefinition = define({
  group: 'helm.toolkit.fluxcd.io',
  version: 'v2',
  kind: 'HelmRelease',
  plural: 'helmreleases',
  shortNames: ['hr'],
  categories: ['all', 'fluxcd', 'fluxcd-appliers'],
  columns: [AGE, READY, STATUS],
  spec: {
    ...record(
      {
        interval: described(duration, 'Time between two runs.'),
        timeout: described(duration, 'Limit of each Helm action.'),
        chart: described(chart, 'The chart, from a repository.'),
        chartRef: described(chartRef, 'The chart, from an object that holds it.'),
        suspend: described(flag, 'Stop reconciling the release.'),
        releaseName: bounded(53),
        targetNamespace: bounded(63),
        storageNamespace: bounded(63),
        serviceAccountName: bounded(253),
        persistentClient: flag,
        maxHistory: integer,
        dependsOn: listOf(record({ name: text, namespace: text, readyExpr: text }, ['name'])),
        values: anything,
        valuesFrom: listOf(
          record(
            { kind: oneOf('Secret', 'ConfigMap'), name: bounded(253), valuesKey: text, targetPath: text, optional: flag, literal: flag },
            ['kind', 'name'],
          ),
        ),
        commonMetadata: record({ labels: textMap, annotations: textMap }),
        driftDetection: anything,
        healthCheckExprs: listOf(anything),
        install: anything,
        upgrade: anything,
        rollback: anything,
        uninstall: anything,
        test: anything,
        kubeConfig: anything,
        postRenderers: listOf(anything),
        postRenderStrategy: oneOf('nohooks', 'combined', 'separate'),
        waitStrategy: anything,
      },
      ['interval'],
    ),
    'x-kubernetes-validations': [
      {
        rule: '(has(self.chart) && !has(self.chartRef)) || (!has(self.chart) && has(self.chartRef))',
        message: 'either chart or chartRef must be set',
      },
    ],
  },
  status: statusOf({
    failures: integer,
    installFailures: integer,
    upgradeFailures: integer,
    helmChart: text,
    history: listOf(release),
    inventory: record({ entries: listOf(record({ id: text, v: text }, ['id', 'v'])) }, ['entries']),
    lastAttemptedConfigDigest: text,
    lastAttemptedGeneration: integer,
    lastAttemptedReleaseAction: text,
    lastAttemptedReleaseActionDuration: text,
    lastAttemptedRevision: text,
    lastAttemptedRevisionDigest: text,
    lastHandledForceAt: text,
    lastHandledResetAt: text,
    lastReleaseRevision: integer,
    observedCommonMetadataDigest: text,
    observedPostRenderersDigest: text,
    storageNamespace: text,
  }),
});
