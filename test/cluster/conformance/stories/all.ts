/** Every story that is told on both clusters. */
import type { Story } from '../scene.ts';
import { admission, forced, paused } from './admission.ts';
import { bootstrap } from './bootstrap.ts';
import { depends, parent, pin, prune, requests, suspend } from './control.ts';
import { build, force, refused, retry, sources } from './failures.ts';
import { heldUp } from './held-up.ts';
import { gate, impatient, release } from './release.ts';
import { byHand, checks, jobs, kinds, renamed, stalled, unwatched } from './workloads.ts';

/** The longest first, so that none of them is waited for at the end. */
export const STORIES: readonly Story[] = [
  kinds,
  impatient,
  byHand,
  checks,
  sources,
  parent,
  release,
  depends,
  refused,
  admission,
  paused,
  unwatched,
  stalled,
  heldUp,
  build,
  suspend,
  requests,
  prune,
  pin,
  retry,
  renamed,
  force,
  forced,
  jobs,
  bootstrap,
  gate,
];
