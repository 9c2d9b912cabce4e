/**
 * The kustomization that Flux effectively builds: the one in the repository, or a generated one, with what the Flux
 * Kustomization adds. Source of the rules: fluxcd/pkg kustomize v1.35, kustomize_generator.go GenerateManifest.
 * commonMetadata is not part of it: the controller sets it on the objects after the build.
 */
import type { KustomizationBuildSpec, KustomizationImage } from '../../api/flux.ts';
import type { ImageEntry, KustomizationFile, PatchEntry } from './kustomization.ts';

/** A namespace that Flux gives to a directory without manifests, for kustomize refuses an empty kustomization. */
const PLACEHOLDER_NAMESPACE = '_placeholder';

/** The kustomization for a directory that has none. `resources` are relative to it: `./deployment.yaml`. */
export function generatedKustomization(resources: string[]): KustomizationFile {
  const content = resources.length > 0 ? { resources } : { namespace: PLACEHOLDER_NAMESPACE };
  return { apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization', ...content };
}

export interface OverlayOptions {
  spec: KustomizationBuildSpec;
  /** Was the kustomization generated rather than found? */
  generated: boolean;
  /** The components of the spec to add, those that are missing and may be left out. */
  components: string[];
}

/** @returns a new kustomization; `base` stays as it is */
export function overlay(base: KustomizationFile, options: OverlayOptions): KustomizationFile {
  const { spec } = options;
  const result: KustomizationFile = { apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization', ...base };
  // Keeps kustomize from calling it empty, and marks the objects with their origin; whatever the file said is lost.
  if (!options.generated && (base.resources ?? []).length === 0) result.buildMetadata = ['originAnnotations'];
  // Flux builds in the order of the files, where the command line sorts.
  result.sortOptions = base.sortOptions ?? { order: 'fifo' };
  if (spec.targetNamespace) result.namespace = spec.targetNamespace;
  if (spec.namePrefix) result.namePrefix = spec.namePrefix;
  if (spec.nameSuffix) result.nameSuffix = spec.nameSuffix;
  if (spec.patches?.length) result.patches = [...(base.patches ?? []), ...spec.patches.map(patchEntry)];
  if (options.components.length > 0) result.components = [...(base.components ?? []), ...options.components];
  if (spec.images?.length) result.images = mergeImages(base.images ?? [], spec.images);
  const buildMetadata = spec.buildMetadata ?? [];
  if (buildMetadata.length > 0) result.buildMetadata = buildMetadata;
  return result;
}

/** The text of a kustomization file: JSON, which kustomize reads as YAML. */
export function writeKustomization(kustomization: KustomizationFile): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(kustomization, null, 2)}\n`);
}

function patchEntry({ patch, target }: { patch: string; target?: Record<string, string | undefined> }): PatchEntry {
  if (!target) return { patch };
  const selected = Object.entries(target).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return { patch, target: Object.fromEntries(selected) };
}

/** An image of the spec changes the entry of the same name field by field; tag and digest go together. */
function mergeImages(found: ImageEntry[], added: KustomizationImage[]): ImageEntry[] {
  const images = found.map((image) => ({ ...image }));
  for (const image of added) {
    const known = images.find(({ name }) => name === image.name);
    if (!known) {
      images.push(withoutEmpty(image));
      continue;
    }
    if (image.newName) known.newName = image.newName;
    if (!image.newTag && !image.digest) continue;
    known.newTag = image.newTag ?? '';
    known.digest = image.digest ?? '';
  }
  return images;
}

function withoutEmpty(image: KustomizationImage): ImageEntry {
  const { name, newName, newTag, digest } = image;
  return { name, ...(newName && { newName }), ...(newTag && { newTag }), ...(digest && { digest }) };
}
