/** Finds out which commit the source is at. Source: source-controller reconcileSource, gitCheckout, getAuthOpts. */
import { parseDuration } from '../../../api/duration.ts';
import { GIT_REPOSITORY, type GitRepository } from '../../../api/flux.ts';
import type { KubeObject } from '../../../api/kube.ts';
import { CheckoutError, checkout, revisionOf } from './checkout.ts';
import { contentChanged } from './content-changes.ts';
import { credentialsFrom, credentialVariables, type GitCredentials, secretValues, withoutUser } from './credentials.ts';
import { refPrefix } from './source-key.ts';
import { failure, progress, SourceFailure, type SourceRun } from './source-run.ts';
import { ARTIFACT_IN_STORAGE, ARTIFACT_OUTDATED, FETCH_FAILED, INCLUDE_UNAVAILABLE, SOURCE_VERIFIED } from './summarize.ts';

interface Secret extends KubeObject {
  data?: Record<string, string>;
  stringData?: Record<string, string>;
}

const DEFAULT_TIMEOUT_MS = 60_000;

export async function fetchSource(run: SourceRun): Promise<void> {
  const { object, conditions } = run;
  const { spec } = object;
  if (conditions.is(SOURCE_VERIFIED, 'False')) conditions.delete(SOURCE_VERIFIED);
  const url = parseUrl(run, spec.url);
  refuseUnsupported(run);
  const credentials = readCredentials(run, url);
  run.includes = readIncludes(run);
  await checkOut(run, { url, credentials });
  const revision = revisionOf(spec.ref ?? {}, run.commit as NonNullable<SourceRun['commit']>);
  if (run.commit?.subject === undefined) endUnchanged(run, revision);
  conditions.delete(FETCH_FAILED);
  if (object.status.artifact?.revision === revision) return;
  const message = `new upstream revision '${revision}'`;
  if (object.status.artifact) conditions.markTrue(ARTIFACT_OUTDATED, 'NewRevision', message);
  progress(run, `building artifact: ${message}`, 'drift');
  run.patch();
}

function parseUrl(run: SourceRun, text: string): URL {
  try {
    return new URL(text);
  } catch {
    throw failure(run, FETCH_FAILED, `failed to parse url '${text}'`, { kind: 'stalled', reason: 'URLInvalid' });
  }
}

/** What this sandbox has no program for says so, rather than going on as if it had been done. */
function refuseUnsupported(run: SourceRun): void {
  const { spec } = run.object;
  const lacking = [
    [spec.url.startsWith('ssh:'), 'Git over SSH'],
    [spec.verify !== undefined, 'verification of signatures'],
    [spec.proxySecretRef !== undefined, 'proxies'],
    [spec.recurseSubmodules === true, 'submodules'],
    [spec.provider !== undefined && spec.provider !== 'generic', `the provider '${spec.provider}'`],
  ].find(([used]) => used === true);
  if (!lacking) return;
  throw failure(run, FETCH_FAILED, `the embedded cluster does not support ${lacking[1]}`, {
    kind: 'stalled',
    reason: 'GitOperationFailed',
  });
}

function readCredentials(run: SourceRun, url: URL): GitCredentials {
  const { spec, metadata } = run.object;
  const reason = 'AuthenticationFailed';
  try {
    if (!spec.secretRef) return credentialsFrom({}, url);
    const { name } = spec.secretRef;
    const secret = run.api.get<Secret>({ apiVersion: 'v1', kind: 'Secret', namespace: metadata.namespace, name });
    if (!secret) {
      const place = `${metadata.namespace}/${name}`;
      throw failure(run, FETCH_FAILED, `failed to get secret '${place}': failed to get secret '${place}': secrets "${name}" not found`, {
        reason,
      });
    }
    return credentialsFrom(secretValues(secret), url);
  } catch (error) {
    if (error instanceof SourceFailure) throw error;
    throw failure(run, FETCH_FAILED, `failed to configure authentication options: ${(error as Error).message}`, { reason });
  }
}

function readIncludes(run: SourceRun): SourceRun['includes'] {
  const { object, conditions } = run;
  const artifacts = (object.spec.include ?? []).map(({ repository }) => {
    const included = run.api.get<GitRepository>({ ...GIT_REPOSITORY, namespace: object.metadata.namespace, name: repository.name });
    const artifact = included?.status?.artifact;
    if (artifact) return artifact;
    const [message, reason] = included
      ? [`no artifact available for include '${repository.name}'`, 'NoArtifact']
      : [
          `could not get resource for include '${repository.name}': GitRepository.source.toolkit.fluxcd.io "${repository.name}" not found`,
          'NotFound',
        ];
    throw failure(run, INCLUDE_UNAVAILABLE, message, { kind: 'wait', reason });
  });
  conditions.delete(INCLUDE_UNAVAILABLE);
  conditions.delete(ARTIFACT_OUTDATED);
  return artifacts;
}

async function checkOut(run: SourceRun, { url, credentials }: { url: URL; credentials: GitCredentials }): Promise<void> {
  const { object, conditions } = run;
  const stored = conditions.is(ARTIFACT_IN_STORAGE, 'True') ? object.status.artifact?.revision : undefined;
  // A changed rule needs the files again, although the commit is the same one.
  const observed = contentChanged(object, run.includes) ? undefined : stored;
  try {
    run.commit = await checkout({
      store: run.storage.objects,
      remote: {
        url: withoutUser(url),
        env: credentialVariables(credentials, url),
        timeoutMs: parseDuration(object.spec.timeout ?? '') ?? DEFAULT_TIMEOUT_MS,
        signal: run.signal,
      },
      ref: object.spec.ref ?? {},
      prefix: refPrefix(object),
      ...(observed === undefined ? {} : { observed }),
    });
  } catch (error) {
    if (!(error instanceof CheckoutError)) throw error;
    throw failure(run, FETCH_FAILED, `failed to checkout and determine revision: ${error.message}`, { reason: 'GitOperationFailed' });
  }
  if (!run.commit) throw failure(run, FETCH_FAILED, 'git repository is empty', { reason: 'EmptyGitRepository' });
}

function endUnchanged(run: SourceRun, revision: string): never {
  run.conditions.delete(FETCH_FAILED);
  run.conditions.markTrue(ARTIFACT_IN_STORAGE, 'Succeeded', `stored artifact for revision '${revision}'`);
  // Misspelt as in source-controller 1.7, for whoever looks for its words.
  const message = `no changes since last reconcilation: observed revision '${revision}'`;
  throw new SourceFailure(message, { kind: 'unchanged', reason: 'GitOperationSucceeded' });
}
