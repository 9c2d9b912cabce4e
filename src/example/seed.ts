/** Puts the example repository on a Git server and has Flux follow it, as `flux bootstrap git --path=clusters/dev` leaves a cluster. */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { KubeObject } from '../api/kube.ts';
import { exampleFolder } from './assets.ts';

/** The URL that the example names; replaced by where it really is served. */
const PLACEHOLDER = 'https://github.com/ebb-dev/gitops-pipeline';
/** Not part of what a team would keep in its GitOps repository. */
const LEFT_OUT = new Set(['app', 'node_modules', 'dist']);

export interface SeedOptions {
  /** Where the repository will be served. */
  url: string;
  /** `timeout` of the sample application's Kustomization; default: what the example says. */
  timeout?: string;
  /** The Secret with which Flux reads the repository; none where absent. */
  secret?: string;
  /** Receives the folder to import. */
  importFrom(folder: string): Promise<void>;
}

/** Prepares the repository's content and imports it. */
export async function seedRepository({ url, timeout, secret, importFrom }: SeedOptions): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'ebb-seed-'));
  try {
    await cp(exampleFolder(), folder, { recursive: true, filter: (path) => !LEFT_OUT.has(basename(path)) && !path.endsWith('.test.ts') });
    for (const cluster of ['dev', 'staging', 'prod'])
      await replaceIn(join(folder, 'clusters', cluster, 'flux-system', 'gotk-sync.yaml'), PLACEHOLDER, place(url, secret));
    if (timeout !== undefined) await replaceIn(join(folder, 'clusters', 'dev', 'sample-app.yaml'), /timeout: \S+/, `timeout: ${timeout}`);
    await importFrom(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function replaceIn(file: string, pattern: string | RegExp, by: string): Promise<void> {
  const text = await readFile(file, 'utf8');
  await writeFile(file, text.replaceAll(pattern instanceof RegExp ? new RegExp(pattern, 'g') : pattern, by));
}

/** What bootstrap applies: the GitRepository and the parent Kustomization of a cluster's folder. */
export async function syncObjects(url: string, secret?: string): Promise<KubeObject[]> {
  const text = await readFile(join(exampleFolder(), 'clusters', 'dev', 'flux-system', 'gotk-sync.yaml'), 'utf8');
  return parseAllDocuments(text.replaceAll(PLACEHOLDER, place(url, secret))).map((document) => document.toJS() as KubeObject);
}

/** What stands for the URL in the manifest of a GitRepository: the URL, and beneath it the Secret. */
function place(url: string, secret: string | undefined): string {
  return secret === undefined ? url : `${url}\n  secretRef:\n    name: ${secret}`;
}
