// Measures rollbacks on a real control plane: see bench/cluster/main.ts.
import { importBundled } from './bundled.mjs';

await importBundled('bench/cluster/main.ts');
