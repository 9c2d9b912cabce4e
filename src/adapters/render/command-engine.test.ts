import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CommandEngine } from './command-engine.ts';

describe('the engine that runs a command', () => {
  let folder: string;
  const temporary = process.env.TMPDIR;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ebb-command-'));
    await mkdir(join(folder, 'tmp'));
    process.env.TMPDIR = join(folder, 'tmp');
  });
  afterEach(async () => {
    if (temporary === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = temporary;
    await rm(folder, { recursive: true, force: true });
  });

  async function engine(script: string): Promise<CommandEngine> {
    const program = join(folder, 'program');
    await writeFile(program, `#!/bin/sh\n${script}\n`);
    await chmod(program, 0o755);
    return new CommandEngine({ name: 'kustomize v0', program, subcommand: 'build' });
  }

  const files = new Map([
    ['apps/dev/kustomization.yaml', new TextEncoder().encode('a: 1\n')],
    ['apps/base/b.yaml', new TextEncoder().encode('b: 2\n')],
  ]);

  it('gives the command a directory with the files, and removes it', async () => {
    const running = await engine(
      '/bin/cat "$4/kustomization.yaml"; echo ---; /bin/cat "$4/../base/b.yaml"; echo "$1 $2 $3" >&2; echo "$4" > ../../seen',
    );
    expect(await running.build(files, 'apps/dev')).toEqual({ ok: true, documents: [{ text: 'a: 1\n' }, { text: 'b: 2\n' }] });
    expect(await readFile(join(folder, 'seen'), 'utf8')).toContain('/files/apps/dev\n');
    expect(await readdir(join(folder, 'tmp'))).toEqual([]);
  });

  it('lets the command find neither programs nor configuration of the user', async () => {
    const running = await engine('echo "path: [$PATH]"; echo "kubeconfig: [$KUBECONFIG]"; [ "$HOME" = "$PWD" ] && echo "home: own"');
    expect(await running.build(files, 'apps/dev')).toEqual({ ok: true, documents: [{ text: 'path: []\nkubeconfig: []\nhome: own\n' }] });
  });

  it.each([
    ['echo "Error: open $PWD/files/a.yaml: gone" >&2; exit 1', 'open a.yaml: gone'],
    [`echo "# Warning: 'bases' is deprecated" >&2; echo "error: in '$PWD/files': bad" >&2; exit 1`, "in '.': bad"],
    [`echo 'E1124 22:08:18.043479    2099 run.go:72] "command failed" err="say \\"no\\"\\\\nagain"' >&2; exit 1`, 'say "no"\nagain'],
    [`printf 'E1124 22:08:18.043479    2099 run.go:72] "command failed" err=<\\n\\tone\\n\\t two\\n >\\n' >&2; exit 1`, 'one\n two'],
  ])('says what the command said: %s', async (script, message) => {
    const running = await engine(script);
    expect(await running.build(files, 'apps/dev')).toEqual({ ok: false, message, fault: 'manifests' });
    expect(await readdir(join(folder, 'tmp'))).toEqual([]);
  });

  it('says that the command could not be run', async () => {
    const missing = new CommandEngine({ name: 'kustomize v0', program: join(folder, 'none'), subcommand: 'build' });
    expect(await missing.build(files, 'apps/dev')).toEqual({
      ok: false,
      message: 'kustomize v0 could not be run (ENOENT)',
      fault: 'engine',
    });
  });
});
