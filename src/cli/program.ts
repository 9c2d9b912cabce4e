/** Every command with its flags, words and examples. What a command does is loaded only when it runs. */
import { Command, CommanderError, Option } from 'commander';
import { DEFAULT_NAMESPACE, durationOf, FORMATS, type Globals, type OutputFormat, outputOf } from './globals.ts';
import type { Result } from './result.ts';
import type { Session } from './session.ts';
import type { Io } from './terminal.ts';
import { VERSION } from './version.ts';

/** Runs one command and hands its result on. */
export type Run = (globals: Globals, command: (session: Session) => Promise<Result>) => Promise<void>;

export function buildProgram(io: Io, run: Run): Command {
  const program = new Command('ebb')
    .description('Rollbacks for Flux CD and Git: back on the last good version, with Git still telling the truth.')
    .version(VERSION, '--version', 'print the version')
    .option('-n, --namespace <name>', 'namespace of the target', DEFAULT_NAMESPACE)
    .option('--context <name>', 'context of the kubeconfig')
    .option('--kubeconfig <file>', 'kubeconfig file (default: $KUBECONFIG, then ~/.kube/config)')
    .addOption(new Option('-o, --output <format>', 'text, json or yaml; for diff also patch').default('text'))
    .option('--dry-run', 'show what would be done and change nothing')
    .option('-y, --yes', 'answer yes to every question')
    .option('--timeout <duration>', 'for everything together', '10m')
    .option('--no-color', 'no colours (NO_COLOR does the same)')
    .option('--repo <url>', 'the Git repository, where the cluster cannot tell or you reach it by another URL (or a path of a clone)')
    .option('--branch <name>', 'the branch (default: the one that Flux follows)')
    .option('--author <name-email>', 'author of commits and name on holds: "Name <email>" (default: git\'s configuration)')
    .option('-S, --gpg-sign [key]', 'sign commits with OpenPGP')
    .option('--ssh-sign <key>', 'sign commits with this SSH key')
    .showHelpAfterError('(ebb COMMAND --help shows its flags)')
    .configureHelp({ showGlobalOptions: true, sortSubcommands: false })
    .addHelpText(
      'after',
      '\nTARGET is NAME, kustomization/NAME, helmrelease/NAME or kustomization/NAMESPACE/NAME.\nExit codes: 0 done, 1 failed, 2 usage, 3 refused by a hazard or gate, 4 timed out.',
    );
  const define = definer(program, run);
  looking(define);
  rollingBack(define);
  holding(define);
  trying(define);
  completion(define);
  quiet(program, io);
  return program;
}

type Define = (
  signature: string,
  description: string,
  examples: string[],
) => {
  command: Command;
  does(action: (session: Session, args: string[], flags: never) => Promise<Result>, formats?: readonly OutputFormat[]): void;
};

function definer(program: Command, run: Run): Define {
  return (signature, description, examples) => {
    const command = program.command(signature).description(description);
    if (examples.length) command.addHelpText('after', `\nExamples:\n${examples.map((example) => `  ${example}`).join('\n')}`);
    const does: ReturnType<Define>['does'] = (action, formats) => {
      command.action(async (...all: unknown[]) => {
        const self = all.at(-1) as Command;
        const args = all.slice(0, -2) as string[];
        const globals = { ...self.optsWithGlobals() } as Globals;
        globals.output = outputOf(globals.output, formats);
        durationOf('--timeout', globals.timeout);
        await run(globals, (session) => action(session, args, self.opts() as never));
      });
    };
    return { command, does };
  };
}

const collect = (value: string, before: string[] = []) => [...before, value];
const HTTP_CHECK: [string, string, typeof collect] = [
  '--http-check <check>',
  'requests that must be answered well: [NAMESPACE/]SERVICE[:PORT]/PATH or a URL; may be given again',
  collect,
];
const WAIT_OUT: [string, string] = [
  '--wait-out-timeout',
  'let a run that waits for the bad version wait out its timeout, rather than end it',
];
const NO_RESTART: [string, string] = ['--no-restart', 'leave pods as they are that read changed configuration only when they start'];
const ONLY: [string, string] = ['--only', 'this target alone: leave the others that the commit brings back to Flux'];
const STEADY: [string, string, string] = ['--steady <duration>', 'no container may restart for this long', '3s'];

function looking(define: Define): void {
  define('status [target]', 'What is wrong, why, what was deployed last, and what to type next', [
    'ebb status',
    'ebb status sample-app',
    'ebb status helmrelease/podinfo -n apps -o json',
  ]).does(async (session, [target]) => (await import('./commands/status.ts')).status(session, target));
  const history = define('history <target>', 'What was deployed when, from Git and Flux', [
    'ebb history sample-app',
    'ebb history sample-app --limit 50 -o json',
  ]);
  history.command.option('--limit <n>', 'at most as many deployments', '15');
  history.does(async (session, [target], flags) => (await import('./commands/history.ts')).history(session, target as string, flags));
  const diff = define('diff <target>', 'What another version would change in the cluster, in rendered objects; and what drifted there', [
    'ebb diff sample-app',
    'ebb diff sample-app --to v1.4.2',
    'ebb diff sample-app --from HEAD~3 --to HEAD -o patch',
  ]);
  diff.command
    .option('--to <revision>', 'this commit, tag, branch or Flux revision (default: the last good deployment)')
    .option('--from <revision>', 'compare with this one (default: what Flux applied, or tries to)');
  diff.does(
    async (session, [target], flags) => (await import('./commands/diff.ts')).diff(session, target as string, flags),
    [...FORMATS, 'patch'],
  );
  const verify = define('verify <target>', 'Is it well: revision, rollout, pods, endpoints, restarts, HTTP', [
    'ebb verify sample-app',
    'ebb verify sample-app --http-check shop/api:http/healthz',
  ]);
  verify.command
    .option('--revision <rev>', 'the revision that must be applied (default: what the source has, or the pin)')
    .option(...HTTP_CHECK)
    .option(...STEADY);
  verify.does(async (session, [target], flags) => (await import('./commands/verify.ts')).verify(session, target as string, flags));
}

function rollingBack(define: Define): void {
  const rollback = define('rollback <target>', 'Back to the last good version: plan, ask, do, watch, verify', [
    'ebb rollback sample-app',
    'ebb rollback sample-app --dry-run',
    'ebb rollback sample-app --to v1.4.2 --strategy restore',
    'ebb rollback sample-app --commit 1a2b3c4d --reason "checkout fails" --yes',
    'ebb rollback sample-app --strategy pin --for 2h',
  ]);
  rollback.command
    .option('--to <revision>', 'go back to this commit, tag or Flux revision (default: the last good deployment)')
    .option('--commit <sha>', 'take back this commit, or a range A..B; may be given again', collect)
    .option('--strategy <name>', 'revert, restore, pin or suspend (see docs/explanation/strategies.md)', 'revert')
    .option('-m, --mainline <parent>', 'for merges: the parent to go back to, as git revert -m')
    .option('--reason <text>', 'why; goes into the commit')
    .option('--accept <hazard>', 'go on in spite of this hazard; may be given again', collect)
    .option('--push-branch <name>', 'push the commit to a new branch, for a pull request')
    .option('--for <duration>', 'how long a pin lasts (default: 24h)')
    .option('--scope <scope>', 'what a pin moves: target (a source of its own) or source (the shared one, and everyone who reads it)')
    .option(...HTTP_CHECK)
    .option(...STEADY)
    .option(...WAIT_OUT)
    .option(...NO_RESTART)
    .option(...ONLY)
    .option('--no-wait', 'end once Git or the pin is written, without watching Flux');
  rollback.does(async (session, [target], flags) => (await import('./commands/rollback.ts')).rollback(session, target as string, flags));
  define('resume-rollback [id]', 'Go on with a rollback that was interrupted; without an id: list them', [
    'ebb resume-rollback',
    'ebb resume-rollback rb-1a2b3c4d5e6f',
  ]).does(async (session, [id]) => (await import('./commands/resume-rollback.ts')).resumeRollbackCommand(session, id));
}

function holding(define: Define): void {
  const pin = define('pin <target>', 'Have a target read a previous commit for a while, without Git', [
    'ebb pin sample-app --to v1.4.2 --reason "review takes until noon" --for 2h',
    'ebb pin sample-app',
  ]);
  pin.command
    .option('--to <revision>', 'the commit, tag or Flux revision (default: the last good deployment)')
    .option('--reason <text>', 'why; shown to everyone who looks')
    .option('--for <duration>', 'how long', '24h')
    .option('--scope <scope>', 'target (a source of its own) or source (the shared one, and everyone who reads it)', 'target')
    .option('--accept <hazard>', 'go on in spite of this hazard; may be given again', collect)
    .option(...HTTP_CHECK)
    .option(...STEADY)
    .option(...WAIT_OUT)
    .option(...NO_RESTART)
    .option(...ONLY)
    .option('--no-wait', 'do not watch Flux');
  pin.does(async (session, [target], flags) =>
    (await import('./commands/rollback.ts')).rollback(session, target as string, { ...(flags as object), strategy: 'pin' } as never),
  );
  const unpin = define('unpin <target>', 'Have a pinned target follow Git again', ['ebb unpin sample-app']);
  unpin.command.option('--no-wait', 'do not watch Flux');
  unpin.does(async (session, [target], flags) => (await import('./commands/holds.ts')).unpin(session, target as string, flags));
  const suspend = define('suspend <target>', 'Stop Flux for a target, with who, why and until when', [
    'ebb suspend sample-app --reason "manual repair" --for 2h',
  ]);
  suspend.command
    .option('--reason <text>', 'why; shown to everyone who looks')
    .option('--for <duration>', 'how long (default: until ebb resume)');
  suspend.does(async (session, [target], flags) => (await import('./commands/holds.ts')).suspend(session, target as string, flags));
  const resume = define('resume <target>', 'Let Flux go on, and wait until the target is well', ['ebb resume sample-app']);
  resume.command.option('--no-wait', 'do not watch Flux');
  resume.does(async (session, [target], flags) => (await import('./commands/holds.ts')).resume(session, target as string, flags));
  const suspended = define('suspended', 'What is held, by whom, why, until when', [
    'ebb suspended',
    'ebb suspended --enforce   # ends what has run out; for cron',
    'ebb suspended --watch     # ends each hold when its time comes',
  ]);
  suspended.command
    .option('--enforce', 'end the holds that have run out')
    .option('--watch', 'keep running and end each hold when its time comes');
  suspended.does(async (session, _args, flags) => (await import('./commands/holds.ts')).suspended(session, flags));
}

function trying(define: Define): void {
  const sandbox = define('sandbox', 'A cluster with Flux and Git on this machine, to try things on; ends with Ctrl-C', ['ebb sandbox']);
  sandbox.command
    .option('--kubeconfig-out <file>', 'where to write its kubeconfig')
    .option('--cancel-health-check', 'switch on the feature gate CancelHealthCheckOnNewRevision');
  sandbox.does(async (session, _args, flags) => (await import('./commands/sandbox.ts')).sandbox(session, flags));
  define('demo', 'A bad release rolled back by every strategy, on a sandbox', ['ebb demo', 'ebb demo -o json']).does(async (session) =>
    (await import('./commands/demo.ts')).demo(session),
  );
}

function completion(define: Define): void {
  const command = define('completion <shell>', 'Shell completion for bash, zsh or fish', ['source <(ebb completion bash)']);
  command.does(async (_session, [shell]) => (await import('./commands/completion.ts')).completion(shell as string));
}

/** commander's own output goes where ours goes, and its errors become ours. */
function quiet(program: Command, io: Io): void {
  for (const command of [program, ...program.commands]) {
    command.exitOverride((error) => {
      throw error;
    });
    command.configureOutput({ writeOut: (text) => void io.stdout.write(text), writeErr: (text) => void io.stderr.write(text) });
  }
}

/** Exit code of an error that commander threw (help and version among them); undefined for any other. */
export function exitCodeOfUsage(error: unknown): number | undefined {
  if (!(error instanceof CommanderError)) return undefined;
  return error.exitCode === 0 || error.code === 'commander.help' ? 0 : 2;
}
