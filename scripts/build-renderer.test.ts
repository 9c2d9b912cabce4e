import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const SCRIPT = fileURLToPath(new URL('build-renderer.mjs', import.meta.url));

describe('building the renderer', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ebb-build-renderer-'));
    await mkdir(join(folder, 'bin'));
    await mkdir(join(folder, 'render'));
    await writeFile(join(folder, 'render', 'main.go'), 'package main\n');
    await writeFile(join(folder, 'render', 'go.mod'), 'module x\n');
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  async function command(name: string, script: string): Promise<void> {
    await writeFile(join(folder, 'bin', name), `#!/bin/sh\n${script}\n`);
    await chmod(join(folder, 'bin', name), 0o755);
  }

  /** A go that writes what it was called with to the file after -o. */
  const goWorks = () => command('go', 'all="CGO_ENABLED=$CGO_ENABLED $*"; while [ "$1" != "-o" ]; do shift; done; echo "$all" > "$2"');

  /** @returns what the script prints; it fails the test where the script fails */
  function run(): Promise<string> {
    const options = { env: { PATH: join(folder, 'bin') } };
    return new Promise((resolve, reject) => {
      execFile(process.execPath, [SCRIPT, join(folder, 'render'), join(folder, 'dist')], options, (fault, stdout) =>
        fault ? reject(fault) : resolve(stdout),
      );
    });
  }

  it('builds a static program without traces of where it was built, and nothing while it is up to date', async () => {
    await goWorks();
    expect(await run()).toBe('ebb-render is built\n');
    expect(await readFile(join(folder, 'dist', 'ebb-render'), 'utf8')).toMatch(/^CGO_ENABLED=0 build -trimpath .*-mod=readonly/);
    expect((await readdir(join(folder, 'dist'))).sort()).toEqual(['ebb-render', 'ebb-render.sha256']);
    expect(await run()).toBe('ebb-render is up to date\n');
  });

  it('builds again when a source has changed', async () => {
    await goWorks();
    await run();
    await writeFile(join(folder, 'render', 'main.go'), 'package main // changed\n');
    expect(await run()).toBe('ebb-render is built\n');
  });

  it('says in one line what renders instead where there is no Go', async () => {
    await command('kubectl', '');
    expect(await run()).toBe('ebb-render is not built, for Go is not on PATH: kubectl on PATH renders instead, more slowly\n');
    await command('kustomize', '');
    expect(await run()).toContain('kustomize on PATH renders instead');
  });

  it('says what to install where nothing can render', async () => {
    expect(await run()).toMatch(/^ebb-render is not built, for Go is not on PATH: install Go, .*node scripts\/build-renderer\.mjs\n$/);
  });

  it('keeps the program that is there when a build fails', async () => {
    await goWorks();
    await run();
    await writeFile(join(folder, 'render', 'main.go'), 'package broken\n');
    await command('go', 'echo "go: downloading x" >&2; echo "main.go:1: broken" >&2; exit 1');
    expect(await run()).toMatch(/^ebb-render is not built, for go build failed \(main\.go:1: broken\): the one built before renders /);
    expect(await readFile(join(folder, 'dist', 'ebb-render'), 'utf8')).toContain('build');
    expect((await readdir(join(folder, 'dist'))).sort()).toEqual(['ebb-render', 'ebb-render.sha256']);
  });
});
