/** Builds what one module gives. */
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { copyWritable } from './folders.ts';
import { goModOf, type Manifests, type Module, moduleFolder } from './recipe.ts';
import { runGo, type Toolchain } from './toolchain.ts';

/** Small programs that do not tell where they were built. */
export const LINKER_FLAGS = '-s -w';

export interface ModuleBuild {
  module: Module;
  toolchain: Toolchain;
  /** An empty folder; gets `bin/<program>` and the manifests. */
  folder: string;
  /** Hears what is being built, and what go is fetching for it. */
  onStep: (step: string) => void;
}

/** @throws GoFailed with what go said. */
export async function buildModule(build: ModuleBuild): Promise<void> {
  const { module, folder } = build;
  const work = join(folder, 'work');
  mkdirSync(work);
  // go leaves its own temporary files behind when it is killed; here they are swept away with the rest.
  const toolchain = { ...build.toolchain, env: { ...build.toolchain.env, GOTMPDIR: work } };
  const own = { ...build, toolchain };
  const cwd = module.builtInCopyWith ? await writableCopy(own, join(work, 'module')) : moduleFolder(module);
  const linkerFlags = [LINKER_FLAGS, ...programFlags(module, goModOf(module))].join(' ');
  for (const program of module.programs) {
    build.onStep(program.name);
    const target = join(folder, 'bin', program.name);
    const args = ['build', '-buildvcs=false', '-trimpath', `-ldflags=${linkerFlags}`, '-o', target, program.package];
    await runGo({ toolchain, cwd, args, onLine: (line) => build.onStep(`${program.name}${fetching(line)}`) });
  }
  for (const manifests of module.manifests) await copyManifests(own, manifests);
  rmSync(work, { recursive: true, force: true });
}

/** The linker's flags that set the module's variables. */
export function programFlags(module: Module, goMod: string): string[] {
  return Object.entries(module.variables(goMod)).map(([variable, value]) => `-X ${variable}=${value}`);
}

/** A copy of the module that has the program, with what it lacks. @returns its path. */
async function writableCopy(build: ModuleBuild, copy: string): Promise<string> {
  const { module } = build;
  for (const program of module.programs) copyWritable(await folderOfModule(build, program.package), copy);
  for (const [path, content] of Object.entries(module.builtInCopyWith ?? {})) {
    mkdirSync(dirname(join(copy, path)), { recursive: true });
    writeFileSync(join(copy, path), content);
  }
  return copy;
}

async function copyManifests(build: ModuleBuild, { package: path, from, to, ofKind }: Manifests): Promise<void> {
  const source = join(await folderOfModule(build, path), from);
  const target = join(build.folder, to);
  mkdirSync(target, { recursive: true });
  const names = readdirSync(source).filter((name) => name.endsWith('.yaml'));
  for (const name of names.filter((file) => ofKind === undefined || hasKind(join(source, file), ofKind))) {
    copyFileSync(join(source, name), join(target, name));
  }
}

/** The folder of the module that has the package; go fetches it if need be. */
async function folderOfModule({ module, toolchain }: ModuleBuild, path: string): Promise<string> {
  // -e, for a package that lacks an embedded file; -find, for what it imports is of no interest.
  const args = ['list', '-e', '-find', '-f', '{{.Module.Dir}}', path];
  return (await runGo({ toolchain, cwd: moduleFolder(module), args })).trim();
}

function hasKind(file: string, kind: string): boolean {
  return readFileSync(file, 'utf8').split('\n').includes(`kind: ${kind}`);
}

function fetching(line: string): string {
  const what = /^go: downloading (\S+)/.exec(line)?.[1];
  return what === undefined ? '' : `: fetching ${what}`;
}
