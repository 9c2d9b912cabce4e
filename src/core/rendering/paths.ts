/** Paths of a repository: relative to its root, parts joined by `/`, `''` for the root itself. */

/**
 * Resolves `path` against a directory.
 * @returns undefined where it leads out of the repository or is absolute
 */
export function resolvePath(directory: string, path: string): string | undefined {
  if (path.startsWith('/')) return undefined;
  const parts: string[] = directory === '' ? [] : directory.split('/');
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined) return undefined;
  }
  return parts.join('/');
}

/** Resolves `path` from the root, where `..` at the root stays there (filepath-securejoin, as Flux takes `spec.path`). */
export function resolveWithin(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..') parts.pop();
    else parts.push(part);
  }
  return parts.join('/');
}

export function joinPath(directory: string, name: string): string {
  return directory === '' ? name : `${directory}/${name}`;
}

export function parentOf(path: string): string {
  return path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '';
}

export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** Is `directory` the directory `other` or above it? */
export function contains(directory: string, other: string): boolean {
  return directory === '' || other === directory || other.startsWith(`${directory}/`);
}
