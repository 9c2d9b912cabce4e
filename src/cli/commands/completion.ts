/** Shell completion: scripts that ask the program itself, by Cobra's `__complete` protocol, which `flux ebb` uses too. */
import type { Command, Option } from 'commander';
import { ExitCode, Failure } from '../../core/failure.ts';
import type { Result } from '../result.ts';
import type { Io } from '../terminal.ts';

/** Cobra's directive: offer no file names. */
const NO_FILES = 4;

const VALUES: Record<string, string[]> = {
  '--output': ['text', 'json', 'yaml'],
  '--strategy': ['revert', 'restore', 'pin', 'suspend'],
  '--scope': ['target', 'source'],
};

/** What fits the last of `words`. */
export function suggestions(program: Command, words: string[]): string[] {
  const current = words.at(-1) ?? '';
  const before = words.slice(0, -1);
  const command = commandIn(program, before) ?? program;
  const options = [...program.options, ...command.options].filter((option) => !option.hidden);
  const taking = options.find((option) => matches(option, before.at(-1)) && (option.required || option.optional));
  if (taking) return (VALUES[taking.long ?? ''] ?? []).filter((value) => value.startsWith(current));
  if (current.startsWith('-'))
    return [...new Set(options.map((option) => option.long ?? option.short ?? ''))].filter((flag) => flag.startsWith(current)).sort();
  if (command === program) return program.commands.map((candidate) => candidate.name()).filter((name) => name.startsWith(current));
  if (command.name() === 'completion') return ['bash', 'zsh', 'fish'].filter((shell) => shell.startsWith(current));
  return [];
}

/** The command among the words: the first that is neither a flag nor a flag's value. */
function commandIn(program: Command, words: readonly string[]): Command | undefined {
  const takesValue = (word: string) => program.options.some((option) => matches(option, word) && option.required);
  const name = words.find((word, index) => !word.startsWith('-') && !takesValue(words[index - 1] ?? ''));
  return program.commands.find((candidate) => candidate.name() === name);
}

function matches(option: Option, word: string | undefined): boolean {
  return word !== undefined && (option.long === word || option.short === word);
}

/** Prints suggestions and a directive, as Cobra does. `flux ebb …` asks `flux-ebb __complete` (Flux 2.9 plugins, RFC-0013). */
export async function complete(program: Command, words: string[], io: Io): Promise<void> {
  io.stdout.write(`${[...suggestions(program, words), `:${NO_FILES}`].join('\n')}\n`);
}

/** @throws Failure UsageError for a shell that is not known. */
export async function completion(shell: string): Promise<Result> {
  const script = SCRIPTS[shell];
  if (script === undefined) throw new Failure('UsageError', `no completion for "${shell}"`, { next: ['ebb completion bash, zsh or fish'] });
  return { kind: 'Completion', data: { shell, script }, lines: [script], exitCode: ExitCode.Done };
}

const SCRIPTS: Record<string, string> = {
  bash: `_ebb() {
  local words=("\${COMP_WORDS[@]:1:COMP_CWORD}") reply
  reply="$(ebb __complete "\${words[@]}" 2>/dev/null)" || return
  COMPREPLY=()
  while IFS= read -r line; do [[ "$line" == :* ]] || COMPREPLY+=("$line"); done <<<"$reply"
}
complete -F _ebb ebb`,
  zsh: `#compdef ebb
_ebb() {
  local -a reply
  reply=("\${(@f)$(ebb __complete "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  compadd -- \${reply:#:*}
}
compdef _ebb ebb`,
  fish: `function __ebb_complete
  set -l words (commandline -opc) (commandline -ct)
  ebb __complete $words[2..-1] 2>/dev/null | string match -v ':*'
end
complete -c ebb -f -a '(__ebb_complete)'`,
};
