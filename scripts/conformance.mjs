// Writes the comparison with the real control plane into docs/reference/sandbox.md, from the list of accepted differences.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { outputFiles } = await build({
  entryPoints: [join(root, 'test/cluster/conformance/page.ts')],
  bundle: true,
  write: false,
  platform: 'node',
  format: 'esm',
  banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(process.cwd() + '/');" },
});
const { comparisonSection, withComparison } = await import(
  `data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`
);
const page = join(root, 'docs/reference/sandbox.md');
writeFileSync(page, withComparison(readFileSync(page, 'utf8'), comparisonSection(join(root, 'test/cluster/modules'))));
console.log('docs/reference/sandbox.md is written');
