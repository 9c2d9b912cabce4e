/** The page docs/reference/commands.md, made from the program itself; `npm run docs` writes it. */
import type { Command, Option } from 'commander';
import { buildProgram } from './program.ts';
import type { Io } from './terminal.ts';

/** The program with nothing behind it, for those who ask about its commands and flags. */
export function programToRead(): Command {
  const nowhere = { write: () => true } as unknown as Io['stdout'];
  const io = { stdout: nowhere, stderr: nowhere, stdin: {} as Io['stdin'], env: {}, cwd: '/', signal: new AbortController().signal };
  return buildProgram(io, async () => undefined);
}

/** The whole page, with a final newline. */
export function referencePage(program: Command = programToRead()): string {
  const { commands } = program;
  return `${[
    '<!-- Made from src/cli/program.ts by `npm run docs`. -->',
    '# Commands',
    [
      'A TARGET is `NAME`, `kustomization/NAME`, `helmrelease/NAME` or `kustomization/NAMESPACE/NAME`. Words and flags follow `flux` and',
      "`kubectl`; durations are Go's (`90s`, `5m`, `2h`). What a command ends with: [exit codes](exit-codes.md).",
    ].join('\n'),
    table(
      ['command', 'does'],
      commands.map((command) => [`[\`${usageOf(command)}\`](#ebb-${command.name()})`, cell(command.description())]),
    ),
    '## Flags of every command',
    flags(program.options),
    ...commands.map(section),
  ].join('\n\n')}\n`;
}

function section(command: Command): string {
  const examples = examplesOf(command);
  return [
    `## ebb ${command.name()}`,
    `${command.description()}.`,
    `\`\`\`\n${usageOf(command)}${command.options.length ? ' [flags]' : ''}\n\`\`\``,
    ...(command.options.length ? [flags(command.options)] : []),
    ...(examples.length ? [`\`\`\`sh\n${examples.join('\n')}\n\`\`\``] : []),
  ].join('\n\n');
}

function usageOf(command: Command): string {
  const words = command.registeredArguments.map((argument) =>
    argument.required ? argument.name().toUpperCase() : `[${argument.name().toUpperCase()}]`,
  );
  return ['ebb', command.name(), ...words].join(' ');
}

function flags(options: readonly Option[]): string {
  const rows = options
    .filter((option) => !option.hidden)
    .map((option) => [
      `\`${option.flags}\``,
      cell(option.description),
      option.defaultValue === undefined || option.negate ? '' : `\`${String(option.defaultValue)}\``,
    ]);
  return table(['flag', 'means', 'default'], rows);
}

/** What stands under "Examples" in the help of a command. */
export function examplesOf(command: Command): string[] {
  const chunks: string[] = [];
  const before = command.configureOutput();
  command.configureOutput({ writeOut: (text) => void chunks.push(text) });
  command.outputHelp();
  command.configureOutput(before);
  const [, after = ''] = chunks.join('').split('\nExamples:\n');
  return after
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

function table(header: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.join(' | ')} |`.replace(/ +\|$/, ' |');
  return [line(header), `|${header.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n');
}

/** `|` ends a cell, and `<` would begin a tag. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;');
}
