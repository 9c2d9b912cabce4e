import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { GIT_REPOSITORY, KUSTOMIZATION } from '../src/api/flux.ts';
import { main } from '../src/cli/main.ts';
import { examplesOf, programToRead } from '../src/cli/reference.ts';
import { type Captured, runCaptured } from '../src/cli/run-captured.ts';
import { explain, openStage, type Stage } from './scenarios/stage.ts';

const DIST = resolve(import.meta.dirname, '..', 'dist');
const commands = programToRead().commands;
const alone = (...args: string[]): Promise<Captured> => runCaptured(main, args, { env: { KUBECONFIG: '/dev/null' }, cwd: '/' });
const has = (program: string) => spawnSync(program, ['--version']).error === undefined;
// biome-ignore lint/suspicious/noControlCharactersInRegex: colour codes begin with ESC
const ESCAPES = /\u001b/;

describe('help', () => {
  it.each(commands.map((command) => command.name()))('of ebb %s has examples, its flags and the global ones', async (name) => {
    const help = await alone(name, '--help');
    expect(help.code).toBe(0);
    expect(help.stdout).toMatch(/^Examples:\n {2}\S*/m);
    expect(help.stdout).toContain('Global Options:');
    expect(help.stdout).toContain('--timeout <duration>');
    expect(help.stdout).not.toMatch(ESCAPES);
  });

  it('of ebb itself tells the exit codes and how a target is written', async () => {
    const help = await alone('--help');
    expect(help.code).toBe(0);
    expect(help.stdout).toContain('Exit codes: 0 done, 1 failed, 2 usage, 3 refused');
    expect(help.stdout).toContain('kustomization/NAMESPACE/NAME');
    for (const command of commands) expect(help.stdout).toContain(command.name());
  });

  it('gives examples that the command line takes', async () => {
    const words = (line: string) => [...line.replace(/ +#.*$/, '').matchAll(/"([^"]*)"|(\S+)/g)].map((match) => match[1] ?? match[2] ?? '');
    for (const example of commands.flatMap(examplesOf).filter((line) => line.startsWith('ebb '))) {
      const program = programToRead();
      await expect(program.parseAsync(words(example).slice(1), { from: 'user' }), example).resolves.toBeDefined();
    }
  });
});

describe('a line that cannot be understood', () => {
  it.each([
    [['statsu'], /unknown command 'statsu'[\s\S]*Did you mean status\?/],
    [['status', '--nope'], /unknown option '--nope'/],
    [['rollback'], /missing required argument 'target'/],
    [['status', 'a', 'b'], /too many arguments/],
    [['rollback', 'a', '--to'], /argument missing/],
    [['history', 'a', '--limit', 'many'], /--limit takes a number/],
    [['rollback', 'a', '--to', 'b', '--commit', 'c'], /--to and --commit exclude each other/],
    [['suspend', 'a', '--for', '1 week'], /--for takes a duration such as 90s, 5m or 2h/],
    [['completion', 'tcsh'], /no completion for "tcsh"/],
  ])('%j ends with 2 and says what to write', async (args, message) => {
    const ended = await alone(...args);
    expect(ended.code).toBe(2);
    expect(ended.stderr).toMatch(message);
    expect(ended.stdout).toBe('');
  });
});

describe('completion', () => {
  let folder: string;
  let env: NodeJS.ProcessEnv;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ebb-completion-'));
    await symlink(join(DIST, 'ebb.js'), join(folder, 'ebb'));
    await symlink(join(DIST, 'ebb.js'), join(folder, 'flux-ebb'));
    env = { ...process.env, PATH: `${folder}:${process.env.PATH}` };
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it.each([
    [['ro'], ['rollback']],
    [['status', '-o', 'j'], ['json']],
    [
      ['rollback', 'sample-app', '--strategy', ''],
      ['revert', 'restore', 'pin', 'suspend'],
    ],
    [['-n', 'apps', 'rollback', 'sample-app', '--sco'], ['--scope']],
    [['suspend', 'rollback', '--f'], ['--for']],
    [['rollback', 'sample-app', '--dry-run', '--yes', '-'], expect.arrayContaining(['--to', '--yes', '--commit'])],
    [
      ['completion', ''],
      ['bash', 'zsh', 'fish'],
    ],
  ])("answers by Cobra's protocol: %j", async (words, offered) => {
    const ended = await alone('__complete', ...words);
    expect(ended.code).toBe(0);
    expect(ended.stdout.split('\n').filter((line) => !line.startsWith(':') && line !== '')).toEqual(offered);
    expect(ended.stdout).toMatch(/\n:4\n$/);
  });

  it('works in bash', () => {
    const typed = (line: string) => {
      const words = line.split(' ');
      const script = `source <(ebb completion bash)
        complete -p ebb >/dev/null || exit 9
        COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}
        _ebb; printf '%s\\n' "\${COMPREPLY[@]}"`;
      return execFileSync('bash', ['--norc', '-c', script], { env, encoding: 'utf8' }).trim().split('\n');
    };
    expect(typed('ebb roll')).toEqual(['rollback']);
    expect(typed('ebb rollback sample-app --strategy re')).toEqual(['revert', 'restore']);
    expect(typed('ebb pin sample-app --f')).toEqual(['--for']);
  });

  it.skipIf(!has('zsh'))('works in zsh (skipped where it is not installed)', () => {
    const script = 'autoload -U compinit; compinit -D; source <(ebb completion zsh); print $_comps[ebb]';
    expect(execFileSync('zsh', ['-f', '-c', script], { env, encoding: 'utf8' }).trim()).toBe('_ebb');
  });

  it.skipIf(!has('fish'))('works in fish (skipped where it is not installed)', () => {
    const script = 'ebb completion fish | source; complete --do-complete "ebb roll"';
    expect(execFileSync('fish', ['--no-config', '-c', script], { env, encoding: 'utf8' }).trim()).toBe('rollback');
  });

  it('is there for flux, whose plugin it is', () => {
    expect(existsSync(join(DIST, 'flux-ebb'))).toBe(true);
    const complete = execFileSync('flux-ebb', ['__complete', 'stat'], { env, encoding: 'utf8' });
    expect(complete).toBe('status\n:4\n');
    expect(execFileSync('flux-ebb', ['--version'], { env, encoding: 'utf8' })).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

describe('on a cluster', () => {
  let stage: Stage;
  let bad: string;
  beforeAll(async () => {
    // Flux still waits for the bad release when the last of these tests looks, however busy the machine is.
    stage = await openStage({ timeout: '10m', featureGates: { cancelHealthCheckOnNewRevision: true } });
    bad = await stage.developer.release('1.2.0');
    await stage.fetchNow();
    await stage.untilAttempted(bad);
  });
  afterAll(() => stage?.leave());

  /** What a person or Git declared; what controllers observe changes by itself. */
  const declared = async () => {
    const lists = await Promise.all(
      [KUSTOMIZATION, GIT_REPOSITORY, { apiVersion: 'apps/v1', kind: 'Deployment' }].map((kind) => stage.cluster.list(kind)),
    );
    const objects = lists
      .flat()
      .map(({ kind, metadata, spec }) => ({ kind, name: metadata.name, annotations: metadata.annotations, spec }));
    return { objects, refs: await stage.developer.git('ls-remote', 'origin') };
  };

  it('every command speaks JSON and YAML', async () => {
    const runs = [
      ['status'],
      ['status', 'sample-app'],
      ['status', 'nobody'],
      ['history', 'sample-app'],
      ['verify', 'sample-app', '--timeout', '1s'],
      ['rollback', 'sample-app', '--dry-run'],
      ['rollback', 'sample-app', '--to', 'nowhere'],
      ['rollback', 'sample-app'],
      ['pin', 'sample-app', '--dry-run'],
      ['unpin', 'sample-app', '--dry-run'],
      ['suspend', 'sample-app', '--dry-run'],
      ['resume', 'sample-app', '--dry-run'],
      ['suspended'],
      ['resume-rollback'],
      ['resume-rollback', 'rb-000000000000'],
      ['completion', 'bash'],
    ];
    for (const args of runs) {
      const [json, yaml] = [explain(await stage.ebb(...args, '-o', 'json')), explain(await stage.ebb(...args, '-o', 'yaml'))];
      expect(json.json(), args.join(' ')).toMatchObject({
        apiVersion: 'ebb.dev/v1alpha1',
        kind: expect.stringMatching(/^[A-Z][A-Za-z]+$/),
      });
      expect(parse(yaml.stdout), args.join(' ')).toMatchObject({
        apiVersion: 'ebb.dev/v1alpha1',
        kind: (json.json() as { kind: string }).kind,
      });
      expect(yaml.code).toBe(json.code);
    }
  });

  it('ends with the code that is documented', async () => {
    const code = async (...args: string[]) => explain(await stage.ebb(...args)).code;
    expect(await code('status')).toBe(0);
    expect(await code('status', 'nobody')).toBe(1);
    expect(await code('status', 'a/b/c/d')).toBe(2);
    expect(await code('rollback', 'sample-app', '--to', 'nowhere')).toBe(3);
    expect(await code('verify', 'sample-app', '--timeout', '1s')).toBe(4);
  });

  it('asks nothing without a terminal: it says what to add, and has changed nothing', async () => {
    const before = await declared();
    const ended = explain(await stage.ebb('rollback', 'sample-app'));
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain('there is no terminal');
    expect(ended.stderr).toContain('--yes');
    expect(ended.stderr).toContain('--dry-run');
    expect(await declared()).toEqual(before);
  });

  it('changes nothing on a dry run, whatever the command', async () => {
    const dry = async (...args: string[]) => {
      const before = await declared();
      const ended = explain(await stage.ebb(...args, '--dry-run'));
      expect(ended.code, args.join(' ')).toBe(0);
      expect(await declared(), args.join(' ')).toEqual(before);
      return ended.stdout;
    };
    for (const strategy of ['revert', 'restore', 'pin', 'suspend'])
      expect(await dry('rollback', 'sample-app', '--strategy', strategy)).toContain('nothing was changed');
    await dry('pin', 'sample-app', '--reason', 'x');
    await dry('suspend', 'sample-app', '--reason', 'x', '--for', '1s');
    expect(explain(await stage.ebb('suspend', 'sample-app', '--reason', 'x', '--for', '1s')).code).toBe(0);
    await stage.until('the hold has run out', async () => (await stage.ebb('suspended')).stdout.includes('EXPIRED'));
    await dry('resume', 'sample-app');
    await dry('suspended', '--enforce');
    expect(explain(await stage.ebb('resume', 'sample-app', '--no-wait')).code).toBe(0);
    expect((await stage.ebb('resume-rollback')).stdout).toContain('no rollback is open');
  });

  it('paints on a terminal alone, and not where it is told not to', async () => {
    const painted = async (args: string[], env: Record<string, string>) => {
      const chunks: string[] = [];
      const stream = Object.assign(new Writable({ write: (chunk, _encoding, done) => done(void chunks.push(String(chunk))) }), {
        isTTY: true,
        columns: 200,
      });
      const stdin = Readable.from([]) as unknown as NodeJS.ReadStream;
      await main(args, {
        stdout: stream,
        stderr: stream,
        stdin,
        env: { KUBECONFIG: stage.kubeconfig, ...env },
        cwd: '/',
        signal: new AbortController().signal,
      });
      return ESCAPES.test(chunks.join(''));
    };
    expect(await painted(['status'], {})).toBe(true);
    expect(await painted(['status', '--no-color'], {})).toBe(false);
    expect(await painted(['status'], { NO_COLOR: '1' })).toBe(false);
    expect(await painted(['status'], { TERM: 'dumb' })).toBe(false);
    expect(await painted(['status', 'nobody'], {})).toBe(true);
    expect(await painted(['status', 'nobody', '--no-color'], {})).toBe(false);
    expect(await painted(['status', '-o', 'json'], {})).toBe(false);
    const { stdout, stderr } = await stage.ebbWith({ env: { NO_COLOR: '' } }, 'status', 'sample-app');
    expect(stdout + stderr).not.toMatch(ESCAPES);
  });

  it('stops waiting when the time is over, and goes on later', async () => {
    const ended = explain(await stage.ebb('rollback', 'sample-app', '--yes', '--timeout', '1s', '-o', 'json'));
    expect(ended.code).toBe(4);
    const { id, outcome } = ended.json<{ id: string; outcome: string }>();
    expect(outcome).toBe('timed-out');
    const resumed = explain(await stage.ebb('resume-rollback', id, '--yes', '-o', 'json'));
    expect(resumed.code).toBe(0);
    expect(resumed.json()).toMatchObject({ kind: 'Rollback', verified: true });
  });

  it('does what it was told to the end when its reader goes away', async () => {
    await stage.developer.git('pull', '--quiet', '--rebase', 'origin', 'main');
    const worse = await stage.developer.release('1.3.0');
    await stage.fetchNow();
    await stage.untilAttempted(worse);
    await stage.untilWell();
    const script = `node '${join(DIST, 'ebb.js')}' rollback sample-app --yes 2>&1 | head -1; exit "\${PIPESTATUS[0]}"`;
    const env = {
      ...process.env,
      KUBECONFIG: stage.kubeconfig,
      EBB_CACHE_DIR: join(stage.home, 'cache'),
      EBB_STATE_DIR: join(stage.home, 'state'),
    };
    const { stdout } = await promisify(execFile)('bash', ['-c', script], { cwd: stage.developer.folder, env });
    expect(stdout.trim().split('\n')).toHaveLength(1);
    await stage.developer.git('pull', '--quiet', '--rebase', 'origin', 'main');
    expect(await stage.developer.git('log', '-1', '--format=%s')).toBe('Revert "sample-saas-app: release 1.3.0 to dev"');
    expect(await stage.images()).toEqual(['ghcr.io/ebb-dev/sample-saas-app:1.0.0']);
    expect((await stage.ebb('resume-rollback')).stdout).toContain('no rollback is open');
  });

  it('works as a plugin of flux in a process of its own', async () => {
    const env = {
      ...process.env,
      KUBECONFIG: stage.kubeconfig,
      EBB_CACHE_DIR: join(stage.home, 'cache'),
      EBB_STATE_DIR: join(stage.home, 'state'),
    };
    const { stdout } = await promisify(execFile)(join(DIST, 'flux-ebb'), ['status'], { cwd: stage.developer.folder, env });
    expect(stdout).toMatch(/^kustomization\/flux-system\/sample-app +True/m);
  });
});
