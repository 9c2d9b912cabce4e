import { describe, expect, it } from 'vitest';
import { saysAddressInUse } from './ports.ts';
import { lastLines, ProgramEnded } from './program-ended.ts';

describe('a program that ended', () => {
  it('is told with its name, how it ended, and its last lines', () => {
    const error = new ProgramEnded({ name: 'etcd', code: 2, signal: null }, 'one\ntwo\n\n');
    expect(error.message).toBe('etcd ended (exit code 2); its last lines were:\n  one\n  two');
    expect(error.program).toBe('etcd');
  });

  it('is told with the signal that ended it', () => {
    expect(new ProgramEnded({ name: 'kwok', code: null, signal: 'SIGKILL' }, '').message).toBe(
      'kwok ended (signal SIGKILL); its last lines were:\n  (nothing)',
    );
  });

  it('is told by its last lines, however many it wrote', () => {
    const lines = Array.from({ length: 100 }, (_, i) => `line ${i}`);
    expect(lastLines(lines.join('\n'), 2)).toBe('  line 98\n  line 99');
  });

  it('may have found its port taken', () => {
    expect(saysAddressInUse('listen tcp 127.0.0.1:2379: bind: address already in use')).toBe(true);
    expect(saysAddressInUse('error: unknown flag: --no-such-flag')).toBe(false);
  });
});
