/**
 * Credentials of a GitRepository, and how git gets them: by environment variables, never by arguments or URLs.
 * Source: fluxcd/pkg git/options.go (NewAuthOptions).
 */

export interface GitCredentials {
  /** Value of the `Authorization` header. */
  authorization?: string;
}

/** @throws Error where the Secret holds what Flux refuses */
export function credentialsFrom(secret: Record<string, string>, url: URL): GitCredentials {
  const token = secret.bearerToken;
  const username = secret.username || decodeURIComponent(url.username);
  const password = secret.password || decodeURIComponent(url.password);
  if (token) {
    if (secret.username || secret.password) throw new Error('basic auth and bearer token cannot be set at the same time');
    return { authorization: `Bearer ${token}` };
  }
  if (!username && !password) return {};
  return { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` };
}

/** Plain values of a Secret's `data` and `stringData`. */
export function secretValues(secret: { data?: Record<string, string>; stringData?: Record<string, string> }): Record<string, string> {
  const decoded = Object.entries(secret.data ?? {}).map(([key, value]) => [key, Buffer.from(value, 'base64').toString('utf8')] as const);
  return { ...Object.fromEntries(decoded), ...secret.stringData };
}

/** Variables that make git send the credentials to the host of `url`, and to no other. */
export function credentialVariables(credentials: GitCredentials, url: URL): Record<string, string> {
  const variables = { GIT_ALLOW_PROTOCOL: 'http:https:file', GIT_ASKPASS: '', SSH_ASKPASS: '' };
  if (!credentials.authorization || url.protocol === 'file:') return variables;
  return {
    ...variables,
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: `http.${url.protocol}//${url.host}/.extraHeader`,
    GIT_CONFIG_VALUE_0: `Authorization: ${credentials.authorization}`,
  };
}

/** The URL without user and password: what is handed to git and shown to people. */
export function withoutUser(url: URL): string {
  const bare = new URL(url);
  bare.username = '';
  bare.password = '';
  return bare.href;
}
