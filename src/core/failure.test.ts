import { describe, expect, it } from 'vitest';
import { ExitCode, exitCodeOf, Failure } from './failure.ts';

describe('a failure', () => {
  it('is an error with a code, and says what was seen and what to do', () => {
    const cause = new Error('ECONNREFUSED');
    const failure = new Failure('ClusterUnreachable', 'no answer', {
      seen: 'ECONNREFUSED',
      causes: ['it is off'],
      next: ['kubectl cluster-info'],
      cause,
    });
    expect(failure).toBeInstanceOf(Error);
    expect(failure).toMatchObject({
      name: 'Failure',
      code: 'ClusterUnreachable',
      message: 'no answer',
      seen: 'ECONNREFUSED',
      causes: ['it is off'],
      next: ['kubectl cluster-info'],
      cause,
    });
  });

  it('needs no details', () => {
    const failure = new Failure('GitFailed', 'no');
    expect([failure.seen, failure.causes, failure.next, 'cause' in failure]).toEqual([undefined, [], [], false]);
  });

  it.each([
    ['UsageError', ExitCode.Usage],
    ['TimedOut', ExitCode.TimedOut],
    ['Interrupted', ExitCode.Interrupted],
    ['Forbidden', ExitCode.Failed],
    ['Bug', ExitCode.Failed],
  ] as const)('%s ends a command with %d', (code, exit) => {
    expect(exitCodeOf(new Failure(code, 'm'))).toBe(exit);
  });

  it('ends with the codes that are documented', () => {
    expect(ExitCode).toEqual({ Done: 0, Failed: 1, Usage: 2, Refused: 3, TimedOut: 4, Interrupted: 130 });
  });
});
