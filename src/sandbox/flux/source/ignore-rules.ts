/**
 * Which files of a repository stay out of its artifact: `spec.ignore`, `.sourceignore` files, Flux's defaults.
 * Source: fluxcd/pkg sourceignore, artifact/storage/archive.go (SourceIgnoreFilter); https://git-scm.com/docs/gitignore.
 */

const VERSION_CONTROL = ['.git/', '.gitignore', '.gitmodules', '.gitattributes'];
const DEFAULTS = [
  ...['*.jpg', '*.jpeg', '*.gif', '*.png', '*.wmv', '*.flv', '*.tar.gz', '*.zip'],
  ...['.github/', '.circleci/', '.travis.yml', '.gitlab-ci.yml', 'appveyor.yml', '.drone.yml', 'cloudbuild.yaml'],
  ...['codeship-services.yml', 'codeship-steps.yml', '**/.goreleaser.yml', '**/.sops.yaml', '**/.flux.yaml'],
];

export const IGNORE_FILE = '.sourceignore';

/** The lines of one ignore file and the directory that it lies in (`''` is the root). */
export interface IgnoreLines {
  directory: string;
  text: string;
}

interface Rule {
  keeps: boolean;
  directoriesOnly: boolean;
  /** Against the whole path below the rule's directory, or against one name where the rule has no slash. */
  pattern: RegExp;
  anchored: boolean;
  directory: string;
}

/** Tells of a file's path whether it is left out. Any rule of the repository's own replaces the defaults. */
export function ignoreFilter(sources: readonly IgnoreLines[]): (path: string) => boolean {
  const own = sources.flatMap(({ directory, text }) => text.split(/\r?\n/).flatMap((line) => parseRule(line, directory)));
  const rest = own.length > 0 ? own : DEFAULTS.flatMap((line) => parseRule(line, ''));
  const rules = [...VERSION_CONTROL.flatMap((line) => parseRule(line, '')), ...rest].reverse();
  return (path) => {
    const decisive = rules.find((rule) => applies(rule, path));
    return decisive !== undefined && !decisive.keeps;
  };
}

function parseRule(line: string, directory: string): Rule[] {
  if (line.startsWith('#') || line.trim() === '') return [];
  const keeps = line.startsWith('!');
  const text = (keeps ? line.slice(1) : line).replace(/^\\/, '').trimEnd();
  const directoriesOnly = text.endsWith('/');
  const body = directoriesOnly ? text.slice(0, -1) : text;
  const anchored = body.includes('/');
  return [{ keeps, directoriesOnly, anchored, directory, pattern: globPattern(body.replace(/^\//, '')) }];
}

function applies(rule: Rule, path: string): boolean {
  const prefix = rule.directory === '' ? '' : `${rule.directory}/`;
  if (!path.startsWith(prefix)) return false;
  const names = path.slice(prefix.length).split('/');
  // A rule that meets a directory holds for everything below it.
  return names.some((name, index) => {
    const isFile = index === names.length - 1;
    if (rule.directoriesOnly && isFile) return false;
    return rule.pattern.test(rule.anchored ? names.slice(0, index + 1).join('/') : name);
  });
}

function globPattern(glob: string): RegExp {
  let source = '';
  for (let index = 0; index < glob.length; ) {
    const rest = glob.slice(index);
    const [token, expression] = globToken(rest, index === 0);
    source += expression;
    index += token.length;
  }
  return new RegExp(`^${source}$`);
}

function globToken(rest: string, atStart: boolean): [token: string, expression: string] {
  if (atStart && rest.startsWith('**/')) return ['**/', '(?:.*/)?'];
  if (rest.startsWith('/**/')) return ['/**/', '/(?:.*/)?'];
  if (rest === '/**') return ['/**', '/.*'];
  const range = /^\[(!|\^)?([^\]]+)\]/.exec(rest);
  if (range) return [range[0], `[${range[1] ? '^' : ''}${(range[2] as string).replace(/[\\[\]^]/g, String.raw`\$&`)}]`];
  const stars = /^\*+/.exec(rest);
  if (stars) return [stars[0], '[^/]*'];
  if (rest.startsWith('?')) return ['?', '[^/]'];
  const escaped = /^\\(.)/.exec(rest);
  const literal = escaped ? (escaped[1] as string) : (rest[0] as string);
  return [escaped ? escaped[0] : literal, literal.replace(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`)];
}
