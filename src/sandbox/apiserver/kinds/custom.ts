/** Resources that a CustomResourceDefinition declares. Source: k8s.io/apiextensions-apiserver pkg/apis/apiextensions/v1. */
import type { KubeObject } from '../../../api/kube.ts';
import { schemaFromCrd } from '../fields/schema.ts';
import { asNumber, asObject, asObjects, asString, asStrings, at, isObject, type Json } from '../json.ts';
import type { PrinterColumn, Resource, ScalePaths, Subresource } from './resource.ts';

const VERBS = ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch'] as const;

/** The column that a kind without `additionalPrinterColumns` gets. */
const AGE_COLUMN: PrinterColumn = { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' };

/** One resource for every served version of the definition. */
export function resourcesOf(definition: KubeObject): Resource[] {
  const spec = asObject(definition.spec);
  const versions = asObjects(spec.versions);
  const storage = asString(versions.find((version) => version.storage === true)?.name);
  return versions.filter((version) => version.served === true).map((version) => resourceOf(spec, version, storage));
}

function resourceOf(spec: Json, version: Json, storageVersion: string): Resource {
  const names = asObject(spec.names);
  const group = asString(spec.group);
  const plural = asString(names.plural);
  const kind = asString(names.kind);
  const scale = scalePathsOf(version);
  const hasStatus = isObject(at(version, 'subresources', 'status'));
  const deprecation =
    version.deprecated === true
      ? asString(version.deprecationWarning) || `${group}/${asString(version.name)} ${kind} is deprecated`
      : undefined;
  return {
    group,
    version: asString(version.name),
    kind,
    plural,
    singular: asString(names.singular) || kind.toLowerCase(),
    listKind: asString(names.listKind) || `${kind}List`,
    shortNames: asStrings(names.shortNames),
    categories: asStrings(names.categories),
    namespaced: spec.scope !== 'Cluster',
    verbs: VERBS,
    subresources: subresourcesOf(hasStatus, scale),
    hasStatus,
    ...(scale ? { scale } : {}),
    hasGeneration: true,
    origin: 'custom',
    storageVersion,
    storageKey: `${plural}.${group}`,
    schema: schemaFromCrd(at(version, 'schema', 'openAPIV3Schema'), { statusSubresource: hasStatus }),
    columns: columnsOf(version),
    selectableFields: asObjects(version.selectableFields).map((field) => asString(field.jsonPath).replace(/^\./, '')),
    ...(deprecation ? { deprecation } : {}),
  };
}

function subresourcesOf(hasStatus: boolean, scale: ScalePaths | undefined): Subresource[] {
  const verbs = ['get', 'patch', 'update'];
  return [
    ...(scale ? [{ name: 'scale', verbs, responseKind: { apiVersion: 'autoscaling/v1', kind: 'Scale' } }] : []),
    ...(hasStatus ? [{ name: 'status', verbs }] : []),
  ];
}

function scalePathsOf(version: Json): ScalePaths | undefined {
  const scale = at(version, 'subresources', 'scale');
  if (!isObject(scale)) return undefined;
  const path = (name: string): string => asString(scale[name]).replace(/^\./, '');
  const labelSelector = path('labelSelectorPath');
  return {
    specReplicas: path('specReplicasPath'),
    statusReplicas: path('statusReplicasPath'),
    ...(labelSelector ? { labelSelector } : {}),
  };
}

function columnsOf(version: Json): PrinterColumn[] {
  const declared = asObjects(version.additionalPrinterColumns);
  if (declared.length === 0) return [AGE_COLUMN];
  return declared.map((column) => ({
    name: asString(column.name),
    type: asString(column.type),
    jsonPath: asString(column.jsonPath),
    format: asString(column.format),
    description: asString(column.description),
    priority: asNumber(column.priority),
  }));
}
