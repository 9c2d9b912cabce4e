import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { User } from './user.ts';

export interface TokenGrant {
  token: string;
  user: string;
  groups: readonly string[];
}

/** Bearer tokens and whom they stand for. Keeps only digests, so that nothing printed of it can leak a token. */
export class Tokens {
  readonly #grants: { digest: Buffer; user: User }[];

  constructor(grants: readonly TokenGrant[]) {
    this.#grants = grants.map(({ token, user, groups }) => ({
      digest: digestOf(token),
      user: { name: user, groups: [...new Set([...groups, 'system:authenticated'])] },
    }));
  }

  /** The user of the request's bearer token; undefined without one or with an unknown one. */
  authenticate(headers: IncomingHttpHeaders): User | undefined {
    const token = /^Bearer\s+(\S+)$/i.exec(headers.authorization ?? '')?.[1];
    if (!token) return undefined;
    const digest = digestOf(token);
    return this.#grants.find((grant) => timingSafeEqual(grant.digest, digest))?.user;
  }
}

function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
