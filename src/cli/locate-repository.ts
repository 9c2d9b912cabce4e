/**
 * Which repository a target is built from, and how to reach it: `--repo`, else the clone one stands in where it is a
 * clone of the GitRepository's URL (with that clone's credentials), else the GitRepository's own URL and secret.
 */

import { findClone, sameRepository } from '../adapters/git/clone.ts';
import { credentialsFromSecret, openRepository, type Signing } from '../adapters/git/repository.ts';
import type { GitRepository } from '../api/flux.ts';
import type { KubeObject } from '../api/kube.ts';
import { formatTarget, type Target } from '../api/target.ts';
import { Failure } from '../core/failure.ts';
import { observeSource } from '../observe/target.ts';
import type { GitRepo } from '../ports.ts';
import { parsePerson } from './actor.ts';
import type { Globals } from './globals.ts';
import type { Session } from './session.ts';
import { printable } from './terminal.ts';

type OpenOptions = Parameters<typeof openRepository>[0];

/** @throws Failure SourceNotFound, SourceUnsupported, RepositoryUnknown, GitUnreachable … */
export async function locateRepository(session: Session, target: Target, cacheDir: string): Promise<GitRepo> {
  const cluster = await session.cluster();
  const { object, source } = await observeSource(cluster, target);
  const branch = session.globals.branch ?? source.branch;
  if (branch === undefined) {
    throw new Failure(
      'RepositoryUnknown',
      `gitrepository/${source.name.namespace}/${source.name.name} follows no branch, so there is nowhere to put a revert`,
      {
        causes: ['it follows a tag, a semver range or a commit'],
        next: ['--branch NAME says which branch its tags are made from', `ebb rollback ${formatTarget(target)} --strategy pin needs none`],
      },
    );
  }
  const place = await placeOf(session, object);
  return openRepository({
    ...place,
    branch,
    cacheDir,
    ...(session.globals.author ? { identity: parsePerson(session.globals.author) } : {}),
    ...signingOf(session.globals),
    log: (line: string) => session.io.stderr.write(`${printable(line)}\n`),
    signal: session.io.signal,
  });
}

async function placeOf(
  session: Session,
  object: GitRepository,
): Promise<Pick<OpenOptions, 'url' | 'credentials' | 'credentialsFrom' | 'clone'>> {
  const { repo } = session.globals;
  const clone = await findClone(session.io.cwd);
  if (repo !== undefined) return explicit(repo, session);
  const remote = clone?.remotes.find((candidate) => sameRepository(candidate.url, object.spec.url));
  if (clone && remote) return { url: remote.url, clone: clone.root };
  return { url: object.spec.url, ...(await secretOf(session, object)) };
}

/** `--repo`: a URL, or the path of a clone, whose remote is meant. */
async function explicit(repo: string, session: Session): Promise<Pick<OpenOptions, 'url' | 'clone'>> {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(repo) || /^[^/\s]+@[^/\s]+:/.test(repo)) return { url: repo };
  const { resolve } = await import('node:path');
  const clone = await findClone(resolve(session.io.cwd, repo));
  if (!clone) return { url: resolve(session.io.cwd, repo) };
  const remote = clone.remotes.find((candidate) => candidate.name === 'origin') ?? clone.remotes[0];
  if (remote) return { url: remote.url, clone: clone.root };
  throw new Failure('RepositoryUnknown', `the clone ${clone.root} has no remote`, { next: ['git remote add origin URL', '--repo URL'] });
}

async function secretOf(session: Session, object: GitRepository): Promise<Pick<OpenOptions, 'credentials' | 'credentialsFrom'>> {
  const name = object.spec.secretRef?.name;
  if (name === undefined) return {};
  const cluster = await session.cluster();
  const { namespace } = object.metadata;
  const secret = await cluster.get<KubeObject>({ apiVersion: 'v1', kind: 'Secret', namespace, name }).catch((error: unknown) => {
    throw withOwnCredentials(error);
  });
  if (!secret) {
    throw new Failure('GitAuthFailed', `Secret/${namespace}/${name}, with which Flux reads ${object.spec.url}, does not exist`, {
      next: ['run ebb inside a clone of the repository: its own credentials are used', '--repo URL'],
    });
  }
  const credentials = credentialsFromSecret((secret.data as Record<string, string> | undefined) ?? {});
  const from = `Secret/${namespace}/${name}`;
  return credentials
    ? { credentials, credentialsFrom: from }
    : { credentialsFrom: `${from}, which has none of the keys that Flux reads: username and password, bearerToken, or identity` };
}

/** Who may not read Flux's Secret needs none of it. */
function withOwnCredentials(error: unknown): unknown {
  if (!(error instanceof Failure) || error.code !== 'Forbidden') return error;
  const { message, seen, causes, next, permission } = error;
  return new Failure('Forbidden', message, {
    ...(seen ? { seen } : {}),
    causes: [...causes],
    next: ['run ebb inside a clone of the repository: its own credentials are used', '--repo URL: those of git are', ...next],
    ...(permission ? { permission } : {}),
    cause: error,
  });
}

function signingOf(globals: Globals): { signing?: Signing } {
  if (globals.sshSign !== undefined) return { signing: { format: 'ssh', key: globals.sshSign } };
  if (globals.gpgSign === undefined || globals.gpgSign === false) return {};
  return { signing: globals.gpgSign === true ? { format: 'openpgp' } : { format: 'openpgp', key: globals.gpgSign } };
}
