import { describe, expect, it } from 'vitest';
import { parseRemoteUrl, redactUrl, sameRepository } from './remote-url.ts';

describe('a repository URL', () => {
  it('keeps user, password and query out of what is shown, and user and password out of what git is given', () => {
    expect(parseRemoteUrl('https://ada:s3cr%40t@git.example.com:8443/team/fleet.git?private_token=abc')).toEqual({
      transport: 'http',
      address: 'https://git.example.com:8443/team/fleet.git?private_token=abc',
      label: 'https://git.example.com:8443/team/fleet.git',
      host: 'git.example.com:8443',
      username: 'ada',
      password: 's3cr@t',
    });
    expect(redactUrl('https://token@github.com/a/b')).toBe('https://github.com/a/b');
    expect(redactUrl('foo://user:pw@host/x')).toBe('foo://host/x');
  });

  it('takes SSH in both forms, and drops a password', () => {
    expect(parseRemoteUrl('ssh://git:pw@git.example.com:2222/a/b.git')).toMatchObject({
      transport: 'ssh',
      address: 'ssh://git@git.example.com:2222/a/b.git',
    });
    expect(parseRemoteUrl('git@github.com:a/b.git')).toMatchObject({
      transport: 'ssh',
      address: 'git@github.com:a/b.git',
      host: 'github.com',
    });
    expect(parseRemoteUrl('ssh://[::1]:2222/a')).toMatchObject({ transport: 'ssh', host: '[::1]:2222' });
  });

  it('takes file URLs and paths', () => {
    expect(parseRemoteUrl('file:///srv/a%20b.git')).toMatchObject({ transport: 'local', address: '/srv/a b.git' });
    expect(parseRemoteUrl('./x.git').address).toBe(`${process.cwd()}/x.git`);
    expect(parseRemoteUrl('-x').address).toBe(`${process.cwd()}/-x`);
  });

  it.each([
    '',
    'ext::sh -c id',
    'fd::17',
    'transport::https://x',
    'git://host/x',
    'ftp://host/x',
    'https://',
    'ssh://-oProxyCommand=id/x',
    '-oProxyCommand=id:x',
    'ssh://-l@host/x',
    'https://host/x\nfoo',
  ])('refuses %j', (url) => {
    expect(() => parseRemoteUrl(url)).toThrowError(expect.objectContaining({ code: 'SourceUnsupported' }));
  });

  it('shows no password when it refuses', () => {
    expect(() => parseRemoteUrl('ftp://ada:hunter2@host/x?t=hunter2')).toThrowError(
      expect.toSatisfy((error: { message: string; seen: string }) => !`${error.message}${error.seen}`.includes('hunter2')),
    );
  });
});

describe('two URLs of one repository', () => {
  it.each([
    ['https://github.com/a/b', 'https://github.com/a/b.git'],
    ['https://github.com/a/b/', 'git@github.com:a/b.git'],
    ['ssh://git@GitHub.com/a/b.git', 'git@github.com:/a/b'],
    ['https://user:pw@host/a/b', 'http://host/a/b'],
    ['https://host:443/a', 'https://host/a'],
    ['ssh://git@host:22/a', 'git@host:a'],
    ['https://host:8443/a', 'ssh://git@host:2222/a'],
    ['ssh://git@ssh.github.com:443/a/b.git', 'https://github.com/a/b'],
    ['git@ssh.dev.azure.com:v3/org/project/repo', 'https://org@dev.azure.com/org/project/_git/repo'],
    ['file:///srv/a.git', '/srv/a'],
    ['git@[::1]:a/b', 'ssh://[::1]/a/b'],
  ])('%s and %s', (a, b) => {
    expect(sameRepository(a, b)).toBe(true);
    expect(sameRepository(b, a)).toBe(true);
  });

  it.each([
    ['https://github.com/a/b', 'https://github.com/a/c'],
    ['https://github.com/a/b', 'https://gitlab.com/a/b'],
    ['https://host:8443/a', 'https://host/a'],
    ['ssh://host:2222/a', 'host:a'],
    ['https://github.com/a/b', '/a/b'],
    ['https://github.com/A/b', 'https://github.com/a/b'],
    ['ext::x', 'ext::x'],
  ])('but not %s and %s', (a, b) => {
    expect(sameRepository(a, b)).toBe(false);
  });
});
