/**
 * What differs from run to run though nothing differs: commits, hashes, random suffixes, addresses, times. Each becomes a
 * name, the same on both clusters: `<good>` for a commit, `<rs1>` for the first ReplicaSet of a Deployment.
 */
import type { KubeObject } from '../../../src/api/kube.ts';
import type { Snapshot } from './recorder.ts';

/** Replaces everything accidental in a text. */
export type Rename = (text: string) => string;

/** `0s`, `1h2m3.4s`, `512.3ms`, as Go writes durations. */
const DURATION = String.raw`(?:\d+(?:\.\d+)?(?:h|ms|m|µs|ns|s))+`;

/** The order counts: what is longer or more special comes first. */
const ACCIDENTS: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN CERTIFICATE-----.*-----END CERTIFICATE-----/gs, '<certificate>'],
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g, '<uid>'],
  [/\bsha256:[0-9a-f]{64}\b/g, '<digest>'],
  [/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)/g, '<time>'],
  [/\b127\.\d+\.\d+\.\d+:\d+\b/g, '<address>'],
  [/\b(?:10|127|172|192)\.\d+\.\d+\.\d+\b/g, '<ip>'],
  // The folder into which Flux unpacks an artifact: what is in it counts.
  [/\/[^\s'":]*?\/kustomiz[^\s'":/]*?-\d+\/?/g, ''],
  [new RegExp(String.raw`\b(finished in|passed in|failed after|done in|took) ${DURATION}`, 'g'), '$1 <duration>'],
  // Refused values are printed as structures of Go's.
  [/(Invalid value: )\{.*\}(: field is immutable)/g, '$1{…}$2'],
  [/\bkube-api-access-[a-z0-9]{5}\b/g, 'kube-api-access-<volume>'],
];

/** What Flux waits for in vain, in the order of a map of Go's: any. */
const AWAITED = /(timeout waiting for: |stalled resources: )\[([^\]]*)\]/g;

/**
 * Learns the accidental names of a story.
 * @param commits full commit → the name that the story gives it
 */
export function renaming(snapshots: readonly Snapshot[], commits: ReadonlyMap<string, string>): Rename {
  const exact = new Map<string, string>();
  const counters = new Map<string, number>();
  const numbered = (owner: string, prefix: string) => {
    const count = (counters.get(owner) ?? 0) + 1;
    counters.set(owner, count);
    return `<${prefix}${count}>`;
  };
  for (const { object } of snapshots) learnHash(object, exact, numbered);
  for (const { object } of snapshots) learnSuffix(object, exact);
  const longest = [...exact.keys()].sort((one, other) => other.length - one.length);
  const known = longest.length === 0 ? undefined : new RegExp(`(?<![a-z0-9])(?:${longest.map(escaped).join('|')})(?![a-z0-9])`, 'g');
  return (text) => {
    let renamed = text;
    if (known) renamed = renamed.replace(known, (found) => exact.get(found) as string);
    for (const [accident, name] of ACCIDENTS) renamed = renamed.replace(accident, name);
    renamed = renamed.replace(AWAITED, (_all, lead: string, objects: string) => `${lead}[${objects.split(', ').sort().join(', ')}]`);
    return renamed.replace(/\b[0-9a-f]{7,40}\b/g, (found) => commitNamed(found, commits) ?? found);
  };
}

function commitNamed(text: string, commits: ReadonlyMap<string, string>): string | undefined {
  for (const [commit, name] of commits) if (commit.startsWith(text)) return text.length === 40 ? `<${name}>` : `<${name}…>`;
  return undefined;
}

function learnHash({ kind, metadata }: KubeObject, exact: Map<string, string>, numbered: (owner: string, prefix: string) => string): void {
  if (exact.has(metadata.name)) return;
  const owner = metadata.ownerReferences?.find((reference) => reference.controller);
  if (kind === 'ReplicaSet' && owner) {
    const hash = metadata.labels?.['pod-template-hash'];
    if (!hash || !metadata.name.endsWith(hash)) return;
    const name = numbered(`${owner.kind}/${owner.name}`, 'rs');
    exact.set(metadata.name, metadata.name.slice(0, -hash.length) + name);
    if (!exact.has(hash)) exact.set(hash, name);
    return;
  }
  if (kind === 'ControllerRevision' && owner) {
    const hash = metadata.name.slice(owner.name.length + 1);
    const name = numbered(`${owner.kind}/${owner.name}`, 'revision');
    exact.set(metadata.name, `${owner.name}-${name}`);
    if (!exact.has(hash)) exact.set(hash, name);
  }
}

function learnSuffix(object: KubeObject, exact: Map<string, string>): void {
  const { kind, metadata } = object;
  if (kind === 'Pod') learnNode(object, exact);
  const suffix = randomSuffix(object);
  if (suffix === undefined || exact.has(metadata.name)) return;
  const stem = metadata.name.slice(0, -suffix.length);
  const known = exact.get(stem.replace(/-$/, ''));
  exact.set(metadata.name, `${known === undefined ? stem : `${known}-`}<${kind === 'EndpointSlice' ? 'slice' : 'pod'}>`);
}

function learnNode(pod: KubeObject, exact: Map<string, string>): void {
  const node = (pod.spec as { nodeName?: string } | undefined)?.nodeName;
  if (node) exact.set(node, '<node>');
}

/** What the API server appended to a `generateName`; undefined where the name was chosen. */
function randomSuffix({ kind, metadata }: KubeObject): string | undefined {
  if (kind !== 'Pod' && kind !== 'EndpointSlice') return undefined;
  const stem = metadata.generateName;
  if (stem === undefined || !metadata.name.startsWith(stem)) return undefined;
  const suffix = metadata.name.slice(stem.length);
  // A StatefulSet chooses the names of its pods and sets generateName none the less.
  return /^\d+$/.test(suffix) && metadata.ownerReferences?.some(({ kind: by }) => by === 'StatefulSet') ? undefined : suffix;
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
