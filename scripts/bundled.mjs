// Makes TypeScript of the repository runnable by Node as it is; what is only for those who work on it stays out of dist/.
import { renameSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Bundles a file, named from the root of the repository, and imports it. @returns its exports. */
export async function importBundled(file) {
  // Below the root, so that code which looks for package.json from where it lies finds it.
  const bundle = join(root, 'node_modules', '.cache', 'ebb', `${file.replaceAll('/', '-')}.mjs`);
  const fresh = join(dirname(bundle), `${process.pid}-${basename(bundle)}`);
  await build({
    entryPoints: [join(root, file)],
    outfile: fresh,
    bundle: true,
    packages: 'external',
    platform: 'node',
    target: 'node20.19',
    format: 'esm',
    sourcemap: 'inline',
    logLevel: 'warning',
  });
  renameSync(fresh, bundle);
  return import(pathToFileURL(bundle).href);
}
