import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergeYaml } from './yaml-merge.ts';

const MANIFESTS = `# Owned by team shop.
apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
  labels: {app: api, tier: web}   # selected by the Service
spec:
  replicas: 2
  # Rolling, because of the sticky sessions.
  strategy:
    type: RollingUpdate
    rollingUpdate:
      maxSurge: 1

  template:
    spec:
      initContainers:
      - name: migrate
        image: migrate:7
      containers:
      - name: app
        image: api:1.10
        args: ["--log", "json"]
        env:
        # Keep below the pool size.
        - name: WORKERS
          value: '4'
        - {name: MODE, value: safe}
        - name: LAST
          value: "z"
        readinessProbe:
            httpGet:
                path: /readyz
                port: 8080
      - name: proxy
        image: proxy:3
        command:
          - proxy
          - --quiet
---
apiVersion: v1
kind: ConfigMap
metadata:
  name: api
data:
  run.sh: |
    set -e

    exec api
  mode: "a"
`;

/** Edits of lines that stand next to each other, each apart from the others: what stands there, and what instead. */
const EDITS: [string, string][] = [
  ['labels: {app: api, tier: web}', 'labels: {app: api, tier: web, team: shop}'],
  ['replicas: 2\n', 'replicas: 5 # for the sale\n'],
  ['  strategy:\n    type: RollingUpdate\n    rollingUpdate:\n      maxSurge: 1\n', '  strategy:\n    type: Recreate\n'],
  ['  template:\n', '  # Soon to go.\n  paused: true\n  template:\n'],
  ['      initContainers:\n      - name: migrate\n        image: migrate:7\n', ''],
  ['image: api:1.10\n', 'image: api:1.11\n'],
  ['args: ["--log", "json"]', 'args: ["--log", "text"]'],
  ["        # Keep below the pool size.\n        - name: WORKERS\n          value: '4'\n", ''],
  ['{name: MODE, value: safe}', '{name: MODE, value: fast}'],
  [
    '        - name: LAST\n',
    '        # Only while we look for the leak.\n        - name: DEBUG\n          value: "1"\n        - name: LAST\n',
  ],
  ['          value: "z"\n', ''],
  ['path: /readyz\n', 'path: /healthz\n'],
  ['port: 8080\n', 'port: http\n                scheme: HTTPS\n'],
  ['      - name: proxy\n        image: proxy:3\n', '      - name: proxy\n        image: proxy:4\n        tty: true\n'],
  ['          - --quiet\n', '          - --verbose\n'],
  ['    exec api\n', '    exec api --fast\n\n    exit\n'],
  ['  mode: "a"\n', '  mode: "b"\n  z.yaml: >-\n    folded\n    text\n'],
];

/** Lines whose removal and change go together: a commit and a later one that touch the same of them may well conflict. */
const apart = fc.array(fc.constantFrom('before', 'commit', 'later'), { minLength: EDITS.length, maxLength: EDITS.length });

function edited(text: string, which: readonly string[], who: string): string {
  return EDITS.reduce((result, [from, to], index) => (which[index] === who ? result.replace(from, () => to) : result), text);
}

/** The edits the other way round, as a commit that takes back what they brought in. */
function undone(text: string, which: readonly string[], who: string): string {
  return EDITS.reduce((result, [from, to], index) => (which[index] === who && to !== '' ? result.replace(to, () => from) : result), text);
}

describe('a revert below later commits', () => {
  it('gives byte for byte what the later commits alone would have given', () => {
    fc.assert(
      fc.property(apart, (who) => {
        const base = edited(MANIFESTS, who, 'commit');
        const merge = mergeYaml({ base, ours: edited(base, who, 'later'), theirs: MANIFESTS });
        expect(merge).toEqual({ kind: 'merged', text: edited(MANIFESTS, who, 'later') });
      }),
      { numRuns: 100 },
    );
  });

  it('does so for commits that took things out', () => {
    const everything = edited(MANIFESTS, Array(EDITS.length).fill('all'), 'all');
    fc.assert(
      fc.property(apart, (who) => {
        const base = undone(everything, who, 'commit');
        const merge = mergeYaml({ base, ours: undone(base, who, 'later'), theirs: everything });
        expect(merge).toEqual({ kind: 'merged', text: undone(everything, who, 'later') });
      }),
      { numRuns: 100 },
    );
  });
});
