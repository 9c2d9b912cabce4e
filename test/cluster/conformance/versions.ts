/** What the sandbox is compared with, as the pinned modules say. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const PROGRAMS: readonly (readonly [name: string, module: string, path: string])[] = [
  ['Kubernetes', 'kubernetes', 'k8s.io/kubernetes'],
  ['source-controller', 'source-controller', 'github.com/fluxcd/source-controller'],
  ['kustomize-controller', 'flux', 'github.com/fluxcd/kustomize-controller'],
  ['kwok', 'kwok', 'sigs.k8s.io/kwok'],
];

/** @param modules the folder of the pinned modules */
export function comparedVersions(modules: string): { name: string; version: string }[] {
  return PROGRAMS.map(([name, module, path]) => {
    const text = readFileSync(join(modules, module, 'go.mod'), 'utf8');
    const line = text.split('\n').find((one) =>
      one
        .trim()
        .replace(/^require /, '')
        .startsWith(`${path} v`),
    );
    if (!line) throw new Error(`${module}/go.mod does not name a version of ${path}`);
    return {
      name,
      version: (
        line
          .trim()
          .replace(/^require /, '')
          .split(' ')[1] as string
      ).slice(1),
    };
  });
}
