// Bundles the command line, the sample application and the bench into dist/, and builds the renderer where Go is present.
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, 'dist');
const stamp = join(dist, '.built');

function* files(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* files(path);
    else if (entry.isFile() && /\.(ts|mjs|json)$/.test(entry.name) && !entry.name.endsWith('.test.ts')) yield path;
  }
}

function fingerprint() {
  const hash = createHash('sha256').update(process.version);
  const folders = ['src', 'bench', 'scripts', 'examples/gitops-pipeline/app'].map((name) => join(root, name)).filter(existsSync);
  for (const path of [
    join(root, 'package.json'),
    join(root, 'package-lock.json'),
    ...folders.flatMap((folder) => [...files(folder)]),
  ].sort()) {
    hash.update(relative(root, path)).update(readFileSync(path));
  }
  return hash.digest('hex');
}

const want = fingerprint();
if (!(existsSync(stamp) && readFileSync(stamp, 'utf8') === want)) await bundle();
await import('./build-renderer.mjs');

async function bundle() {
  const { build } = await import('esbuild');
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  mkdirSync(dist, { recursive: true });
  // Built beside dist/ and moved in when all of it is good: a build that fails leaves the last good one.
  const fresh = join(dist, `.fresh-${process.pid}`);
  process.on('exit', () => rmSync(fresh, { recursive: true, force: true }));
  const common = {
    bundle: true,
    platform: 'node',
    target: 'node20.19',
    format: 'esm',
    legalComments: 'none',
    logLevel: 'warning',
    define: { EBB_VERSION: JSON.stringify(version) },
    // CommonJS packages inside an ES module need a require of their own.
    banner: { js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);" },
  };
  const bench = join(root, 'bench', 'bench.ts');
  await build({
    ...common,
    entryPoints: { ebb: join(root, 'src/cli/ebb.ts'), ...(existsSync(bench) ? { bench } : {}) },
    outdir: fresh,
    splitting: true,
    chunkNames: 'chunk-[hash]',
  });
  await build({ ...common, entryPoints: { 'sample-app': join(root, 'examples/gitops-pipeline/app/server.ts') }, outdir: fresh });
  for (const name of readdirSync(dist)) if (/\.(js|map)$/.test(name)) rmSync(join(dist, name));
  for (const name of readdirSync(fresh)) renameSync(join(fresh, name), join(dist, name));
  chmodSync(join(dist, 'ebb.js'), 0o755);
  const plugin = join(dist, 'flux-ebb');
  rmSync(plugin, { force: true });
  symlinkSync('ebb.js', plugin);
  writeFileSync(stamp, want);
}
