/**
 * Builds the Go program of render/ into dist/ebb-render when Go is on PATH; does nothing when it is up to date.
 * Without Go, or when the build fails, it says in one line what renders instead, and is no failure.
 *
 *     node scripts/build-renderer.mjs [sources] [build directory]
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { accessSync, constants, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const sources = resolve(process.argv[2] ?? join(root, 'render'));
const buildDirectory = resolve(process.argv[3] ?? join(root, 'dist'));
const suffix = process.platform === 'win32' ? '.exe' : '';
const program = join(buildDirectory, `ebb-render${suffix}`);
const stamp = join(buildDirectory, 'ebb-render.sha256');

const go = findOnPath('go');
const wanted = hashOf(sources);
if (isUpToDate(wanted)) console.log('ebb-render is up to date');
else if (go === undefined) console.log(`ebb-render is not built, for Go is not on PATH: ${substitute()}`);
else build(go, wanted);

function build(compiler, hash) {
  mkdirSync(buildDirectory, { recursive: true });
  const unfinished = `${program}.${process.pid}`;
  const flags = ['-trimpath', '-buildvcs=false', '-mod=readonly', '-ldflags=-s -w'];
  const { status, stderr, error } = spawnSync(compiler, ['build', ...flags, '-o', unfinished, '.'], {
    cwd: sources,
    env: { ...process.env, CGO_ENABLED: '0' },
    encoding: 'utf8',
  });
  if (status === 0) {
    renameSync(unfinished, program);
    writeFileSync(stamp, `${hash}\n`);
    console.log('ebb-render is built');
    return;
  }
  rmSync(unfinished, { force: true });
  const said = (stderr ?? '').split('\n').filter((line) => line !== '' && !line.startsWith('go: downloading'));
  console.log(`ebb-render is not built, for go build failed (${error?.message ?? said.at(-1) ?? `exit code ${status}`}): ${substitute()}`);
}

function isUpToDate(hash) {
  return existsSync(program) && existsSync(stamp) && readFileSync(stamp, 'utf8').trim() === hash;
}

/** Of the names and contents of the sources, and of what they are built for. */
function hashOf(directory) {
  const hash = createHash('sha256').update(`${process.env.GOOS ?? process.platform}/${process.env.GOARCH ?? process.arch}\n`);
  const names = readdirSync(directory).filter(
    (name) => (name.endsWith('.go') && !name.endsWith('_test.go')) || /^go\.(mod|sum)$/.test(name),
  );
  for (const name of names.sort()) {
    const content = readFileSync(join(directory, name));
    hash.update(`${name} ${content.length}\n`).update(content);
  }
  return hash.digest('hex');
}

/** An older build still serves: the renderer takes what is there. */
function substitute() {
  if (existsSync(program)) return `the one built before renders (${program})`;
  const command = ['kustomize', 'kubectl'].find(findOnPath);
  if (command) return `${command} on PATH renders instead, more slowly`;
  return 'install Go, kustomize (v5.0 or newer) or kubectl (v1.27 or newer), and run: node scripts/build-renderer.mjs';
}

function findOnPath(command) {
  return (process.env.PATH ?? '')
    .split(delimiter)
    .filter(Boolean)
    .map((directory) => join(directory, `${command}${suffix}`))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}
