// Writes docs/reference/commands.md from the program itself.
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { outputFiles } = await build({
  entryPoints: [join(root, 'src/cli/reference.ts')],
  bundle: true,
  write: false,
  // What a command does is loaded when it runs, and none runs here.
  external: ['./commands/*'],
  platform: 'node',
  format: 'esm',
  banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(process.cwd() + '/');" },
});
const { referencePage } = await import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`);
writeFileSync(join(root, 'docs/reference/commands.md'), referencePage());
console.log('docs/reference/commands.md is written');
