/** What a pod must have before it can start, read from its template. Source: k8s.io/kubernetes pkg/api/v1/pod/util.go (VisitPodSecretNames, VisitPodConfigmapNames). */
import type { Container, PodSpec, Volume } from '../../api/workloads.ts';
import type { Need } from '../world.ts';

interface Reference {
  name?: string;
  optional?: boolean;
}

interface Named extends Reference {
  kind: Need['kind'];
}

interface Projection {
  secret?: Reference;
  configMap?: Reference;
}

/** Objects that the template refers to, but for those that are optional; each with the field that names it. */
export function needsOf(spec: PodSpec): Need[] {
  const found = [
    ...[
      ...(spec.initContainers ?? []).map((one) => ofContainer('initContainers', one)),
      ...spec.containers.map((one) => ofContainer('containers', one)),
    ].flat(),
    ...(spec.volumes ?? []).flatMap(ofVolume),
    ...((spec.imagePullSecrets as Reference[] | undefined) ?? []).map(
      ({ name = '' }): Need => ({ kind: 'Secret', name, field: PULL_SECRETS }),
    ),
    ...(spec.serviceAccountName ? [{ kind: 'ServiceAccount', name: spec.serviceAccountName, field: 'serviceAccountName' } as const] : []),
  ];
  return found.filter(({ name }) => name !== '');
}

export const PULL_SECRETS = 'imagePullSecrets';

function ofContainer(list: string, { name: container, env = [], envFrom = [] }: Container): Need[] {
  const at = `${list}[${container}]`;
  return [
    ...envFrom.flatMap(({ secretRef, configMapRef }) =>
      needed(`${at}.envFrom`, named('Secret', secretRef), named('ConfigMap', configMapRef)),
    ),
    ...env.flatMap(({ name, valueFrom }) =>
      needed(`${at}.env[${name}]`, named('Secret', valueFrom?.secretKeyRef), named('ConfigMap', valueFrom?.configMapKeyRef)),
    ),
  ];
}

function ofVolume(volume: Volume): Need[] {
  const { sources = [] } = (volume.projected ?? {}) as { sources?: Projection[] };
  const claim = volume.persistentVolumeClaim as { claimName: string } | undefined;
  return needed(
    `volumes[${volume.name}]`,
    named('Secret', volume.secret && { ...volume.secret, name: volume.secret.secretName }),
    named('ConfigMap', volume.configMap),
    named('PersistentVolumeClaim', claim && { name: claim.claimName }),
    ...sources.flatMap(({ secret, configMap }) => [named('Secret', secret), named('ConfigMap', configMap)]),
  );
}

function named(kind: Need['kind'], reference: Reference | undefined): Named | undefined {
  return reference && { ...reference, kind };
}

function needed(field: string, ...references: (Named | undefined)[]): Need[] {
  return references.flatMap((reference) =>
    reference && !reference.optional ? [{ kind: reference.kind, name: reference.name ?? '', field }] : [],
  );
}
