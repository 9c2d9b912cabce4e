import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { programToRead, referencePage } from '../src/cli/reference.ts';

const ROOT = resolve(import.meta.dirname, '..');
const program = programToRead();
const commands = new Map(program.commands.map((command) => [command.name(), command]));
const globalFlags = flagsOf(program.options);
/** Flags of Flux's controllers and of kubectl that the pages explain. */
const FOREIGN = ['--feature-gates', '--concurrent', '--cascade'];
const anyFlags = new Set([...FOREIGN, ...globalFlags, ...program.commands.flatMap((command) => [...flagsOf(command.options)])]);

describe.each(pages())('%s', (page) => {
  const text = readFileSync(join(ROOT, page), 'utf8');

  it('names commands and flags that there are', () => {
    expect(snippets(text).flatMap(faults)).toEqual([]);
  });

  it('links to what there is', () => {
    const links = [...withoutCode(text).matchAll(/\]\(([^)\s]+)\)/g)]
      .map((match) => match[1] as string)
      .filter((link) => !/^[a-z]+:/.test(link));
    expect(links.filter((link) => !reaches(page, link))).toEqual([]);
  });

  it('names scripts that there are', () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { scripts: Record<string, string> };
    const named = [...text.matchAll(/npm run ([a-z-]+)/g)].map((match) => match[1] as string);
    expect(named.filter((name) => scripts[name] === undefined)).toEqual([]);
  });
});

describe('docs/reference/commands.md', () => {
  it('is what the program says (npm run docs writes it)', () => {
    expect(readFileSync(join(ROOT, 'docs/reference/commands.md'), 'utf8')).toBe(referencePage());
  });

  it('has an example of every command', () => {
    const page = referencePage();
    for (const name of commands.keys()) expect(page).toMatch(new RegExp(`^(source <\\()?ebb ${name}`, 'm'));
  });
});

/** The pages that people read, from the root of the repository. */
function pages(): string[] {
  const docs = readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.md'));
  const examples = ['examples/gitops-pipeline/README.md'];
  return ['README.md', 'CONTRIBUTING.md', ...docs.map((name) => join('docs', name)), ...examples].sort();
}

/** Lines of code blocks, the prompt taken off and lines continued with `\` joined; and code in running text. */
function snippets(text: string): string[] {
  const blocks = [...text.matchAll(/^ *```[a-z]*\n([\s\S]*?)^ *```/gm)].map((match) => match[1] as string);
  const lines = blocks.flatMap((block) => block.replaceAll('\\\n', ' ').split('\n')).map((line) => line.trim().replace(/^\$ /, ''));
  const spans = [...withoutCode(text).matchAll(/`([^`]+)`/g)].map((match) => (match[1] as string).replaceAll('\n', ' '));
  return [...lines, ...spans].flatMap((line) => line.split(/ && | \| |; then /));
}

function withoutCode(text: string): string {
  return text.replace(/^ *```[\s\S]*?^ *```/gm, '');
}

/** What is wrong with a line that calls ebb, or that begins with a flag. */
function faults(line: string): string[] {
  const words = line.replace(/ #.*$/, '').trim().split(/\s+/);
  const [first, second = ''] = words;
  const called = first === 'flux' && second === 'ebb' ? words.slice(2) : first === 'ebb' || first === 'npx' ? words.slice(1) : undefined;
  if (called === undefined) return first !== undefined && /^--[a-z]/.test(first) ? unknownFlags([first], anyFlags, line) : [];
  const name = called.find((word) => !word.startsWith('-'));
  if (name === undefined || !/^[a-z-]+$/.test(name)) return unknownFlags(called, new Set([...globalFlags, '--help', '-h']), line);
  const command = commands.get(name);
  if (!command) return name === 'help' ? [] : [`no command ${name}: ${line}`];
  return unknownFlags(called, new Set([...globalFlags, ...flagsOf(command.options), '--help', '-h']), line);
}

function unknownFlags(words: string[], known: ReadonlySet<string>, line: string): string[] {
  return words
    .map((word) => /^(--?[a-z][a-z-]*)/i.exec(word)?.[1])
    .filter((flag): flag is string => flag !== undefined && !known.has(flag))
    .map((flag) => `no flag ${flag}: ${line}`);
}

function flagsOf(options: readonly { long?: string | undefined; short?: string | undefined }[]): Set<string> {
  return new Set(options.flatMap((option) => [option.long, option.short]).filter((flag): flag is string => flag !== undefined));
}

function reaches(page: string, link: string): boolean {
  const [path = '', anchor] = link.split('#');
  const file = path === '' ? join(ROOT, page) : resolve(ROOT, dirname(page), path);
  if (relative(ROOT, file).startsWith('..')) return false;
  try {
    if (anchor === undefined || statSync(file).isDirectory()) return statSync(file) !== undefined;
    const headings = [...readFileSync(file, 'utf8').matchAll(/^#+ (.*)$/gm)].map((match) => slug(match[1] as string));
    return headings.includes(anchor);
  } catch {
    return false;
  }
}

/** GitHub's anchors of headings. */
function slug(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(' ', '-');
}
