/** What a target's rendering depends on besides the files, and rendering at a commit. */
import type { KustomizationBuildSpec } from '../api/flux.ts';
import type { KubeObject } from '../api/kube.ts';
import type { Cluster, GitRepo, Renderer, RenderOutcome } from '../ports.ts';

export interface RenderingContext {
  build: KustomizationBuildSpec;
  /** Values that `postBuild.substituteFrom` reads live. Held in memory for rendering alone, never printed. */
  variables: Record<string, string>;
  /** `spec.ignore` of the source. */
  sourceIgnore?: string;
}

/** @param namespace of the target: its ConfigMaps and Secrets. */
export async function observeRendering(
  cluster: Cluster,
  build: KustomizationBuildSpec,
  namespace: string,
  sourceIgnore: string | undefined,
): Promise<RenderingContext> {
  const variables = await readVariables(cluster, build, namespace);
  return sourceIgnore === undefined ? { build, variables } : { build, variables, sourceIgnore };
}

/** Later sources win over earlier ones, as in kustomize-controller (fluxcd/pkg kustomize LoadVariables). Missing ones are left out. */
async function readVariables(cluster: Cluster, build: KustomizationBuildSpec, namespace: string): Promise<Record<string, string>> {
  const variables: Record<string, string> = {};
  for (const source of build.postBuild?.substituteFrom ?? []) {
    const object = await cluster.get<KubeObject>({ apiVersion: 'v1', kind: source.kind, namespace, name: source.name });
    for (const [key, value] of Object.entries((object?.data as Record<string, string> | undefined) ?? {})) {
      variables[key] = source.kind === 'Secret' ? Buffer.from(value, 'base64').toString('utf8') : value;
    }
  }
  return variables;
}

/** Renders a target at a commit or tree. */
export function renderAt(
  repo: GitRepo,
  renderer: Renderer,
  { build, variables, sourceIgnore }: RenderingContext,
  at: string,
): Promise<RenderOutcome> {
  return renderer.render({ files: repo.files(at), spec: build, variables, ...(sourceIgnore === undefined ? {} : { sourceIgnore }) });
}
