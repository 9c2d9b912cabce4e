/** The part of docs/reference/sandbox.md that says how the sandbox compares with the real thing. */
import { ACCEPTED } from './accepted.ts';
import { RECORDED } from './kinds.ts';
import { STORIES } from './stories/all.ts';
import { comparedVersions } from './versions.ts';

const BEGIN = '<!-- comparison: written by npm run conformance -->';
const END = '<!-- end of the comparison -->';

/** What is not compared, and why. */
const LEFT_OUT: readonly string[] = [
  'Times, uids, resourceVersions, hashes, random suffixes, addresses, ports, durations that were measured and the size of artifacts are replaced by names.',
  'The layer of pods differs by design: processes here, kwok there, which runs no program. Of pods the spec, labels, owners, finalizers, phases on the way up and the scheduler’s Events are compared; conditions, container states, the node’s fields and the kubelet’s Events are not.',
  'Of objects that share a name but for a random suffix, such as the pods of a ReplicaSet, all different orders are compared as a set.',
  'A Deployment’s `Progressing` says `NewReplicaSetCreated` or `ReplicaSetUpdated` depending on whether its controller or the pods are faster: both count as a rollout under way.',
  'Counts of Events; the Event by which source-controller tells that it removed artifacts older than a minute; and `NoPods` of a PodDisruptionBudget that was there before its pods.',
  'Whether a GitRepository that fails is between two attempts (`ProgressingWithRetry`) or within one (`Progressing`).',
  'The generation of EndpointSlices counts how often the readiness of pods was written down.',
];

/** @param modules the folder of the pinned modules */
export function comparisonSection(modules: string): string {
  const versions = comparedVersions(modules).map(({ name, version }) => `${name} ${version}`);
  const kinds = RECORDED.map(({ kind }) => kind);
  return [
    BEGIN,
    '',
    '## Compared with the real thing',
    '',
    `\`npm run test:cluster\` tells the stories below on the sandbox and on a real control plane (${listed(versions)}; kwok plays the nodes) at the`,
    'same time, with the same steps and the same watches, and compares what clients see: for every object the order of its conditions,',
    'reasons, messages, revisions, inventory, history, requests, finalizers and phases; its Events; and at the end of each step every',
    `field with its managers. Objects: ${kinds.join(', ')}.`,
    '',
    ...STORIES.map(({ title }) => `- ${title}`),
    '',
    'These differences are known; any other fails the suite, and so does one of these that has gone.',
    '',
    '| what | here | real | why |',
    '| --- | --- | --- | --- |',
    ...ACCEPTED.map(({ what, sandbox, real, why, sometimes }) =>
      row([what, sandbox, real, sometimes === undefined ? why : `${why} Not in every run: ${sometimes}`]),
    ),
    '',
    'What is not compared:',
    '',
    ...LEFT_OUT.map((line) => `- ${line}`),
    '',
    END,
  ].join('\n');
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

function listed(items: readonly string[]): string {
  return `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
}

/** The page with the section in its place; at its end where it had none. */
export function withComparison(page: string, section: string): string {
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (begin < 0 || end < begin) return `${page.trimEnd()}\n\n${section}\n`;
  return page.slice(0, begin) + section + page.slice(end + END.length);
}
