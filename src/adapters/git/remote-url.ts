import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Failure } from '../../core/failure.ts';

/** Where a repository is, with what is secret in its URL taken out. */
export interface RemoteUrl {
  transport: 'http' | 'ssh' | 'local';
  /** What git is given: no password, no token, and for HTTP no user. */
  address: string;
  /** For people and for the name of the mirror. */
  label: string;
  /** `host` or `host:port`; absent for local paths. */
  host?: string;
  /** HTTP alone: what stood before the `@`. */
  username?: string;
  password?: string;
}

/**
 * Reads a repository's URL: `https://`, `http://`, `ssh://`, `user@host:path`, `file://` or a local path (relative ones are
 * resolved against the working directory).
 * @throws Failure SourceUnsupported for any other form: remote helpers such as `ext::` run programs.
 */
export function parseRemoteUrl(url: string): RemoteUrl {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
  if (url === '' || /[\u0000-\u001f\u007f]/.test(url)) throw unsupported(url, 'it is empty or has control characters');
  if (/^[a-z0-9+.-]+::/i.test(url)) throw unsupported(url, 'remote helpers are not allowed');
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(url)?.[1]?.toLowerCase();
  if (scheme === 'http' || scheme === 'https') return httpUrl(url, scheme);
  if (scheme === 'ssh') return sshUrl(url);
  if (scheme === 'file') return localPath(fileURLToPath(url));
  if (scheme !== undefined) throw unsupported(url, `${scheme}:// is not supported`);
  return isScpLike(url) ? scpUrl(url) : localPath(resolve(url));
}

/** The URL as it may be shown: without user, password and query; anything unreadable is shown without what precedes an `@`. */
export function redactUrl(url: string): string {
  try {
    return parseRemoteUrl(url).label;
  } catch {
    return url.replace(/^([a-z+.-]+:\/\/|)[^/]*@/i, '$1').replace(/\?.*$/, '');
  }
}

/**
 * Do two URLs name one repository? Scheme, user, `.git`, trailing slashes and the host's case do not count; ports count between
 * URLs of one scheme, without the default ones.
 */
export function sameRepository(a: string, b: string): boolean {
  const [left, right] = [placeOf(a), placeOf(b)];
  if (!left || !right || left.host !== right.host || left.path !== right.path) return false;
  return left.scheme !== right.scheme || left.port === right.port;
}

interface Place {
  scheme: string;
  host: string;
  port: string;
  path: string;
}

const DEFAULT_PORTS: Record<string, string> = { http: '80', https: '443', ssh: '22' };

/** Names under which forges serve SSH beside their own: GitHub's, GitLab's, Bitbucket's and Azure DevOps' documentation. */
const SSH_ALIASES: Record<string, string> = {
  'ssh.github.com': 'github.com',
  'altssh.gitlab.com': 'gitlab.com',
  'altssh.bitbucket.org': 'bitbucket.org',
  'ssh.dev.azure.com': 'dev.azure.com',
};

function placeOf(url: string): Place | undefined {
  let remote: RemoteUrl;
  try {
    remote = parseRemoteUrl(url);
  } catch {
    return undefined;
  }
  if (remote.transport === 'local') return { scheme: 'file', host: '', port: '', path: trimPath(remote.address) };
  const parsed = new URL(
    isScpLike(remote.address) ? remote.address.replace(/^((?:[^@/]*@)?(?:\[[^\]]*\]|[^:/]+)):\/?/, 'ssh://$1/') : remote.address,
  );
  const scheme = parsed.protocol.slice(0, -1);
  const named = parsed.hostname.toLowerCase();
  const host = SSH_ALIASES[named] ?? named;
  const port = parsed.port === DEFAULT_PORTS[scheme] || host !== named ? '' : parsed.port;
  return { scheme, host, port, path: forgePath(host, trimPath(decodeURI(parsed.pathname))) };
}

/** Azure DevOps: `v3/org/project/repo` over SSH is `org/project/_git/repo` over HTTPS. */
function forgePath(host: string, path: string): string {
  return host === 'dev.azure.com' ? path.replace(/^v3\/([^/]+)\/([^/]+)\//, '$1/$2/_git/') : path;
}

function trimPath(path: string): string {
  return path
    .replace(/^\/+/, '')
    .replace(/\/+$/, '')
    .replace(/\.git$/, '')
    .replace(/\/+$/, '');
}

function httpUrl(url: string, scheme: string): RemoteUrl {
  const match = /^[^:]+:\/\/(?:([^/?#]*)@)?([^/?#]+)(\/[^?#]*)?(\?[^#]*)?/.exec(url);
  const host = match?.[2];
  if (!match || host === undefined || !URL.canParse(`${scheme}://${host}/`)) throw unsupported(url, 'it has no host');
  const place = `${scheme}://${host}${match[3] ?? '/'}`;
  const remote: RemoteUrl = { transport: 'http', address: place + (match[4] ?? ''), label: place, host };
  if (match[1] === undefined) return remote;
  const [username = '', ...password] = match[1].split(':');
  remote.username = decoded(username);
  if (password.length > 0) remote.password = decoded(password.join(':'));
  return remote;
}

function sshUrl(url: string): RemoteUrl {
  const match = /^ssh:\/\/(?:([^@/:]*)(?::[^@/]*)?@)?(\[[^\]]+\](?::\d+)?|[^/:@]+(?::\d+)?)(\/.*)$/i.exec(url);
  const [, user, host, path] = match ?? [];
  if (host === undefined || path === undefined || host.startsWith('-') || user?.startsWith('-'))
    throw unsupported(url, 'it has no usable host');
  const address = `ssh://${user === undefined || user === '' ? '' : `${user}@`}${host}${path}`;
  return { transport: 'ssh', address, label: address, host };
}

function scpUrl(url: string): RemoteUrl {
  const host = /^(?:[^@/]*@)?(\[[^\]]+\]|[^:/]+):/.exec(url)?.[1];
  if (host === undefined || host.startsWith('-') || url.startsWith('-')) throw unsupported(url, 'it has no usable host');
  return { transport: 'ssh', address: url, label: url, host };
}

function localPath(path: string): RemoteUrl {
  return { transport: 'local', address: path, label: path };
}

/** git's rule: a colon before any slash makes it `host:path`. */
function isScpLike(url: string): boolean {
  return !url.includes('://') && /^(?:[^/:[]*@)?(?:\[[^\]]+\]|[^/:]+):/.test(url);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function unsupported(url: string, why: string): Failure {
  const shown = url.replace(/^([a-z0-9+.-]+:\/\/)[^/]*@/i, '$1').replace(/\?.*$/, '');
  return new Failure('SourceUnsupported', `The repository URL cannot be used: ${why}.`, {
    seen: JSON.stringify(shown),
    next: ['Use an https://, http://, ssh:// or file:// URL, user@host:path, or a local path'],
  });
}
