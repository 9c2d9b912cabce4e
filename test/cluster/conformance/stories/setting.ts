/** What most stories begin with: a namespace, a source and one Kustomization `app` on what Git holds in `app/`. */
import type { KubeObject } from '../../../../src/api/kube.ts';
import { kustomization, namespace, source, yaml } from '../manifests.ts';
import { answered, attempted, request } from '../outcomes.ts';
import type { Scene } from '../scene.ts';

interface Beginning {
  /** What `app/all.yaml` holds first. */
  manifests: KubeObject[];
  /** Fields of the Kustomization's spec. */
  spec?: Record<string, unknown>;
  /** What else must be there. */
  outcome?: () => boolean;
}

/** Plays "the beginning": everything is deployed and well. */
export async function begin(scene: Scene, { manifests, spec = {}, outcome = () => true }: Beginning): Promise<string> {
  const commit = await scene.push('first', { 'app/all.yaml': yaml(...manifests) });
  await scene.step(
    'the beginning',
    () => setUp(scene, kustomization(scene, spec)),
    () => attempted(scene, 'app', commit) && outcome(),
  );
  return commit;
}

/** The source first: whether a Kustomization still finds it without an artifact would be a matter of speed. */
export async function setUp(scene: Scene, ...kustomizations: KubeObject[]): Promise<void> {
  await scene.apply(namespace(scene.namespace), source(scene));
  await scene.until('the source is there', () => answered(scene, 'GitRepository', 'source'));
  await scene.apply(...kustomizations);
}

interface Release {
  /** Name of the commit and of the step. */
  name: string;
  files: Record<string, string | null>;
  /** The reason with which `app` fails; it gets well where absent. */
  reason?: string;
  outcome?: () => boolean;
}

/** Plays a push that the source is told of, until the Kustomization `app` has answered. */
export async function releaseTo(scene: Scene, { name, files, reason, outcome = () => true }: Release): Promise<string> {
  const commit = await scene.push(name, files);
  await scene.step(
    name,
    () => request(scene, 'GitRepository', 'source', name),
    () => attempted(scene, 'app', commit, reason) && outcome(),
  );
  return commit;
}
