import { Failure, type FailureCode } from '../../core/failure.ts';

/** What git's stderr tells about a command that failed. */
export type Trouble =
  | 'network'
  | 'certificate'
  | 'host-key'
  | 'authentication'
  | 'not-a-repository'
  | 'missing-ref'
  | 'disk-full'
  | 'corrupt'
  | 'read-only'
  | 'dubious-ownership'
  | 'unknown';

/**
 * Patterns in the order in which they are tried; more than one may match, since git follows a precise message with a general
 * one. The texts are git's (http.c, remote-curl.c, connect.c, fetch-pack.c, object-file.c, packfile.c), libcurl's and OpenSSH's, with
 * LC_ALL=C.
 */
const SIGNS: readonly [Trouble, RegExp][] = [
  ['disk-full', /No space left on device|Disk quota exceeded/i],
  ['dubious-ownership', /detected dubious ownership/],
  ['host-key', /Host key verification failed|REMOTE HOST IDENTIFICATION HAS CHANGED|No \S+ host key is known/],
  [
    'certificate',
    /SSL certificate problem|certificate verif(?:y|ication) failed|unable to get local issuer|SSL: no alternative certificate|CAfile/i,
  ],
  [
    'authentication',
    /Authentication failed|could not read (?:Username|Password)|returned error: 40[13]\b|Permission denied \(|Invalid username or (?:password|token)|HTTP Basic: Access denied|Access denied|Support for password authentication was removed|Load key .*(?:invalid|error|incorrect)/i,
  ],
  [
    'not-a-repository',
    /not valid: is this a git repository\?|does not appear to be a git repository|repository '[^']*' not found|Repository not found|returned error: 404\b|did you run git update-server-info|protocol error: bad line length|project you were looking for could not be found|invalid server response/i,
  ],
  ['missing-ref', /couldn't find remote ref/],
  [
    'network',
    /Could not resolve host|Couldn't connect|Failed to connect|Connection (?:refused|reset|timed out|closed)|timed out|Operation too slow|early EOF|unexpected disconnect|hung up unexpectedly|Empty reply from server|RPC failed|returned error: (?:5\d\d|429)|SSL_(?:ERROR|read|connect)|gnutls_handshake|GnuTLS recv error|Network is unreachable|No route to host|kex_exchange_identification|Name or service not known|Temporary failure in name resolution|transfer closed|expected flush after|invalid index-pack output|Recv failure|Send failure/i,
  ],
  [
    'corrupt',
    /not a git repository|is corrupt|is empty\b.*object|object file .* is empty|bad object|missing (?:blob|tree|commit)|missing necessary objects|unable to (?:read|unpack|find) (?:tree|sha1|[0-9a-f]{7,})|could not (?:read|parse) (?:object|commit)|packfile .* (?:cannot be|does not|is truncated|claims|is too|corrupt|index)|index file .* (?:is too small|corrupt|does not)|inflate: data stream error|invalid sha1 pointer|bad (?:tree|object|signature|ref|config)|did not (?:send|receive) (?:all necessary|expected) objects?|unresolved deltas|failed to (?:read|load) (?:object|pack)|file .* is far too short to be a packfile|object .* (?:is missing|not found)|broken (?:HEAD|ref)|unable to resolve reference|remote did not send all/i,
  ],
  ['read-only', /Read-only file system|insufficient permission|Permission denied|Not a directory|cannot lock ref|Unable to create/i],
];

/** The first sign that `stderr` shows. */
export function troubleIn(stderr: string): Trouble {
  return SIGNS.find(([, sign]) => sign.test(stderr))?.[0] ?? 'unknown';
}

export interface RemoteContext {
  /** The URL as it may be shown. */
  url: string;
  host: string | undefined;
  branch: string;
  attempts: number;
  /** Where the credentials were taken from: `Secret/flux-system/flux-system`. */
  credentialsFrom?: string;
}

/** The failure of a command that talks to the remote. `stderr` holds no secrets any more. */
export function remoteFailure(trouble: Trouble, stderr: string, context: RemoteContext): Failure {
  const seen = lastWords(stderr);
  const check = `git ls-remote ${context.url}`;
  const where = context.host ?? context.url;
  const build = (code: FailureCode, message: string, causes: string[], next: string[]) =>
    new Failure(code, message, { seen, causes, next });
  switch (trouble) {
    case 'network': {
      const tries = context.attempts > 1 ? ` after ${context.attempts} attempts` : '';
      return build(
        'GitUnreachable',
        `Git at ${where} could not be reached${tries}.`,
        ['the network, VPN or proxy is down', `${where} is down or answers errors`, 'the address is only known inside the cluster'],
        [check],
      );
    }
    case 'certificate':
      return build(
        'GitUnreachable',
        `The certificate of ${where} is not trusted.`,
        [
          'the certificate authority is your own: give its certificate (ca.crt in the secret, or http.sslCAInfo)',
          'a proxy in between answers with its own certificate',
        ],
        [check],
      );
    case 'host-key':
      return build(
        'GitAuthFailed',
        `The SSH host key of ${where} is not the one that is known.`,
        ['known_hosts has no entry for this host, or an old one', 'somebody else answers under its name'],
        [`ssh-keyscan ${where}`, 'Compare it with what the forge publishes, then update known_hosts'],
      );
    case 'authentication':
      return build(
        'GitAuthFailed',
        `${where} refused the credentials for ${context.url}.`,
        [
          ...(context.credentialsFrom === undefined ? [] : [`they are taken from ${context.credentialsFrom}`]),
          'the token or password has expired or been revoked',
          ...(context.credentialsFrom === undefined ? ['no credentials were found: no secret, no credential helper, no SSH agent'] : []),
          'the account may not read this repository',
        ],
        context.credentialsFrom === undefined
          ? [check]
          : ['run ebb inside a clone of the repository: its own credentials are used', 'flux create secret git --help'],
      );
    case 'not-a-repository':
      return build(
        'GitNotARepository',
        `There is no Git repository at ${context.url}.`,
        [
          'the path is wrong, or the repository has been moved or deleted',
          'the repository is private and the credentials may not see it: some forges then answer "not found"',
          'a login page or a proxy answered instead of Git',
        ],
        [check],
      );
    case 'missing-ref':
      return build(
        'NoSuchCommit',
        `${context.url} has no branch ${JSON.stringify(context.branch)}.`,
        ['the branch has another name, or has been deleted', 'the repository is still empty'],
        [`git ls-remote --heads ${context.url}`],
      );
    case 'dubious-ownership':
      return build(
        'GitFailed',
        `git does not trust the owner of ${context.url}.`,
        ['the repository belongs to another user'],
        [`git config --global --add safe.directory ${context.url}`],
      );
    default:
      return build('GitFailed', `git failed on ${context.url}.`, [], [check]);
  }
}

/** The failure of a command on the mirror alone. */
export function localFailure(trouble: Trouble, command: string, stderr: string, directory: string): Failure {
  const seen = lastWords(stderr);
  if (trouble === 'disk-full') return diskFull(directory, seen);
  if (trouble === 'read-only') return cacheUnusable(directory, seen);
  return new Failure('GitFailed', `git ${command} failed.`, { seen });
}

export function diskFull(directory: string, seen: string, cause?: unknown): Failure {
  return new Failure('DiskFull', 'The disk is full: the copy of the repository could not be written.', {
    seen,
    causes: [`no space is left under ${directory}`],
    next: [`df -h ${directory}`, 'Free some space, or put the cache elsewhere, and try again: nothing was changed'],
    cause,
  });
}

export function cacheUnusable(directory: string, seen: string, cause?: unknown): Failure {
  return new Failure('CacheUnusable', `The cache directory ${directory} cannot be used.`, {
    seen,
    causes: ['it is read-only or belongs to another user', 'a file is in its place'],
    next: [`ls -ld ${directory}`, 'Choose another directory for the cache'],
    cause,
  });
}

/** An error of the file system under the cache, in the words of `Failure`; others are returned as they are. */
export function cacheFailure(error: unknown, directory: string): unknown {
  if (error instanceof Failure || !(error instanceof Error)) return error;
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOSPC' || code === 'EDQUOT') return diskFull(directory, error.message, error);
  if (code !== undefined && /^(?:EACCES|EPERM|EROFS|ENOTDIR|EEXIST|EISDIR|ENOENT|ELOOP|ENAMETOOLONG)$/.test(code)) {
    return cacheUnusable(directory, error.message, error);
  }
  return error;
}

/** The last lines that say something, at most twelve. */
export function lastWords(stderr: string): string {
  const lines = stderr.split('\n').filter((line) => line.trim() !== '');
  return lines.slice(-12).join('\n');
}
