import type { KubeObject } from '../../api/kube.ts';
import { isMap } from './merge-keys.ts';

/** The image of one container before and after; absent where the container is. */
export interface ImageChange {
  container: string;
  from?: string;
  to?: string;
}

/** Where kinds keep a pod's spec: Pod, workloads and Job (and those of Argo, Knative …), CronJob, PodTemplate. */
const POD_SPECS: readonly (readonly string[])[] = [
  ['spec'],
  ['spec', 'template', 'spec'],
  ['spec', 'jobTemplate', 'spec', 'template', 'spec'],
  ['template', 'spec'],
];
const CONTAINER_LISTS = ['initContainers', 'containers', 'ephemeralContainers'];
const IMAGE_PATH = /(^|\.)(initContainers|containers|ephemeralContainers)\[[^\]]*\]\.image$/;

/** Is this path that of a container's image? */
export function isImagePath(path: string): boolean {
  return IMAGE_PATH.test(path);
}

/** Sorted images, each once, of every pod template among `objects`: init containers and CronJobs too. */
export function imagesOf(objects: readonly KubeObject[]): string[] {
  return [...new Set(objects.flatMap((object) => [...containerImages(object).values()]))].sort();
}

/** The containers whose image differs, in the order of the pod's spec; `undefined` is an object that is not there. */
export function imageChanges(before: KubeObject | undefined, after: KubeObject | undefined): ImageChange[] {
  const old = before ? containerImages(before) : new Map<string, string>();
  const now = after ? containerImages(after) : new Map<string, string>();
  return [...new Set([...now.keys(), ...old.keys()])]
    .filter((container) => old.get(container) !== now.get(container))
    .map((container) => {
      const from = old.get(container);
      const to = now.get(container);
      return { container, ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
    });
}

/** Container name → image, init containers first. */
function containerImages(object: KubeObject): Map<string, string> {
  const images = new Map<string, string>();
  for (const path of POD_SPECS) {
    const spec = path.reduce<unknown>((value, field) => (isMap(value) ? value[field] : undefined), object);
    if (!isMap(spec)) continue;
    for (const list of CONTAINER_LISTS) {
      for (const container of Array.isArray(spec[list]) ? spec[list] : []) {
        if (isMap(container) && typeof container.name === 'string' && typeof container.image === 'string')
          images.set(container.name, container.image);
      }
    }
  }
  return images;
}
