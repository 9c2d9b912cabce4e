import { describe, expect, it } from 'vitest';
import { Failure } from '../../core/failure.ts';
import { cacheFailure, localFailure, remoteFailure, troubleIn } from './diagnosis.ts';

describe('what git says when it fails', () => {
  it.each([
    ['network', "fatal: unable to access 'https://x/': Could not resolve host: x"],
    ['network', "fatal: unable to access 'https://x/': Failed to connect to x port 443 after 1 ms: Couldn't connect to server"],
    ['network', 'ssh: connect to host x port 22: Connection refused\nfatal: Could not read from remote repository.'],
    ['network', 'kex_exchange_identification: Connection closed by remote host\nfatal: Could not read from remote repository.'],
    ['network', 'error: RPC failed; curl 56 Recv failure: Connection reset by peer\nfatal: early EOF'],
    ['network', "fatal: unable to access 'https://x/': The requested URL returned error: 503"],
    ['certificate', "fatal: unable to access 'https://x/': SSL certificate problem: self-signed certificate"],
    ['certificate', "fatal: unable to access 'https://x/': server certificate verification failed. CAfile: none CRLfile: none"],
    ['host-key', 'Host key verification failed.\nfatal: Could not read from remote repository.'],
    ['authentication', 'git@x: Permission denied (publickey).\nfatal: Could not read from remote repository.'],
    ['authentication', "fatal: could not read Username for 'https://x': terminal prompts disabled"],
    ['authentication', "remote: Invalid username or password.\nfatal: Authentication failed for 'https://x/'"],
    ['authentication', 'Load key "/x/identity": invalid format\ngit@x: Permission denied (publickey).'],
    ['not-a-repository', "fatal: 'https://x/info/refs' not valid: is this a git repository?"],
    ['not-a-repository', "remote: Not Found\nfatal: repository 'https://x/a/' not found"],
    ['not-a-repository', 'ERROR: Repository not found.\nfatal: Could not read from remote repository.'],
    ['missing-ref', "fatal: couldn't find remote ref refs/heads/x"],
    ['disk-full', 'fatal: write error: No space left on device\nfatal: index-pack failed'],
    ['disk-full', 'error: unable to write file: Disk quota exceeded'],
    ['corrupt', 'fatal: loose object abc (stored in objects/ab/c) is corrupt'],
    ['corrupt', 'error: object file objects/ab/c is empty'],
    ['corrupt', 'fatal: not a git repository: /x'],
    ['corrupt', 'error: packfile ./objects/pack/x.pack does not match index'],
    ['read-only', "fatal: Unable to create '/x/shallow.lock': Read-only file system"],
    ['dubious-ownership', "fatal: detected dubious ownership in repository at '/x'"],
    ['unknown', 'fatal: something else'],
  ])('is %s: %s', (trouble, stderr) => {
    expect(troubleIn(stderr)).toBe(trouble);
  });

  it('becomes a failure with its words, causes and what to do', () => {
    const context = { url: 'https://x/a', host: 'x', branch: 'main', attempts: 1 };
    const codes = ['network', 'certificate', 'host-key', 'authentication', 'not-a-repository', 'missing-ref'] as const;
    for (const trouble of codes) {
      const failure = remoteFailure(trouble, 'one\n\nfatal: two\n', context);
      expect(failure.seen).toBe('one\nfatal: two');
      expect(failure.causes.length).toBeGreaterThan(0);
      expect(failure.next.length).toBeGreaterThan(0);
    }
    expect(localFailure('unknown', 'diff-tree', 'fatal: odd', '/cache')).toMatchObject({
      code: 'GitFailed',
      message: 'git diff-tree failed.',
      seen: 'fatal: odd',
    });
    expect(localFailure('disk-full', 'mktree', 'x', '/cache')).toMatchObject({
      code: 'DiskFull',
      next: expect.arrayContaining(['df -h /cache']),
    });
  });

  it('is read from file system errors too', () => {
    const error = (code: string) => Object.assign(new Error(`${code}: no`), { code });
    expect(cacheFailure(error('ENOSPC'), '/c')).toMatchObject({ code: 'DiskFull' });
    for (const code of ['EACCES', 'EROFS', 'ENOTDIR', 'EEXIST'])
      expect(cacheFailure(error(code), '/c')).toMatchObject({ code: 'CacheUnusable' });
    const other = new Error('bug');
    expect(cacheFailure(other, '/c')).toBe(other);
    const failure = new Failure('Bug', 'x');
    expect(cacheFailure(failure, '/c')).toBe(failure);
  });
});
