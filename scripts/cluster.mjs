// Starts a real control plane and leaves it running for a person: see test/cluster/README.md.
import { importBundled } from './bundled.mjs';

await importBundled('test/cluster/main.ts');
