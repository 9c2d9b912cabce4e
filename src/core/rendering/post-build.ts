import type { KustomizationBuildSpec } from '../../api/flux.ts';
import type { KubeObject } from '../../api/kube.ts';
import { YamlError } from './go-yaml.ts';
import { type BuiltDocument, objectsOf, withCommonMetadata } from './manifests.ts';
import { type LiveVariables, PostBuildFailed, substituteManifests, substitutionOf } from './substitute.ts';

/**
 * What Flux makes of kustomize's output before it applies it: variables substituted, lists taken apart, common
 * metadata set.
 * @param documents as kustomize wrote them
 * @throws PostBuildFailed
 */
export function afterBuild(documents: BuiltDocument[], spec: KustomizationBuildSpec, live?: LiveVariables): KubeObject[] {
  try {
    const objects = objectsOf(substituteManifests(documents, substitutionOf(spec, live)));
    const common = spec.commonMetadata;
    return common ? objects.map((object) => withCommonMetadata(object, common)) : objects;
  } catch (fault) {
    if (fault instanceof YamlError) throw new PostBuildFailed(`kustomize build failed: ${fault.message}`);
    throw fault;
  }
}
