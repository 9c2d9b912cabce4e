import type { PodTemplate } from '../../api/workloads.ts';
import { canonical } from './canonical.ts';

/** Without vowels, so that no hash spells a word. Source: k8s.io/apimachinery pkg/util/rand. */
const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';

/**
 * The hash in the names of ReplicaSets and revisions: stable for one template, another one after each collision.
 * Built as `ComputeHash` of pkg/controller/controller_utils.go is (FNV-1a, 32 bits), over JSON rather than Go's memory
 * layout: the same form, not the same digits.
 */
export function templateHash(template: PodTemplate, collisionCount: number | undefined): string {
  const hash = fnv1a(`${canonical(template)}${collisionCount ?? ''}`);
  return [...String(hash)].map((digit) => ALPHABET[digit.charCodeAt(0) % ALPHABET.length]).join('');
}

function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) {
    hash = Math.imul(hash ^ byte, 0x01000193);
  }
  return hash >>> 0;
}
