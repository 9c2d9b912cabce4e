/** What kustomize writes, as objects. */
import type { KubeObject } from '../../api/kube.ts';
import { parseYaml } from './go-yaml.ts';

/** One object of a build. */
export interface BuiltDocument {
  /** The YAML that kustomize writes for it. */
  text: string;
  /** The same as data, where what built it has that at hand. */
  data?: unknown;
}

/** The documents of a build's text, in order. kustomize puts `---` between two of them, alone on its line. */
export function splitDocuments(text: string): BuiltDocument[] {
  const texts = text.split(/^---\n/m).filter((document) => document.trim() !== '');
  return texts.map((document) => ({ text: document }));
}

/** @returns the document's mapping, undefined where it is something else. @throws YamlError */
export function readManifest({ text, data = parseYaml(text) }: BuiltDocument): Record<string, unknown> | undefined {
  return isRecord(data) ? data : undefined;
}

/**
 * Objects in order: lists taken apart, what is not a Kubernetes object and kustomizations left out.
 * Source: fluxcd/pkg ssa v0.76 utils/object.go ReadObjects, utils/is.go.
 */
export function objectsOf(manifests: Record<string, unknown>[]): KubeObject[] {
  return manifests.flatMap((manifest) => {
    if (Array.isArray(manifest.items)) return manifest.items.filter(isRecord).map((item) => item as unknown as KubeObject);
    return isKubeObject(manifest) && !isKustomization(manifest) ? [manifest] : [];
  });
}

/** Has it a kind, an API version and a name? */
export function isKubeObject(manifest: Record<string, unknown>): manifest is KubeObject {
  const name = isRecord(manifest.metadata) ? manifest.metadata.name : undefined;
  return [manifest.apiVersion, manifest.kind, name].every((value) => typeof value === 'string' && value !== '');
}

function isKustomization({ kind, apiVersion }: KubeObject): boolean {
  return kind.toLowerCase() === 'kustomization' && apiVersion.startsWith('kustomize.config.k8s.io/');
}

export interface CommonMetadata {
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
}

/** The object with labels and annotations set over its own. Source: fluxcd/pkg ssa v0.76 utils/meta.go SetCommonMetadata. */
export function withCommonMetadata(object: KubeObject, common: CommonMetadata): KubeObject {
  const labels = { ...object.metadata.labels, ...common.labels };
  const annotations = { ...object.metadata.annotations, ...common.annotations };
  return {
    ...object,
    metadata: {
      ...object.metadata,
      ...(Object.keys(labels).length > 0 && { labels }),
      ...(Object.keys(annotations).length > 0 && { annotations }),
    },
  };
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
