/**
 * The kinds that the sandbox stores but does not act on: they can be listed, suspended and referred to.
 * Source of the names and columns: the api folders of source-controller, notification-controller,
 * image-reflector-controller and image-automation-controller.
 */
import type { KubeObject } from '../../../api/kube.ts';
import { AGE, column, define, type PrinterColumn, READY, STATUS } from './definition.ts';
import { artifact, duration, flag, record, type Schema, statusOf } from './schema.ts';

interface OtherKind {
  group: string;
  version: string;
  kind: string;
  plural: string;
  shortNames?: string[];
  columns?: PrinterColumn[];
  required?: string[];
}

const KINDS: readonly OtherKind[] = [
  {
    group: 'source',
    version: 'v1',
    kind: 'OCIRepository',
    plural: 'ocirepositories',
    shortNames: ['ocirepo'],
    columns: [column('URL', '.spec.url'), READY, STATUS, AGE],
    required: ['interval', 'url'],
  },
  {
    group: 'source',
    version: 'v1',
    kind: 'HelmRepository',
    plural: 'helmrepositories',
    shortNames: ['helmrepo'],
    columns: [column('URL', '.spec.url'), AGE, READY, STATUS],
    required: ['url'],
  },
  {
    group: 'source',
    version: 'v1',
    kind: 'Bucket',
    plural: 'buckets',
    columns: [column('Endpoint', '.spec.endpoint'), AGE, READY, STATUS],
    required: ['bucketName', 'endpoint', 'interval'],
  },
  {
    group: 'source',
    version: 'v1',
    kind: 'HelmChart',
    plural: 'helmcharts',
    shortNames: ['hc'],
    columns: [
      column('Chart', '.spec.chart'),
      column('Version', '.spec.version'),
      column('Source Kind', '.spec.sourceRef.kind'),
      column('Source Name', '.spec.sourceRef.name'),
      AGE,
      READY,
      STATUS,
    ],
    required: ['chart', 'interval', 'sourceRef'],
  },
  {
    group: 'source',
    version: 'v1',
    kind: 'ExternalArtifact',
    plural: 'externalartifacts',
    shortNames: ['ea'],
    columns: [AGE, READY, STATUS, column('Source', '.spec.sourceRef.name')],
  },
  { group: 'notification', version: 'v1beta3', kind: 'Alert', plural: 'alerts', columns: [AGE], required: ['eventSources', 'providerRef'] },
  { group: 'notification', version: 'v1beta3', kind: 'Provider', plural: 'providers', columns: [AGE], required: ['type'] },
  { group: 'notification', version: 'v1', kind: 'Receiver', plural: 'receivers', required: ['resources', 'type'] },
  {
    group: 'image',
    version: 'v1',
    kind: 'ImageUpdateAutomation',
    plural: 'imageupdateautomations',
    shortNames: ['iua', 'imgupd', 'imgauto'],
    columns: [column('Last run', '.status.lastAutomationRunTime')],
    required: ['interval', 'sourceRef'],
  },
  {
    group: 'image',
    version: 'v1',
    kind: 'ImagePolicy',
    plural: 'imagepolicies',
    shortNames: ['imgpol', 'imagepol'],
    columns: [column('Image', '.status.latestRef.name'), column('Tag', '.status.latestRef.tag'), READY, STATUS, AGE],
    required: ['imageRepositoryRef', 'policy'],
  },
  {
    group: 'image',
    version: 'v1',
    kind: 'ImageRepository',
    plural: 'imagerepositories',
    shortNames: ['imgrepo', 'imagerepo'],
    columns: [
      column('Last scan', '.status.lastScanResult.scanTime'),
      column('Tags', '.status.lastScanResult.tagCount'),
      READY,
      STATUS,
      AGE,
    ],
    required: ['image', 'interval'],
  },
];

const DEFAULT_COLUMNS = [AGE, READY, STATUS];

function specOf(required: string[]): Schema {
  return { ...record({ interval: duration, timeout: duration, suspend: flag }, required), 'x-kubernetes-preserve-unknown-fields': true };
}

function statusSchema(group: string): Schema {
  return { ...statusOf(group === 'source' ? { artifact } : {}), 'x-kubernetes-preserve-unknown-fields': true };
}

export const otherDefinitions: readonly KubeObject[] = KINDS.map(({ group, columns = DEFAULT_COLUMNS, required = [], ...kind }) =>
  define({
    ...kind,
    group: `${group}.toolkit.fluxcd.io`,
    columns,
    categories: group === 'source' ? ['all', 'fluxcd', 'fluxcd-sources'] : ['all', 'fluxcd'],
    spec: specOf(required),
    status: statusSchema(group),
  }),
);
