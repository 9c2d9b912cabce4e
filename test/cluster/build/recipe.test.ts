import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { goModOf, MODULES, moduleFolder, PROGRAMS, requiredVersion } from './recipe.ts';

it('has a module for every program, and no other', () => {
  const built = MODULES.flatMap((module) => module.programs.map((program) => program.name));
  expect(built.sort()).toEqual([...PROGRAMS].sort());
  const folders = readdirSync(dirname(moduleFolder({ ...(MODULES[0] as (typeof MODULES)[number]), name: 'any' })));
  expect(MODULES.map((module) => module.name).sort()).toEqual(folders.sort());
});

describe.each(MODULES)('the module $name', (module) => {
  const goMod = goModOf(module);

  it.each(module.programs)('pins the release of $name, with its checksum', (program) => {
    const path = moduleOf(program.package, goMod);
    const version = requiredVersion(goMod, path);
    expect(version).toMatch(/^v\d+\.\d+\.\d+$/);
    const sums = readFileSync(join(moduleFolder(module), 'go.sum'), 'utf8').split('\n');
    expect(sums.filter((line) => line.startsWith(`${path} ${version} h1:`))).toHaveLength(1);
  });

  it('takes nothing from the machine that it is built on', () => {
    expect(goMod).not.toMatch(/=>\s*[./]/);
    expect(goMod).not.toMatch(/^toolchain /m);
  });
});

/** The longest required path that the package is below. */
function moduleOf(path: string, goMod: string): string {
  const required = [...goMod.matchAll(/^(?:require)?\s+(\S+) v/gm)].map((match) => match[1] ?? '');
  const above = required.filter((candidate) => path === candidate || path.startsWith(`${candidate}/`));
  return above.sort((a, b) => b.length - a.length)[0] ?? `nothing requires ${path}`;
}
