/**
 * The fields of a kustomization file with their types: sigs.k8s.io/kustomize/api v0.21 types/kustomization.go.
 * kustomize refuses a field that it does not know; Flux drops it from the root of a build, for it reads and writes that file anew.
 */

export type FieldType = 'string' | 'boolean' | 'integer' | 'any' | { list: FieldType } | { map: FieldType } | { fields: Fields };
export type Fields = Readonly<Record<string, FieldType>>;

const STRINGS: FieldType = { list: 'string' };
const STRING_MAP: FieldType = { map: 'string' };

function listOf(fields: Fields): FieldType {
  return { list: { fields } };
}

const GVK: Fields = { group: 'string', version: 'string', kind: 'string' };
const RESOURCE_ID: Fields = { ...GVK, name: 'string', namespace: 'string' };
const SELECTOR: Fields = { ...RESOURCE_ID, annotationSelector: 'string', labelSelector: 'string' };
const FIELD_SPEC: Fields = { ...GVK, path: 'string', create: 'boolean' };

const PATCH: Fields = {
  path: 'string',
  patch: 'string',
  target: { fields: SELECTOR },
  options: { fields: { allowNameChange: 'boolean', allowKindChange: 'boolean' } },
};

const IMAGE: Fields = { name: 'string', newName: 'string', tagSuffix: 'string', newTag: 'string', digest: 'string' };

const REPLACEMENT_OPTIONS: FieldType = { fields: { delimiter: 'string', index: 'integer', encoding: 'string', create: 'boolean' } };

const REPLACEMENT: Fields = {
  path: 'string',
  source: { fields: { ...RESOURCE_ID, fieldPath: 'string', options: REPLACEMENT_OPTIONS } },
  sourceValue: 'string',
  targets: listOf({
    select: { fields: SELECTOR },
    reject: listOf(SELECTOR),
    fieldPaths: STRINGS,
    options: REPLACEMENT_OPTIONS,
  }),
};

const GENERATOR_OPTIONS: FieldType = {
  fields: { labels: STRING_MAP, annotations: STRING_MAP, disableNameSuffixHash: 'boolean', immutable: 'boolean' },
};

const GENERATOR: Fields = {
  namespace: 'string',
  name: 'string',
  behavior: 'string',
  literals: STRINGS,
  files: STRINGS,
  envs: STRINGS,
  env: 'string',
  options: GENERATOR_OPTIONS,
};

const HELM_CHART: Fields = {
  name: 'string',
  version: 'string',
  repo: 'string',
  releaseName: 'string',
  namespace: 'string',
  additionalValuesFiles: STRINGS,
  valuesFile: 'string',
  valuesInline: { map: 'any' },
  valuesMerge: 'string',
  includeCRDs: 'boolean',
  skipHooks: 'boolean',
  apiVersions: STRINGS,
  kubeVersion: 'string',
  nameTemplate: 'string',
  skipTests: 'boolean',
  debug: 'boolean',
  devel: 'boolean',
};

const HELM_INFLATION: Fields = {
  chartName: 'string',
  chartVersion: 'string',
  chartRepoUrl: 'string',
  chartHome: 'string',
  chartRepoName: 'string',
  helmBin: 'string',
  helmHome: 'string',
  values: 'string',
  valuesLocal: { map: 'any' },
  valuesMerge: 'string',
  releaseName: 'string',
  releaseNamespace: 'string',
  extraArgs: STRINGS,
};

export const KUSTOMIZATION_FIELDS: Fields = {
  apiVersion: 'string',
  kind: 'string',
  metadata: { fields: { name: 'string', namespace: 'string', labels: STRING_MAP, annotations: STRING_MAP } },
  openapi: STRING_MAP,
  namePrefix: 'string',
  nameSuffix: 'string',
  namespace: 'string',
  commonLabels: STRING_MAP,
  labels: listOf({ pairs: STRING_MAP, includeSelectors: 'boolean', includeTemplates: 'boolean', fields: listOf(FIELD_SPEC) }),
  commonAnnotations: STRING_MAP,
  patchesStrategicMerge: STRINGS,
  patchesJson6902: listOf(PATCH),
  patches: listOf(PATCH),
  images: listOf(IMAGE),
  imageTags: listOf(IMAGE),
  replacements: listOf(REPLACEMENT),
  replicas: listOf({ name: 'string', count: 'integer' }),
  vars: listOf({
    name: 'string',
    objref: { fields: { apiVersion: 'string', ...RESOURCE_ID } },
    fieldref: { fields: { fieldPath: 'string' } },
  }),
  sortOptions: { fields: { order: 'string', legacySortOptions: { fields: { orderFirst: STRINGS, orderLast: STRINGS } } } },
  resources: STRINGS,
  components: STRINGS,
  crds: STRINGS,
  bases: STRINGS,
  configMapGenerator: listOf(GENERATOR),
  secretGenerator: listOf({ ...GENERATOR, type: 'string' }),
  helmGlobals: { fields: { chartHome: 'string', configHome: 'string' } },
  helmCharts: listOf(HELM_CHART),
  helmChartInflationGenerator: listOf(HELM_INFLATION),
  generatorOptions: GENERATOR_OPTIONS,
  configurations: STRINGS,
  generators: STRINGS,
  transformers: STRINGS,
  validators: STRINGS,
  buildMetadata: STRINGS,
};
