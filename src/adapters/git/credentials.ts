/** Certificates of an HTTPS connection, as PEM text. */
export interface TlsFiles {
  /** Certificate authorities to trust besides nothing else. */
  ca?: string;
  /** A client's certificate and key (mutual TLS). */
  client?: { certificate: string; key: string };
}

export type GitCredentials =
  | ({ kind: 'basic'; username: string; password: string } & TlsFiles)
  | ({ kind: 'bearer'; token: string } & TlsFiles)
  | ({ kind: 'anonymous' } & TlsFiles)
  | { kind: 'ssh'; privateKey: string; passphrase?: string; knownHosts?: string };

/**
 * The credentials in a secret that a Flux GitRepository names; undefined where none of its keys is one that Flux reads.
 * A private key wins over a token, a token over a user with a password, `ca.crt` over `caFile`.
 * Source: fluxcd/pkg git/options.go (NewAuthOptions) and the GitRepository documentation, "Secret reference".
 * @param data the secret's `data`: values in base64.
 */
export function credentialsFromSecret(data: Record<string, string>): GitCredentials | undefined {
  const value = (key: string) => {
    const encoded = data[key];
    const text = encoded === undefined ? '' : Buffer.from(encoded, 'base64').toString('utf8');
    return text === '' ? undefined : text;
  };
  const privateKey = value('identity');
  if (privateKey !== undefined) {
    const passphrase = value('password');
    const knownHosts = value('known_hosts');
    return {
      kind: 'ssh',
      privateKey,
      ...(passphrase === undefined ? {} : { passphrase }),
      ...(knownHosts === undefined ? {} : { knownHosts }),
    };
  }
  const tls = tlsFiles(value);
  const token = value('bearerToken');
  // A line break at the end of a token or password is the editor's: in a header it would break the request.
  if (token !== undefined) return { kind: 'bearer', token: token.trim(), ...tls };
  const username = value('username');
  if (username !== undefined) return { kind: 'basic', username: username.trimEnd(), password: (value('password') ?? '').trimEnd(), ...tls };
  return tls.ca !== undefined || tls.client !== undefined ? { kind: 'anonymous', ...tls } : undefined;
}

function tlsFiles(value: (key: string) => string | undefined): TlsFiles {
  const ca = value('ca.crt') ?? value('caFile');
  const certificate = value('tls.crt') ?? value('certFile');
  const key = value('tls.key') ?? value('keyFile');
  const client = certificate !== undefined && key !== undefined ? { certificate, key } : undefined;
  return { ...(ca === undefined ? {} : { ca }), ...(client === undefined ? {} : { client }) };
}
