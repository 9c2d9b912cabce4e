/**
 * Pods whose image is not what its name says. Warnings: nodes of several architectures may name one image differently, and
 * a runtime that has an image under several names may show any of them.
 */
import { formatRef } from '../../api/kube.ts';
import { runningPods } from '../restart/read-at.ts';
import type { ContainerState, PodState, WorkloadState } from '../world.ts';
import type { Finding } from './finding.ts';

interface Running {
  pod: PodState;
  container: ContainerState;
}

/** Of pods of the current template alone: what an old one runs is another matter. */
export function imageFindings(workload: WorkloadState): Finding[] {
  const running = runningPods(workload.pods)
    .filter(({ current }) => current)
    .flatMap((pod) => pod.containers.map((container) => ({ pod, container })));
  const names = [...new Set(running.map(({ container }) => container.name))].sort();
  return names.flatMap((name) => {
    const same = running.filter(({ container }) => container.name === name);
    return [...moved(workload, name, same), ...other(workload, same)];
  });
}

/** One tag, several images: it was moved, and nodes that had the old one kept it. */
function moved({ ref }: WorkloadState, name: string, running: readonly Running[]): Finding[] {
  const byId = new Map<string, string[]>();
  for (const { pod, container } of running)
    if (container.imageId) byId.set(container.imageId, [...(byId.get(container.imageId) ?? []), pod.name]);
  if (byId.size < 2 || new Set(running.map(({ container }) => container.image)).size > 1) return [];
  const [image] = running.map(({ container }) => container.image);
  return [
    {
      severity: 'warning',
      reason: 'ImagesDiffer',
      object: ref,
      message: `pods of ${formatRef(ref)} run ${byId.size} different images as ${image} (container ${name}): the tag was moved, and some nodes keep what they had`,
      details: [...byId].sort(([a], [b]) => (a < b ? -1 : 1)).map(([id, pods]) => `${id}: ${pods.sort().join(', ')}`),
    },
  ];
}

/** Only where the tag of what runs is none that the template names. */
function other({ ref, images }: WorkloadState, running: readonly Running[]): Finding[] {
  const wanted = new Set(images.map(plain));
  const strange = running.filter(({ container: { image, imageId } }) => imageId && isNamed(image) && !wanted.has(plain(image)));
  const [first] = strange;
  if (!first || images.some((image) => image.includes('@')) || isInjected(first, images)) return [];
  return [
    {
      severity: 'warning',
      reason: 'OtherImage',
      object: ref,
      message: `${strange.length === 1 ? `pod ${first.pod.name} runs` : `${strange.length} pods run`} ${first.container.image} (container ${first.container.name}), and the template of ${formatRef(ref)} says ${images.join(', ')}`,
    },
  ];
}

/** A sidecar that something else puts into every pod is in no template. */
function isInjected({ container }: Running, images: readonly string[]): boolean {
  return !images.some((image) => repositoryOf(image) === repositoryOf(container.image));
}

function isNamed(image: string): boolean {
  return !/^sha256:|^[0-9a-f]{64}$/.test(image);
}

/** As runtimes spell it out: `nginx` is `docker.io/library/nginx:latest`. */
function plain(image: string): string {
  const short = image
    .replace(/^docker\.io\//, '')
    .replace(/^library\//, '')
    .replace(/@.*$/, '');
  return /:[^/]+$/.test(short) ? short : `${short}:latest`;
}

function repositoryOf(image: string): string {
  return plain(image).replace(/:[^/:]+$/, '');
}
