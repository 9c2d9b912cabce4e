/**
 * Post-build variable substitution as kustomize-controller does it: in the YAML text of each object, which is then
 * read again, so that a value becomes a number, a list or nothing as its text has it.
 * Source of the rules: fluxcd/pkg kustomize v1.35, kustomize_varsub.go; kustomize-controller v1.9 build().
 */
import type { KustomizationBuildSpec, SubstituteReference } from '../../api/flux.ts';
import { groupOf, versionOf } from '../../api/kube.ts';
import { expandVariables, VariableNotSet } from './envsubst/expand.ts';
import { TemplateError } from './envsubst/template.ts';
import { YamlError } from './go-yaml.ts';
import { type BuiltDocument, isKubeObject, isRecord, readManifest } from './manifests.ts';

/** An object with this label or annotation set to `disabled` keeps its text. */
const SUBSTITUTE_ANNOTATION = 'kustomize.toolkit.fluxcd.io/substitute';

/** The build's objects cannot be had; the message is Flux's, and holds no value of a variable. */
export class PostBuildFailed extends Error {
  override readonly name = 'PostBuildFailed';
}

export interface Substitution {
  /** By name, line breaks taken out; empty where there is nothing to substitute with. */
  variables: ReadonlyMap<string, string>;
  /** Substitute even without variables. */
  always: boolean;
  /**
   * A variable without value and default: fail (StrictPostBuildSubstitutions, the default since Flux 2.9), or empty. `name`
   * is not Flux's: some values may not be read here, so what has none stays as it is written, `${NAME}`.
   */
  missing: 'fail' | 'empty' | 'name';
  /** What `substituteFrom` names, and is not there. */
  absent?: SubstituteReference;
}

/** What `substituteFrom` gives at the time of the build. */
export interface LiveVariables extends Partial<Pick<Substitution, 'missing' | 'absent'>> {
  /** `substitute` wins over them. */
  variables?: Record<string, string>;
}

/** @returns undefined where the Kustomization does not ask for substitution */
export function substitutionOf(spec: KustomizationBuildSpec, live: LiveVariables = {}): Substitution | undefined {
  if (!spec.postBuild) return undefined;
  const { variables: found, missing = 'fail', absent } = live;
  const merged = { ...found, ...spec.postBuild.substitute };
  const variables = new Map(Object.entries(merged).map(([name, value]) => [name, value.replaceAll('\n', '')]));
  return { variables, always: spec.postBuild.substituteStrategy === 'Always', missing, ...(absent ? { absent } : {}) };
}

/**
 * Substitutes in each document of a build.
 * @param documents as kustomize wrote them, one object each
 * @returns the objects, in order
 * @throws PostBuildFailed
 */
export function substituteManifests(documents: BuiltDocument[], substitution: Substitution | undefined): Record<string, unknown>[] {
  const manifests = documents.map(readBuilt);
  if (!substitution || (substitution.variables.size === 0 && !substitution.always && !substitution.absent)) return manifests;
  for (const [index, document] of documents.entries()) {
    const before = manifests[index] as Record<string, unknown>;
    if (isDisabled(before)) continue;
    if (substitution.absent) {
      throw new PostBuildFailed(`post build failed for '${gvkOf(before)}/${nameOf(before)}': ${notFound(substitution.absent)}`);
    }
    try {
      manifests[index] = substituteManifest(document.text, before, substitution);
    } catch (fault) {
      throw new PostBuildFailed(`post build failed for '${gvkOf(before)}/${nameOf(before)}': ${messageOf(fault)}`);
    }
    if (identityOf(before) !== identityOf(manifests[index] as Record<string, unknown>)) refuseTwins(manifests, index);
  }
  return manifests;
}

function readBuilt(document: BuiltDocument): Record<string, unknown> {
  const manifest = readManifest(document);
  if (manifest && isKubeObject(manifest)) return manifest;
  // Flux prints the object too; it may be a Secret.
  throw new PostBuildFailed('failed to decode Kubernetes apiVersion, kind and name from an object of the build');
}

function substituteManifest(text: string, before: Record<string, unknown>, substitution: Substitution): Record<string, unknown> {
  const { variables, missing } = substitution;
  refuseBadNames(variables.keys());
  if (!text.includes('$')) return before;
  const lookup = (name: string) => variables.get(name) ?? (missing === 'name' ? `\${${name}}` : undefined);
  const manifest = readManifest({ text: expandVariables(text, lookup, missing === 'fail' ? 'fail' : 'empty') });
  if (!manifest) throw new NotAnObject();
  return manifest;
}

class NotAnObject extends Error {}

class BadVariableName extends Error {}

const NAME_PATTERN = '^[_[:alpha:]][_[:alpha:][:digit:]]*$';

function refuseBadNames(names: Iterable<string>): void {
  const bad = [...names].sort().find((name) => !/^[_a-zA-Z][_a-zA-Z0-9]*$/.test(name));
  if (bad !== undefined) throw new BadVariableName(`'${bad}' var name is invalid, must match '${NAME_PATTERN}'`);
}

function messageOf(fault: unknown): string {
  if (fault instanceof BadVariableName) return `envsubst error: ${fault.message}`;
  if (fault instanceof TemplateError || fault instanceof VariableNotSet) {
    return `envsubst error: variable substitution failed: ${fault.message}`;
  }
  if (fault instanceof YamlError) return `envsubst error: YAMLToJSON: ${fault.message}`;
  if (fault instanceof NotAnObject) return 'UnmarshalJSON: json: cannot unmarshal the substituted text into an object';
  throw fault;
}

/** As the API server words what is not there. */
function notFound({ kind, name }: SubstituteReference): string {
  return `substitute from '${kind}/${name}' error: ${kind.toLowerCase()}s "${name}" not found`;
}

function isDisabled({ metadata }: Record<string, unknown>): boolean {
  if (!isRecord(metadata)) return false;
  return [metadata.labels, metadata.annotations].some((map) => isRecord(map) && map[SUBSTITUTE_ANNOTATION] === 'disabled');
}

/** A substituted object that has become the same as another one cannot be put back in its place. */
function refuseTwins(manifests: Record<string, unknown>[], index: number): void {
  const id = identityOf(manifests[index] as Record<string, unknown>);
  const count = manifests.filter((manifest) => identityOf(manifest) === id).length;
  if (count > 1) throw new PostBuildFailed(`in Replace: id matched ${count} resources`);
}

function identityOf(manifest: Record<string, unknown>): string {
  const namespace = isRecord(manifest.metadata) ? manifest.metadata.namespace : undefined;
  return JSON.stringify([gvkOf(manifest), nameOf(manifest), typeof namespace === 'string' && namespace ? namespace : 'default']);
}

/** As kustomize writes it: `Deployment.v1.apps`, `ConfigMap.v1.[noGrp]`. Source: kyaml/resid/gvk.go String. */
function gvkOf(manifest: Record<string, unknown>): string {
  const apiVersion = String(manifest.apiVersion ?? '');
  const kind = String(manifest.kind ?? '');
  return `${kind || '[noKind]'}.${versionOf(apiVersion) || '[noVer]'}.${groupOf(apiVersion) || '[noGrp]'}`;
}

function nameOf({ metadata }: Record<string, unknown>): string {
  return isRecord(metadata) ? String(metadata.name ?? '') : '';
}
