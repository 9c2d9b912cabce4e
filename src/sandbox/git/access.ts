/** Who may talk to the Git server: HTTP basic authentication and bearer tokens (RFC 7617, RFC 6750). */
import { createHash, timingSafeEqual } from 'node:crypto';

interface GitUser {
  username: string;
  password: string;
}

export interface GitAccess {
  users?: GitUser[];
  /** Accepted as `Authorization: Bearer`. */
  tokens?: string[];
}

export type Admission = { kind: 'anonymous' } | { kind: 'user'; name: string } | { kind: 'refused' };

/** Decides about an `Authorization` header; without users and tokens everybody is let in. */
export function admit(header: string | undefined, access: GitAccess): Admission {
  const users = access.users ?? [];
  const tokens = access.tokens ?? [];
  if (users.length === 0 && tokens.length === 0) return { kind: 'anonymous' };
  const [scheme = '', credentials = ''] = (header ?? '').split(' ');
  if (scheme.toLowerCase() === 'bearer') {
    return tokens.some((token) => same(token, credentials)) ? { kind: 'user', name: 'token' } : { kind: 'refused' };
  }
  if (scheme.toLowerCase() !== 'basic') return { kind: 'refused' };
  const given = Buffer.from(credentials, 'base64').toString('utf8');
  const user = users.find((known) => same(`${known.username}:${known.password}`, given));
  return user ? { kind: 'user', name: user.username } : { kind: 'refused' };
}

/** Compares by hash, so that neither content nor length shows in the time that it takes. */
function same(left: string, right: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(left), digest(right));
}
