/** What a target's rendering depends on besides the files, and rendering at a commit. */
import type { KustomizationBuildSpec, SubstituteReference } from '../api/flux.ts';
import type { KubeObject } from '../api/kube.ts';
import type { Cluster, GitRepo, Renderer, RenderOutcome } from '../ports.ts';
import { Lacks } from './lacks.ts';

export interface RenderingContext {
  build: KustomizationBuildSpec;
  /** Values that `postBuild.substituteFrom` reads live. Held in memory for rendering alone, never printed. */
  variables: Record<string, string>;
  /** Some of them may not be read: they stay as they are written, `${NAME}`. */
  incomplete?: true;
  /** The first that is not there and has to be: Flux builds nothing without it. */
  absent?: SubstituteReference;
  /** `spec.ignore` of the source. */
  sourceIgnore?: string;
  /** What may not be read, for people. */
  notes: string[];
}

/** @param namespace of the target: its ConfigMaps and Secrets. */
export async function observeRendering(
  cluster: Cluster,
  build: KustomizationBuildSpec,
  namespace: string,
  sourceIgnore: string | undefined,
): Promise<RenderingContext> {
  const lacks = new Lacks();
  const { variables, incomplete, absent } = await readVariables(cluster, build, namespace, lacks);
  return {
    build,
    variables,
    ...(incomplete ? { incomplete } : {}),
    ...(absent ? { absent } : {}),
    ...(sourceIgnore === undefined ? {} : { sourceIgnore }),
    notes: lacks.notes,
  };
}

/** Later sources win over earlier ones, and optional ones may be missing, as in kustomize-controller (fluxcd/pkg kustomize LoadVariables). */
async function readVariables(
  cluster: Cluster,
  build: KustomizationBuildSpec,
  namespace: string,
  lacks: Lacks,
): Promise<{ variables: Record<string, string>; incomplete: boolean; absent?: SubstituteReference }> {
  const variables: Record<string, string> = {};
  let incomplete = false;
  for (const source of build.postBuild?.substituteFrom ?? []) {
    const reading = cluster.get<KubeObject>({ apiVersion: 'v1', kind: source.kind, namespace, name: source.name });
    const object = await lacks.or(reading, null, `variables from ${source.kind}/${source.name} show as their names`);
    incomplete ||= object === null;
    if (object === undefined && source.optional !== true) return { variables, incomplete, absent: source };
    for (const [key, value] of Object.entries((object?.data as Record<string, string> | undefined) ?? {})) {
      variables[key] = source.kind === 'Secret' ? Buffer.from(value, 'base64').toString('utf8') : value;
    }
  }
  return { variables, incomplete };
}

/** Renders a target at a commit or tree. */
export function renderAt(
  repo: GitRepo,
  renderer: Renderer,
  { build, variables, incomplete, absent, sourceIgnore }: RenderingContext,
  at: string,
): Promise<RenderOutcome> {
  return renderer.render({
    files: repo.files(at),
    spec: build,
    variables,
    ...(incomplete ? { incomplete } : {}),
    ...(absent ? { absent } : {}),
    ...(sourceIgnore === undefined ? {} : { sourceIgnore }),
  });
}
