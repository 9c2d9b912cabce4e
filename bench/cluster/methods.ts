/** The ways back that are compared: what a person has today, and Ebb. */
import { type Measured, measure } from '../measure.ts';

export interface Attempt {
  /** The developer's clone, at the commit to take back. */
  folder: string;
  /** Names of Kustomizations in the order in which they depend on each other: the last one is taken back. */
  kustomizations: readonly string[];
  /** The commit to take back. */
  bad: string;
  /** The built command line. */
  ebb: string;
  /** With the kubeconfig, and the cluster's programs in PATH. */
  env: NodeJS.ProcessEnv;
  /** Ends every command. */
  ended: AbortSignal;
}

/** What was run, with the peak of its memory. */
export type Command = Measured & { name: string };

export interface Method {
  name: string;
  /** For the table. */
  says: string;
  /** Waits for the source's interval: where in it the push falls decides, so the rounds are spread over it. */
  waitsForInterval: boolean;
  /** @param over aborts when all was seen that is measured. */
  run(attempt: Attempt, over: AbortSignal): Promise<Command[]>;
}

const INTERVAL: Method = {
  name: 'interval',
  says: 'git revert, git push, then wait',
  waitsForInterval: true,
  run: revertAndPush,
};

export const FLUX: Method = {
  name: 'flux',
  says: 'git revert, git push, flux reconcile',
  waitsForInterval: false,
  run: async (attempt, over) => {
    const commands = await revertAndPush(attempt);
    for (const name of attempt.kustomizations) commands.push(...(await reconcile(attempt, name, over)));
    return commands;
  },
};

export const EBB: Method = {
  name: 'ebb',
  says: 'ebb rollback',
  waitsForInterval: false,
  run: async (attempt) => {
    const target = attempt.kustomizations.at(-1) as string;
    // How long it looks on after all is well is its own affair: what is measured is seen from outside.
    const args = ['rollback', target, '--commit', attempt.bad, '--yes', '--steady', '1s', '-o', 'json'];
    return [await command(attempt, process.execPath, [attempt.ebb, ...args])];
  },
};

export const METHODS: readonly Method[] = [INTERVAL, FLUX, EBB];

async function revertAndPush(attempt: Attempt): Promise<Command[]> {
  return [
    await command(attempt, 'git', ['revert', '--no-edit', attempt.bad]),
    await command(attempt, 'git', ['push', '--quiet', 'origin', 'HEAD:main']),
  ];
}

/** As a person does: again where flux gave up, for it does so at the bad version's failure as well. */
async function reconcile(attempt: Attempt, name: string, over: AbortSignal): Promise<Command[]> {
  const args = ['reconcile', 'kustomization', name, '--with-source', '--timeout', '10m'];
  while (!over.aborted) {
    try {
      return [await command({ ...attempt, ended: over }, 'flux', args)];
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
  return [];
}

async function command({ folder, env, ended }: Attempt, program: string, args: string[]): Promise<Command> {
  const measured = await measure(program, args, { env, cwd: folder, signal: ended });
  return { ...measured, name: program === process.execPath ? 'ebb' : program };
}
