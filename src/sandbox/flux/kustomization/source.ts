/** The source of a Kustomization. Source: kustomize-controller getSource(). */
import type { Artifact } from '../../../api/flux.ts';
import type { KubeObject } from '../../../api/kube.ts';
import type { ClusterApi } from '../../cluster.ts';
import { sourceNamespaceOf } from './defaults.ts';
import type { AttemptedKustomization } from './run.ts';

const SOURCE_API = 'source.toolkit.fluxcd.io/v1';
const KINDS: ReadonlySet<string> = new Set(['GitRepository', 'OCIRepository', 'Bucket']);

export type SourceLookup =
  | { kind: 'found'; artifact: Artifact }
  | { kind: 'no-artifact' }
  | { kind: 'not-found'; message: string }
  /** Waiting does not help: the spec must change. */
  | { kind: 'denied'; message: string }
  | { kind: 'unsupported'; message: string };

export function lookUpSource(object: AttemptedKustomization, api: ClusterApi): SourceLookup {
  const { kind, name } = object.spec.sourceRef;
  const namespace = sourceNamespaceOf(object);
  if (kind === 'ExternalArtifact') {
    return { kind: 'denied', message: `can't access 'ExternalArtifact/${namespace}/${name}', ExternalArtifact feature gate is disabled` };
  }
  if (!KINDS.has(kind)) return { kind: 'unsupported', message: `source \`${name}\` kind '${kind}' not supported` };
  const source = api.get<KubeObject & { status?: { artifact?: Artifact } }>({ apiVersion: SOURCE_API, kind, namespace, name });
  if (!source) return { kind: 'not-found', message: `${kind}.source.toolkit.fluxcd.io "${name}" not found` };
  const artifact = source.status?.artifact;
  return artifact ? { kind: 'found', artifact } : { kind: 'no-artifact' };
}

/** Where an artifact came from before it was packed, for example into an OCI image. */
export function originRevisionOf(artifact: Artifact): string | undefined {
  return artifact.metadata?.['org.opencontainers.image.revision'];
}
