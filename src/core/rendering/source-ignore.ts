/**
 * What a GitRepository leaves out of its artifact: fluxcd/pkg sourceignore (patterns of .gitignore, matched against
 * the path's parts) and artifact/storage archive.go SourceIgnoreFilter.
 */
import { globToRegExp } from './glob.ts';

export const SOURCE_IGNORE = '.sourceignore';

/** Left out whatever is configured. */
const VERSION_CONTROL = ['.git/', '.gitignore', '.gitmodules', '.gitattributes'];

/** Left out where neither a .sourceignore nor `spec.ignore` says anything. */
const DEFAULTS = [
  ...['*.jpg', '*.jpeg', '*.gif', '*.png', '*.wmv', '*.flv', '*.tar.gz', '*.zip'],
  ...['.github/', '.circleci/', '.travis.yml', '.gitlab-ci.yml', 'appveyor.yml', '.drone.yml'],
  ...['cloudbuild.yaml', 'codeship-services.yml', 'codeship-steps.yml'],
  ...['**/.goreleaser.yml', '**/.sops.yaml', '**/.flux.yaml'],
];

export interface IgnorePattern {
  /** The directory, as parts of its path, that the pattern is about. */
  domain: string[];
  parts: string[];
  /** Each part as an expression, compiled once; undefined where it is malformed and matches nothing. */
  globs: ReadonlyMap<string, RegExp | undefined>;
  /** `!pattern` takes in what an earlier pattern left out. */
  includes: boolean;
  directoriesOnly: boolean;
}

/** The patterns of an ignore file in `domain`. */
export function readIgnorePatterns(text: string, domain: string[]): IgnorePattern[] {
  return text
    .split(/\r?\n/)
    .filter((line) => !line.startsWith('#') && line.trim() !== '')
    .map((line) => parsePattern(line, domain));
}

function parsePattern(line: string, domain: string[]): IgnorePattern {
  const includes = line.startsWith('!');
  let pattern = includes ? line.slice(1) : line;
  if (!pattern.endsWith('\\ ')) pattern = pattern.replace(/ +$/, '');
  const directoriesOnly = pattern.endsWith('/');
  if (directoriesOnly) pattern = pattern.slice(0, -1);
  const parts = pattern.split('/');
  return { domain, parts, globs: new Map(parts.map((part) => [part, globToRegExp(part)])), includes, directoriesOnly };
}

const ALWAYS = VERSION_CONTROL.map((line) => parsePattern(line, []));

/** What counts where no ignore file in the whole repository, nor `spec.ignore`, has a pattern. */
export const DEFAULT_PATTERNS: readonly IgnorePattern[] = DEFAULTS.map((line) => parsePattern(line, []));

/**
 * Of a path alone: what is below a directory that is left out may be taken in again.
 * @param path parts of the path from the root of the repository
 * @param patterns those of the ignore files and of `spec.ignore`, the most specific last; or the default ones
 */
export function isIgnored(path: string[], kind: 'file' | 'directory', patterns: readonly IgnorePattern[]): boolean {
  return [...ALWAYS, ...patterns].findLast((pattern) => matches(pattern, path, kind))?.includes === false;
}

function matches(pattern: IgnorePattern, path: string[], kind: 'file' | 'directory'): boolean {
  if (path.length <= pattern.domain.length) return false;
  if (pattern.domain.some((part, index) => path[index] !== part)) return false;
  const below = path.slice(pattern.domain.length);
  return pattern.parts.length > 1 ? matchesPath(pattern, below, kind) : matchesName(pattern, below, kind);
}

/** A pattern without a slash matches a part at any depth, and everything below it. */
function matchesName(pattern: IgnorePattern, path: string[], kind: 'file' | 'directory'): boolean {
  const found = path.findIndex((part) => partMatches(pattern, pattern.parts[0] as string, part));
  if (found < 0) return false;
  return !(pattern.directoriesOnly && kind === 'file' && found === path.length - 1);
}

/** A pattern with slashes is bound to its domain; `**` skips any number of parts. */
function matchesPath(pattern: IgnorePattern, path: string[], kind: 'file' | 'directory'): boolean {
  let rest = path;
  let matched = false;
  let anyDepth = false;
  for (const [index, part] of pattern.parts.entries()) {
    if (part === '') {
      anyDepth = false;
      continue;
    }
    if (part === '**') {
      if (index === pattern.parts.length - 1) break;
      anyDepth = true;
      continue;
    }
    if (part.includes('**') || rest.length === 0) return false;
    if (!anyDepth) {
      if (!partMatches(pattern, part, rest[0] as string)) return false;
      matched = true;
      rest = rest.slice(1);
      continue;
    }
    anyDepth = false;
    const found = rest.findIndex((name) => partMatches(pattern, part, name));
    // Nothing found and nothing left: what matched before no longer counts.
    matched = found >= 0;
    rest = found < 0 ? [] : rest.slice(found + 1);
  }
  return matched && !(pattern.directoriesOnly && kind === 'file' && rest.length === 0);
}

function partMatches({ globs }: IgnorePattern, part: string, name: string): boolean {
  return globs.get(part)?.test(name) ?? false;
}
