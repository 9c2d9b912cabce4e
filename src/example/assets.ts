/** Where the example repository and the sample application lie, in a clone and in the package alike. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Failure } from '../core/failure.ts';

/** The folder that holds package.json, from wherever this code was bundled to. */
export function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Failure('Bug', 'the package has no package.json');
    folder = parent;
  }
  return folder;
}

/** The guide's repository. */
export function exampleFolder(): string {
  return join(packageRoot(), 'examples', 'gitops-pipeline');
}

/** The sample application, bundled. @throws Failure where it was not built. */
export function sampleApp(): string {
  const file = join(packageRoot(), 'dist', 'sample-app.js');
  if (existsSync(file)) return file;
  throw new Failure('Bug', 'the sample application was not built', { next: ['npm run setup'] });
}
