/** How a pod behaves here, where no program runs: decided by its images, in a query that kwok asks of every pod. */
import { REPOSITORIES } from '../../../examples/gitops-pipeline/app/images.ts';
import { type Fault, RELEASES } from '../../../examples/gitops-pipeline/app/releases.ts';

/** A pod with this annotation runs at once and gets ready so much later, in Go's way to write it: `20s`. */
export const READY_AFTER = 'nodes.ebb.dev/ready-after';

/** A pod with this label waits until `lookups.ts` has looked for all that it refers to, which kwok cannot. */
export const LOOKS_UP = 'nodes.ebb.dev/looks-up';
/** The annotation by which it says that all is there. */
export const FOUND = 'nodes.ebb.dev/found';
/** A node with this annotation stays as somebody made it, and so does a pod: their kubelet does not answer. */
export const LOST = 'nodes.ebb.dev/lost';

export type Behaviour =
  /** What it refers to is looked for. */
  | 'looking'
  /** An image is of a repository that we know, with a tag that was never published. */
  | 'not-pulled'
  /** A container ends with exit code 1 as soon as it starts, again and again. */
  | 'crashing'
  /** Runs and never gets ready. */
  | 'never-ready'
  /** Runs and gets ready after `READY_AFTER`. */
  | 'ready-later'
  | 'ready';

/** References of images that are pulled and have this fault. */
export function imagesWith(fault: Fault['kind']): string[] {
  return publishedImages((release) => release.fault?.kind === fault);
}

function publishedImages(wanted: (release: (typeof RELEASES)[number]) => boolean): string[] {
  return Object.keys(REPOSITORIES).flatMap((repository) => RELEASES.filter(wanted).map(({ version }) => `${repository}:${version}`));
}

/** A jq expression on an image reference: true where our registry was asked and had no such image. */
export function notPublished(): string {
  const ours = Object.keys(REPOSITORIES).flatMap((repository) => [
    `. == ${JSON.stringify(repository)}`,
    `startswith(${JSON.stringify(`${repository}:`)})`,
    `startswith(${JSON.stringify(`${repository}@`)})`,
  ]);
  return `(${ours.join(' or ')}) and (${oneOf(publishedImages(() => true))} | not)`;
}

/** A jq expression on a pod: its `Behaviour`. */
export function behaviourOfPod(): string {
  const images = '.spec.containers[].image';
  return [
    `if .metadata.labels[${JSON.stringify(LOOKS_UP)}] and (.metadata.annotations[${JSON.stringify(FOUND)}] | not) then "looking"`,
    `elif any(${images}; ${notPublished()}) then "not-pulled"`,
    `elif any(${images}; ${oneOf(imagesWith('crash-at-start'))}) then "crashing"`,
    `elif any(${images}; ${oneOf(imagesWith('never-ready'))}) then "never-ready"`,
    `elif .metadata.annotations[${JSON.stringify(READY_AFTER)}] then "ready-later"`,
    'else "ready" end',
  ].join(' ');
}

function oneOf(images: readonly string[]): string {
  return `IN(${images.map((image) => JSON.stringify(image)).join(', ')})`;
}
