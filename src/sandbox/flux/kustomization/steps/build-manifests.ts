/** Builds the manifests and takes their digest, which is what the history goes by. */
import { createHash } from 'node:crypto';
import { stringify } from 'yaml';
import type { KustomizationSpec } from '../../../../api/flux.ts';
import { groupOf, type KubeObject, versionOf } from '../../../../api/kube.ts';
import { AttemptFailure, type AttemptRun } from '../run.ts';
import { readVariables, VariablesError } from '../variables.ts';
import { announce } from './announce.ts';

export async function buildManifests(run: AttemptRun): Promise<void> {
  refuseUnsupported(run.object.spec);
  run.objects = await build(run, await variablesFor(run));
  run.digest = digestOf(run.objects);
  announce(run, 'Detecting drift');
}

/** The artifact is what the source left in: a pattern of what is never in it keeps the default ones from counting again. */
const NOTHING_MORE = '/.git/';

async function build(run: AttemptRun, variables: Record<string, string> | undefined): Promise<KubeObject[]> {
  const { commonMetadata: _added, ...spec } = run.object.spec;
  const request = { files: run.files as NonNullable<AttemptRun['files']>, spec, sourceIgnore: NOTHING_MORE };
  const outcome = await run.build(variables ? { ...request, variables } : request);
  if (outcome.kind === 'failed') throw buildFailure(outcome.message);
  const incomplete = outcome.objects.find(({ apiVersion, kind, metadata }) => !apiVersion || !kind || !metadata?.name);
  if (incomplete) throw buildFailure('failed to decode Kubernetes apiVersion, kind and name from a built manifest');
  return outcome.objects;
}

/** Flux reads them when it comes to the first object, and names that one where they cannot be read. */
async function variablesFor(run: AttemptRun): Promise<Record<string, string> | undefined> {
  try {
    return readVariables(run.object, run.api);
  } catch (error) {
    if (!(error instanceof VariablesError)) throw error;
    const [first] = await build(run, undefined);
    if (!first) return {};
    const { apiVersion, kind, metadata } = first;
    const type = `${kind}.${versionOf(apiVersion)}.${groupOf(apiVersion) || '[noGrp]'}`;
    throw buildFailure(`post build failed for '${type}/${metadata.name}': ${error.message}`);
  }
}

/** What this sandbox cannot do says so, rather than deploying something else than Flux would. */
function refuseUnsupported(spec: KustomizationSpec): void {
  if (spec.decryption) throw buildFailure('the embedded cluster does not decrypt: spec.decryption is not supported');
  if (spec.kubeConfig) {
    const message = 'failed to build kube client: the embedded cluster does not support spec.kubeConfig';
    throw new AttemptFailure('ReconciliationFailed', message, { recorded: false });
  }
}

function buildFailure(message: string): AttemptFailure {
  return new AttemptFailure('BuildFailed', message, { recorded: false });
}

function digestOf(objects: readonly KubeObject[]): string {
  const text = objects.map((object) => stringify(object, { aliasDuplicateObjects: false })).join('---\n');
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}
