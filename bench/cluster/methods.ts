/** The ways back that are compared: what a person has today, and Ebb. A new column of the table is a new entry here. */
import { delimiter } from 'node:path';
import { type Measured, measure } from '../measure.ts';
import { type Fleet, SOURCE } from './fleet.ts';

export interface Attempt {
  fleet: Fleet;
  /** The commit to take back. */
  bad: string;
  /** The built command line. */
  ebb: string;
  env: NodeJS.ProcessEnv;
}

/** What was run, with the peak of its memory. */
export type Command = Measured & { name: string };

export interface Method {
  name: string;
  /** For the table. */
  says: string;
  /** Waits for the source's interval: where in it the push falls decides, so the rounds are spread over it. */
  waitsForInterval: boolean;
  run(attempt: Attempt): Promise<Command[]>;
}

export const METHODS: readonly Method[] = [
  {
    name: 'interval',
    says: 'git revert, git push, then wait',
    waitsForInterval: true,
    run: revertAndPush,
  },
  {
    name: 'flux',
    says: 'git revert, git push, flux reconcile',
    waitsForInterval: false,
    run: async (attempt) => [
      ...(await revertAndPush(attempt)),
      await command(attempt, 'flux', 'reconcile', 'source', 'git', SOURCE),
      await command(attempt, 'flux', 'reconcile', 'kustomization', attempt.fleet.subject, '--with-source', '--timeout', '10m'),
    ],
  },
  {
    name: 'ebb',
    says: 'ebb rollback',
    waitsForInterval: false,
    run: async (attempt) => [
      await command(
        attempt,
        process.execPath,
        attempt.ebb,
        'rollback',
        attempt.fleet.subject,
        '--commit',
        attempt.bad,
        '--yes',
        '-o',
        'json',
      ),
    ],
  },
];

async function revertAndPush(attempt: Attempt): Promise<Command[]> {
  return [
    await command(attempt, 'git', 'revert', '--no-edit', attempt.bad),
    await command(attempt, 'git', 'push', '--quiet', 'origin', 'HEAD:main'),
  ];
}

async function command({ fleet, env }: Attempt, program: string, ...args: string[]): Promise<Command> {
  const path = `${fleet.plane.programs}${delimiter}${env.PATH}`;
  const measured = await measure(program, args, {
    env: { ...env, PATH: path, KUBECONFIG: fleet.plane.kubeconfig },
    cwd: fleet.developer.folder,
  });
  return { ...measured, name: program === process.execPath ? 'ebb' : program };
}
