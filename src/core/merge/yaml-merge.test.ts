import { describe, expect, it } from 'vitest';
import { mergeFiles, mergeYaml, type YamlSides } from './yaml-merge.ts';

const DEPLOYMENT = `# Owned by team shop; see the runbook.
apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
  namespace: shop
spec:
  replicas: 2   # raised for the sale
  template:
    spec:
      containers:
        - name: app
          image: registry.example/api:1.4.0 # renovate
          env:
            - name: MODE
              value: "safe"
            # Keep below the pool size of the database.
            - name: WORKERS
              value: '4'
          args: ["--log", "json"]
`;

/** A text with replacements made one after another; each must be there. */
function edit(text: string, ...pairs: [string, string][]): string {
  return pairs.reduce((result, [from, to]) => {
    if (!result.includes(from)) throw new RangeError(`not in the text: ${from}`);
    return result.replace(from, () => to);
  }, text);
}

function merged(sides: YamlSides): string {
  const merge = mergeYaml(sides);
  if (merge.kind !== 'merged') throw new Error(JSON.stringify(merge));
  return merge.text;
}

/** `before`, a commit on top, and later commits on top of that; gives the revert of the commit. */
function reverted(before: string, commit: [string, string][], later: [string, string][]): string {
  const base = edit(before, ...commit);
  return merged({ base, ours: edit(base, ...later), theirs: before });
}

describe('a revert merged field by field', () => {
  it('keeps an image that was bumped on the next line since', () => {
    const commit: [string, string][] = [
      ['          image: registry.example/api:1.4.0 # renovate\n', '          image: registry.example/api:1.5.0 # renovate\n'],
      ['value: "safe"', 'value: "fast"'],
    ];
    const later: [string, string][] = [
      ['api:1.5.0 # renovate\n          env:', 'api:1.5.0 # renovate\n          workingDir: /app\n          env:'],
    ];
    expect(reverted(DEPLOYMENT, commit, later)).toBe(edit(DEPLOYMENT, ['# renovate\n', '# renovate\n          workingDir: /app\n']));
  });

  it('takes an environment variable back while the image beside it moved on', () => {
    const commit: [string, string][] = [['value: "safe"', 'value: "fast"']];
    const later: [string, string][] = [
      ['api:1.4.0', 'api:1.6.2'],
      ['# raised for the sale', '# raised for the winter sale'],
    ];
    expect(reverted(DEPLOYMENT, commit, later)).toBe(edit(DEPLOYMENT, ...later));
  });

  it('stops where a later commit changed the same field, with every value', () => {
    const base = edit(DEPLOYMENT, ['api:1.4.0', 'api:1.5.0'], ['replicas: 2', 'replicas: 3']);
    const ours = edit(base, ['api:1.5.0', 'api:1.6.0']);
    expect(mergeYaml({ base, ours, theirs: DEPLOYMENT })).toEqual({
      kind: 'conflict',
      conflicts: [
        {
          object: 'Deployment/shop/api',
          path: 'spec.template.spec.containers[app].image',
          base: 'registry.example/api:1.5.0',
          ours: 'registry.example/api:1.6.0',
          theirs: 'registry.example/api:1.4.0',
        },
      ],
    });
  });

  it('removes a list item next to which another was added', () => {
    const item = (name: string) => `            - name: ${name}\n              value: "1"\n`;
    const commit: [string, string][] = [['          args:', `${item('TRACE')}          args:`]];
    const later: [string, string][] = [['          args:', `${item('CACHE')}          args:`]];
    expect(reverted(DEPLOYMENT, commit, later)).toBe(edit(DEPLOYMENT, later[0] as [string, string]));
  });

  it('brings a removed list item back, with its comment, where it stood', () => {
    const workers = "            # Keep below the pool size of the database.\n            - name: WORKERS\n              value: '4'\n";
    const cache = '            - name: CACHE\n              value: "on"\n';
    const commit: [string, string][] = [[workers, '']];
    const later: [string, string][] = [['          args:', `${cache}          args:`]];
    expect(reverted(DEPLOYMENT, commit, later)).toBe(edit(DEPLOYMENT, later[0] as [string, string]));
  });

  it('takes away the comment that came with a key, and no other', () => {
    const commit: [string, string][] = [['  template:', '  # Until the new scheduler is in.\n  paused: true\n  template:']];
    const later: [string, string][] = [['paused: true\n', 'paused: true\n  # Ask the database team first.\n  minReadySeconds: 5\n']];
    expect(reverted(DEPLOYMENT, commit, later)).toBe(
      edit(DEPLOYMENT, ['  template:', '  # Ask the database team first.\n  minReadySeconds: 5\n  template:']),
    );
  });

  it('brings back the comments that the commit changed with a value, unless someone changed them since', () => {
    const commit: [string, string][] = [
      ['  replicas: 2   # raised for the sale', '  # Ask before you lower this.\n  replicas: 9 # black friday'],
      ['api:1.4.0 # renovate', 'api:1.5.0 # frozen'],
    ];
    const later: [string, string][] = [['# frozen', '# frozen until may']];
    expect(reverted(DEPLOYMENT, commit, later)).toBe(edit(DEPLOYMENT, ['api:1.4.0 # renovate', 'api:1.4.0 # frozen until may']));
  });

  it('removes only its own item where the whole list came with the commit', () => {
    const commit: [string, string][] = [['      containers:', '      imagePullSecrets:\n        - name: old\n      containers:']];
    const later: [string, string][] = [['        - name: old\n', '        - name: old\n        - name: new\n']];
    expect(reverted(DEPLOYMENT, commit, later)).toBe(
      edit(DEPLOYMENT, ['      containers:', '      imagePullSecrets:\n        - name: new\n      containers:']),
    );
  });

  it('replaces a whole map by a scalar and back, comments around it untouched', () => {
    const text = 'a: 1\n# about strategy\nstrategy:\n  rolling:\n    surge: 1 # one\n# about z\nz: 1\n';
    const commit: [string, string][] = [['strategy:\n  rolling:\n    surge: 1 # one\n', 'strategy: none\n']];
    expect(reverted(text, commit, [['a: 1', 'a: 2']])).toBe(edit(text, ['a: 1', 'a: 2']));
    const base = text;
    const theirs = edit(text, ...commit);
    expect(merged({ base, theirs, ours: edit(base, ['a: 1', 'a: 2']) })).toBe(edit(theirs, ['a: 1', 'a: 2']));
  });

  it('reverts a block scalar at another indentation', () => {
    const text = 'data:\n    run.sh: |\n        set -e\n\n        echo one\n    other: x\n';
    const ours = 'data:\n  run.sh: |\n    set -e\n\n    echo two\n  other: y\n';
    const base = edit(text, ['echo one', 'echo two']);
    expect(merged({ base, ours, theirs: text })).toBe('data:\n  run.sh: |\n    set -e\n\n    echo one\n  other: y\n');
  });
});

describe('lists of scalars', () => {
  const text = '# dev\nresources:\n- ../../base # shared\n- ingress.yaml\n- quota.yaml\n';

  it('go by value', () => {
    expect(reverted(text, [['- quota.yaml\n', '- quota.yaml\n- debug.yaml\n']], [['- debug.yaml\n', '- debug.yaml\n- hpa.yaml\n']])).toBe(
      `${text}- hpa.yaml\n`,
    );
    expect(reverted(text, [['- ingress.yaml\n', '']], [['- quota.yaml\n', '']])).toBe(
      '# dev\nresources:\n- ../../base # shared\n- ingress.yaml\n',
    );
  });

  it('swap a value in place', () => {
    const commit: [string, string][] = [['../../base #', '../../base?ref=v2 #']];
    expect(reverted(text, commit, [['- quota.yaml\n', '']])).toBe(edit(text, ['- quota.yaml\n', '']));
  });

  it('conflict where the value that came with the commit is another by now', () => {
    const base = edit(text, ['../../base', '../../base?ref=v2']);
    const merge = mergeYaml({ base, ours: edit(base, ['ref=v2', 'ref=v3']), theirs: text });
    expect(merge).toMatchObject({
      kind: 'conflict',
      conflicts: [{ path: 'resources', ours: ['../../base?ref=v3', 'ingress.yaml', 'quota.yaml'] }],
    });
  });
});

describe('several documents', () => {
  const documents = (image: string, port: number) =>
    `---\n# the app\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: api\nspec:\n  image: ${image}\n---\napiVersion: v1\nkind: Service\nmetadata:\n  name: api\nspec:\n  port: ${port}\n`;

  it('are matched by what they are, in whatever order they stand', () => {
    const [app, service] = documents('a:1', 80).split(/^(?=---\napiVersion: v1\n)/m) as [string, string];
    expect(merged({ base: documents('a:2', 80), theirs: documents('a:1', 80), ours: service + app.replace('a:1', 'a:2') })).toBe(
      service + app,
    );
  });

  it('come and go whole', () => {
    const extra = '---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: extra\n';
    const before = documents('a:1', 80);
    expect(merged({ base: before + extra, ours: documents('a:9', 80) + extra, theirs: before })).toBe(documents('a:9', 80));
    expect(merged({ base: before, ours: documents('a:9', 80), theirs: before + extra })).toBe(documents('a:9', 80) + extra);
  });

  it('conflict where one is to go that was changed since', () => {
    const extra = '---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: extra\ndata:\n  a: "1"\n';
    const before = documents('a:1', 80);
    const merge = mergeYaml({ base: before + extra, ours: before + extra.replace('"1"', '"2"'), theirs: before });
    expect(merge).toMatchObject({ kind: 'conflict', conflicts: [{ object: 'ConfigMap/extra', path: '', theirs: undefined }] });
  });

  it('that cannot be told apart are not merged', () => {
    const merge = mergeYaml({ base: 'a: 1\n---\nb: 1\n', ours: 'a: 1\n---\nb: 3\n', theirs: 'a: 2\n---\nb: 1\n' });
    expect(merge).toEqual({ kind: 'unmergeable', why: 'several documents, and not each has a kind and a name' });
  });
});

describe('the text outside of what is edited', () => {
  it('keeps CRLF and a missing line break at the end', () => {
    const before = 'a: 1\r\nb: 1\r\nc: 1';
    const base = before.replace('b: 1', 'b: 2');
    expect(merged({ base, ours: base.replace('c: 1', 'c: 7'), theirs: before })).toBe('a: 1\r\nb: 1\r\nc: 7');
    expect(merged({ base: 'a: 1', ours: 'a: 1\r\nc: 7', theirs: 'a: 1\nb: 2\n' })).toBe('a: 1\r\nb: 2\r\nc: 7');
    expect(merged({ base: 'a: 1\nz: 1', ours: 'x: 1\na: 1\nz: 1', theirs: 'a: 1' })).toBe('x: 1\na: 1');
  });

  it('keeps odd spacing, quotes and order', () => {
    const ours = `z:   'one'\n\n\na: { x: 1,  y: "2" }   # flow\nlist:\n    -   name: b\n        v: 1\n    -   name: a\n`;
    const base = 'a: {x: 1, y: "2"}\nz: one\nlist:\n- name: a\n- name: b\n  v: 1\n';
    const theirs = 'a: {x: 5, y: "2"}\nz: one\nlist:\n- name: a\n- name: b\n  v: 3\n';
    expect(merged({ base, ours, theirs })).toBe(ours.replace('x: 1', 'x: 5').replace('v: 1', 'v: 3'));
  });

  it('adds to and removes from flow collections alone', () => {
    const ours = 'meta: {name: x, labels: {a: b}} # c\nlist: [1, 2]\nlast:   z\n';
    const base = 'meta: {name: x, labels: {a: b}}\nlist: [1, 2]\n';
    const theirs = 'meta:\n  labels: {a: b, c: d}\nlist: [1]\n';
    expect(merged({ base, ours, theirs })).toBe('meta: {labels: {a: b, c: d}} # c\nlist: [1]\nlast:   z\n');
  });

  it('fills an empty collection and empties a full one', () => {
    const full = 'spec:\n  env:\n    - name: A\n      value: "1"\n  x: 1\n';
    const empty = 'spec:\n  env: []\n  x: 1\n';
    const other = (text: string) => text.replace('x: 1', 'x:  9');
    expect(merged({ base: empty, ours: other(empty), theirs: full })).toBe(other(full));
    expect(merged({ base: full, ours: other(full), theirs: empty })).toBe(other(empty));
  });

  it('moves the next key up to the dash where the first one goes', () => {
    const base = 'list:\n  - weight: 1\n    # the name\n    name: a\n  - name: b\n';
    expect(merged({ base, ours: `${base}x: 1\n`, theirs: 'list:\n  - name: a\n  - name: b\n' })).toBe(
      'list:\n  - # the name\n    name: a\n  - name: b\nx: 1\n',
    );
    expect(
      merged({ base: 'list:\n  - name: a\n', ours: 'list:\n  - name: a\nx: 1\n', theirs: 'list:\n  - weight: 1\n    name: a\n' }),
    ).toBe('list:\n  - weight: 1\n    name: a\nx: 1\n');
  });
});

describe('what a number or a string is', () => {
  it('goes by how it is written: 1.10 is not 1.1', () => {
    const text = 'images:\n- name: api\n  newTag: 1.10\n';
    expect(reverted(text, [['1.10', '1.1']], [['name: api', 'name: api\n  newName: x']])).toBe(
      edit(text, ['name: api', 'name: api\n  newName: x']),
    );
  });

  it('keeps the quotes of the value that comes back', () => {
    expect(reverted('a: "on"\nb: 1\n', [['"on"', 'off']], [['b: 1', 'b: 2']])).toBe('a: "on"\nb: 2\n');
  });
});

describe('what cannot be merged', () => {
  const why = (ours: string, base = 'a: 1\nb: 1\n', theirs = 'a: 2\nb: 1\n') => mergeYaml({ base, ours, theirs });

  it('is said with the side and the line, never with what stands there', () => {
    expect(why('a: 1\nb: 1\nb: sesame\n')).toEqual({ kind: 'unmergeable', why: 'the file as it is now: line 3: duplicate key' });
    expect(why('a: 1\nb: !vault sesame\n')).toEqual({
      kind: 'unmergeable',
      why: 'the file as it is now: line 2: a value with a tag of its own',
    });
    expect(why('a: 1\nb: "sesame\n')).toMatchObject({ kind: 'unmergeable', why: expect.not.stringContaining('sesame') });
    expect(why('a: {{ .Values.a }}\nb: 3\n')).toMatchObject({ kind: 'unmergeable' });
  });

  it('is an edit that would change what aliases repeat', () => {
    const ours = 'a: &x 1\nb: *x\nc: 3\n';
    const base = 'a: &x 1\nb: *x\n';
    expect(mergeYaml({ base, ours, theirs: 'a: &x 2\nb: 1\n' })).toMatchObject({ kind: 'unmergeable' });
    expect(merged({ base, ours, theirs: 'a: &x 2\nb: *x\n' })).toBe('a: &x 2\nb: *x\nc: 3\n');
  });

  it('does not blow up on aliases of aliases', () => {
    const bomb = `a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n${Array.from({ length: 9 }, (_, i) => `a${i + 1}: &a${i + 1} [${Array(10).fill(`*a${i}`).join(',')}]`).join('\n')}\n`;
    expect(why(bomb)).toMatchObject({ kind: 'unmergeable' });
  });
});

describe('values of Secrets', () => {
  it('are not in a conflict', () => {
    const secret = (value: string) => `apiVersion: v1\nkind: Secret\nmetadata:\n  name: db\nstringData:\n  password: ${value}\n`;
    const merge = mergeYaml({ base: secret('hunter2'), ours: secret('hunter3'), theirs: secret('hunter1') });
    expect(merge).toMatchObject({ kind: 'conflict', conflicts: [{ object: 'Secret/db', path: 'stringData.password' }] });
    expect(JSON.stringify(merge)).not.toContain('hunter');
    const generator = (value: string) => `secretGenerator:\n- name: db\n  literals:\n  - password=${value}\n`;
    const other = mergeYaml({ base: generator('hunter2'), ours: generator('hunter3'), theirs: generator('hunter1') });
    expect(other.kind).toBe('conflict');
    expect(JSON.stringify(other)).not.toContain('hunter');
  });
});

describe('mergeFiles', () => {
  const bytes = (text: string) => new TextEncoder().encode(text);

  it('gives the edits of every file', () => {
    const outcome = mergeFiles([
      { path: 'a.yaml', base: bytes('a: 2\nb: 1\n'), ours: bytes('a: 2\nb: 2\n'), theirs: bytes('a: 1\nb: 1\n') },
      { path: 'gone.yaml', base: bytes('a: 1\n'), ours: bytes('a: 1\n'), theirs: undefined },
    ]);
    expect(outcome).toEqual({
      kind: 'merged',
      edits: [
        { path: 'a.yaml', content: bytes('a: 1\nb: 2\n') },
        { path: 'gone.yaml', content: null },
      ],
    });
  });

  it('puts what a revert also renames at its old place, and empties the new one', () => {
    const bytes = (text: string) => new TextEncoder().encode(text);
    const renamed = {
      path: 'old.yaml',
      oursPath: 'new.yaml',
      base: bytes('a: 2\nb: 1\n'),
      ours: bytes('a: 2\nb: 7\n'),
      theirs: bytes('a: 1\nb: 1\n'),
    };
    expect(mergeFiles([renamed])).toEqual({
      kind: 'merged',
      edits: [
        { path: 'old.yaml', content: bytes('a: 1\nb: 7\n') },
        { path: 'new.yaml', content: null },
      ],
    });
  });

  it('tells a file that was deleted, created or changed meanwhile from one that conflicts inside', () => {
    const outcome = mergeFiles([
      { path: 'deleted-since.yaml', base: bytes('a: 2\n'), ours: undefined, theirs: bytes('a: 1\n') },
      { path: 'changed-since.yaml', base: bytes('a: 2\n'), ours: bytes('a: 3\n'), theirs: undefined },
      { path: 'created-since.yaml', base: undefined, ours: bytes('a: 3\n'), theirs: bytes('a: 1\n') },
      { path: 'inside.yaml', base: bytes('a: 2\n'), ours: bytes('a: 3\n'), theirs: bytes('a: 1\n') },
    ]);
    expect(outcome).toMatchObject({
      kind: 'conflict',
      conflicts: [
        { file: 'deleted-since.yaml', path: '', ours: undefined, words: expect.stringContaining('a later commit deleted it') },
        { file: 'changed-since.yaml', path: '', theirs: undefined, words: expect.stringContaining('a later commit changed it') },
        { file: 'created-since.yaml', path: '', base: undefined, words: expect.stringContaining('created another one') },
        { file: 'inside.yaml', path: 'a', base: 2, ours: 3, theirs: 1 },
      ],
    });
  });

  it('does not touch what is not YAML', () => {
    const text = (path: string, tail: string) => ({ path, base: bytes(`2${tail}`), ours: bytes(`3${tail}`), theirs: bytes(`1${tail}`) });
    expect(mergeFiles([text('run.sh', '')])).toMatchObject({
      kind: 'unmergeable',
      why: expect.stringMatching(/^run\.sh: not a YAML file/),
    });
    expect(mergeFiles([text('x.yaml', '\0')])).toEqual({ kind: 'unmergeable', why: 'x.yaml: a binary file' });
  });
});
