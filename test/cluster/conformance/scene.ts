/** Where a story plays: a namespace of its own and a Git repository of its own, on one of the two clusters. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Condition, KubeObject, ObjectRef } from '../../../src/api/kube.ts';
import { type Developer, developerAt } from '../../../src/example/developer.ts';
import type { GitServer } from '../../../src/sandbox/git/server.ts';
import type { ApiClient } from './api-client.ts';
import { startGitDoor } from './git-door.ts';
import { renaming } from './names.ts';
import type { Recorder } from './recorder.ts';
import { type StepEnd, type Trace, traceOf } from './trace.ts';

/** One of the two clusters, with what is needed to tell stories on it. */
export interface Bed {
  name: 'sandbox' | 'real';
  kubeconfig: string;
  api: ApiClient;
  recorder: Recorder;
  git: GitServer;
}

export interface Scene {
  /** The namespace, which is also the name of the repository. */
  readonly namespace: string;
  readonly gitUrl: string;
  /** Commits files (`null` deletes) under a name that the trace shows, and pushes. */
  push(name: string, files: Record<string, string | null>): Promise<string>;
  apply(...objects: KubeObject[]): Promise<void>;
  /** A merge patch by a field manager of one's own. */
  patch(ref: ObjectRef, patch: unknown, options?: { manager?: string; subresource?: string }): Promise<void>;
  delete(ref: ObjectRef): Promise<void>;
  kubectl(...args: string[]): Promise<string>;
  present(kind: string, name: string): KubeObject | undefined;
  all(kind: string): KubeObject[];
  /** Plays a step: acts, waits until the outcome is there and nothing moves any more. */
  step(name: string, act: () => Promise<unknown>, outcome?: () => boolean): Promise<void>;
  /** Waits within a step. */
  until(what: string, met: () => boolean): Promise<void>;
  /** Lets nobody through to the Git server, or everybody again. */
  openGit(open: boolean): Promise<void>;
}

export interface Story {
  /** Also the namespace. */
  name: string;
  title: string;
  play(scene: Scene): Promise<void>;
  /** Namespaces besides its own. */
  alsoIn?: readonly string[];
  /** Puts something else into the repository than nothing. */
  seed?(url: string, importFrom: (folder: string) => Promise<void>): Promise<void>;
  /** Plays on clusters with `CancelHealthCheckOnNewRevision`. */
  gate?: true;
}

const run = promisify(execFile);
const PATIENCE_MS = 300_000;
/** Nothing changed for so long: the step is over. Longer than any controller takes between two writes that belong together. */
const QUIET_MS = 2_000;

/** Tells a story on a cluster. @returns what clients saw. */
export async function tell(story: Story, bed: Bed): Promise<Trace> {
  const namespaces = new Set([story.name, ...(story.alsoIn ?? [])]);
  const commits = new Map<string, string>();
  const ends: StepEnd[] = [];
  const door = await startGitDoor(Number(new URL(bed.git.url).port));
  const importFrom = (from: string) => bed.git.addRepository(story.name, { from }).then(() => undefined);
  await (story.seed ? story.seed(urlBehind(door.port, story), importFrom) : importFrom(join(import.meta.dirname, 'seed')));
  const developer = await developerAt(bed.git.cloneUrl(story.name));
  try {
    commits.set(await developer.git('rev-parse', 'HEAD'), 'seed');
    await story.play(sceneOf({ story, bed, namespaces, commits, ends, developer, door }));
    const snapshots = bed.recorder.snapshots(namespaces);
    return traceOf(snapshots, ends, renaming(snapshots, commits));
  } finally {
    await developer.leave();
    await door.close();
  }
}

function urlBehind(port: number, { name }: Story): string {
  return `http://127.0.0.1:${port}/${name}.git`;
}

interface Playing {
  story: Story;
  bed: Bed;
  namespaces: ReadonlySet<string>;
  commits: Map<string, string>;
  ends: StepEnd[];
  developer: Developer;
  door: Awaited<ReturnType<typeof startGitDoor>>;
}

function sceneOf({ story, bed, namespaces, commits, ends, developer, door }: Playing): Scene {
  const namespace = story.name;
  const present = () => bed.recorder.present(namespaces);
  const until: Scene['until'] = async (what, met) => {
    const deadline = Date.now() + PATIENCE_MS;
    while (!met()) {
      if (Date.now() > deadline)
        throw new Error(`${namespace} on ${bed.name}: waited in vain until ${what}; there is\n${summary(present())}`);
      await bed.recorder.change(1_000);
    }
  };
  /** What was written has come by the watch, too. */
  const untilSeen = (written: KubeObject) => {
    const { kind, metadata } = written;
    return until(`${kind} ${metadata.name} is seen`, () => bed.recorder.seenVersion(written) >= Number(metadata.resourceVersion));
  };
  return {
    namespace,
    gitUrl: urlBehind(door.port, story),
    push: async (name, files) => {
      const commit = await developer.push(name, files);
      commits.set(commit, name);
      return commit;
    },
    apply: async (...objects) => {
      for (const object of objects) await untilSeen(await bed.api.apply(object, 'flux'));
    },
    patch: async (ref, patch, { manager = 'flux', subresource } = {}) => {
      await untilSeen(await bed.api.patch(ref, patch, { manager, ...(subresource ? { subresource } : {}) }));
    },
    delete: (ref) => bed.api.delete(ref),
    kubectl: async (...args) =>
      (await run('kubectl', ['--namespace', namespace, ...args], { env: { ...process.env, KUBECONFIG: bed.kubeconfig } })).stdout,
    present: (kind, name) => present().find((object) => object.kind === kind && object.metadata.name === name),
    all: (kind) => present().filter((object) => object.kind === kind),
    step: async (step, act, outcome = () => true) => {
      await act();
      const acted = Date.now();
      const quiet = () => Math.min(bed.recorder.quietFor(namespaces), Date.now() - acted) >= QUIET_MS;
      await until(`"${step}" is done`, () => outcome() && quiet());
      ends.push({ step, present: present() });
    },
    until,
    openGit: (open) => door.open(open),
  };
}

function summary(objects: readonly KubeObject[]): string {
  return objects
    .filter(({ kind }) => kind !== 'Event')
    .map(({ kind, metadata, status }) => {
      const conditions = ((status as { conditions?: Condition[] } | undefined)?.conditions ?? []).map(
        ({ type, status: is, reason, message }) => `${type}=${is} ${reason ?? ''} ${message ?? ''}`,
      );
      return `  ${kind} ${metadata.name} generation ${metadata.generation}: ${conditions.join('; ')}`;
    })
    .join('\n');
}
