/** The paths that a kustomization names, and how kustomize takes each. */
import { parseYamlDocuments, YamlError } from './go-yaml.ts';
import type { GeneratorEntry, KustomizationFile } from './kustomization.ts';

export interface Reference {
  /** As written, relative to the directory of the kustomization. */
  path: string;
  /**
   * `resource`: a file of manifests, or a directory to build. `component`: a directory to build.
   * `plugin`: as `resource`, where its documents may name further files. `manifest`: a file that is parsed.
   * `content`: a file that is taken as it is. `optional`: a file, if there is one of that name.
   */
  as: 'resource' | 'component' | 'plugin' | 'manifest' | 'content' | 'optional';
}

/** Every path of a kustomization in the order in which kustomize reads them. */
export function referencesOf(kustomization: KustomizationFile): Reference[] {
  const { patches = [], patchesJson6902 = [], replacements = [] } = kustomization;
  const paths = [...patches, ...patchesJson6902, ...replacements].flatMap(({ path }) => (path ? [path] : []));
  return [
    ...named('resource', [...(kustomization.resources ?? []), ...(kustomization.bases ?? [])]),
    ...named('manifest', [...(kustomization.configurations ?? []), ...(kustomization.crds ?? [])]),
    ...named('manifest', kustomization.openapi?.path ? [kustomization.openapi.path] : []),
    ...[...(kustomization.configMapGenerator ?? []), ...(kustomization.secretGenerator ?? [])].flatMap(generatorReferences),
    ...named('component', kustomization.components ?? []),
    ...named('manifest', paths),
    // A patch is first tried as YAML, then as a file.
    ...named(
      'manifest',
      (kustomization.patchesStrategicMerge ?? []).filter((patch) => !isInline(patch)),
    ),
    ...pluginReferences(kustomization),
  ];
}

function named(as: Reference['as'], paths: string[]): Reference[] {
  return paths.map((path) => ({ path, as }));
}

function generatorReferences({ files = [], envs = [], env }: GeneratorEntry): Reference[] {
  const sources = [...files.map(filePath), ...envs, ...(env ? [env] : [])];
  return named('content', sources);
}

/** `key=path` or `path`. Source: kustomize api/internal/generators/utils.go ParseFileSource. */
function filePath(source: string): string {
  return source.slice(source.indexOf('=') + 1);
}

function pluginReferences({ generators = [], transformers = [], validators = [] }: KustomizationFile): Reference[] {
  return [...generators, ...transformers, ...validators].flatMap((plugin) =>
    isInline(plugin) ? referencesOfPlugins(plugin) : named('plugin', [plugin]),
  );
}

/** Is this a manifest rather than a path? */
function isInline(text: string): boolean {
  return text.includes('\n') || /^\s*\{/.test(text) || /:\s/.test(text);
}

/**
 * Paths that the configuration of kustomize's built-in plugins names (api/internal/builtins), relative to the
 * kustomization that uses them. A configuration that cannot be read names none: the build itself says what is wrong.
 */
export function referencesOfPlugins(text: string): Reference[] {
  let documents: unknown[];
  try {
    documents = parseYamlDocuments(text);
  } catch (fault) {
    if (fault instanceof YamlError) return [];
    throw fault;
  }
  return documents.flatMap((document) => (isRecord(document) ? referencesOfPlugin(document) : []));
}

function referencesOfPlugin(plugin: Record<string, unknown>): Reference[] {
  const replacements = Array.isArray(plugin.replacements) ? plugin.replacements.filter(isRecord).map(({ path }) => path) : [];
  const parsed = [plugin.path, plugin.targetFilePath, ...replacements, ...asList(plugin.paths)].filter(isPath);
  const taken = [...asList(plugin.files).filter(isPath).map(filePath), ...asList(plugin.envs), plugin.env].filter(isPath);
  return [...named('optional', parsed), ...named('optional', taken)];
}

function asList(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function isPath(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && !isInline(value);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Does kustomize take this path for something to be fetched? The user and password of a URL are never shown.
 * Source of the rules: kustomize api/internal/git/repospec.go NewRepoSpecFromURL, internal/loader IsRemoteFile.
 */
export function isRemote(path: string): boolean {
  const address = path.replace(/^git::/i, '');
  if (/^(?:ssh|https?|file):\/\//i.test(address)) return true;
  // scp's way of writing it: user@host:path. GitHub needs no user.
  if (/^[a-zA-Z][a-zA-Z0-9-]*@[^/]*[:/]./.test(address)) return true;
  return /^github\.com[:/]./i.test(address);
}

/** A remote path without credentials. */
export function withoutCredentials(path: string): string {
  return path.replace(/^((?:git::)?[a-z]+:\/\/)[^/@]*@/i, '$1').replace(/\?.*$/s, '');
}
