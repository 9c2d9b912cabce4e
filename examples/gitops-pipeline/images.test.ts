import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { releaseOf } from './app/images.ts';
import { RELEASES, releaseNamed } from './app/releases.ts';

describe('releaseOf', () => {
  it('knows every release of both applications', () => {
    for (const { version } of RELEASES) {
      expect(releaseOf(`ghcr.io/ebb-dev/sample-saas-app:${version}`)).toEqual({ app: 'sample-saas-app', version });
      expect(releaseOf(`ghcr.io/ebb-dev/billing-worker:${version}`)).toEqual({ app: 'billing-worker', version });
    }
  });

  it.each([
    ['a tag that was never published', 'ghcr.io/ebb-dev/sample-saas-app:9.9.9'],
    ['latest', 'ghcr.io/ebb-dev/sample-saas-app:latest'],
    ['no tag', 'ghcr.io/ebb-dev/sample-saas-app'],
    ['another repository', 'ghcr.io/ebb-dev/other:1.0.0'],
    ['another registry', 'docker.io/ebb-dev/sample-saas-app:1.0.0'],
    ['a digest', 'ghcr.io/ebb-dev/sample-saas-app:1.0.0@sha256:0000'],
    ['a name of every object', 'constructor:1.0.0'],
    ['nothing', ''],
  ])('has nothing for %s', (_, image) => {
    expect(releaseOf(image)).toBeUndefined();
  });

  it('never throws, and answers a known release or nothing', () => {
    fc.assert(
      fc.property(fc.string(), (image) => {
        const found = releaseOf(image);
        return found === undefined || releaseNamed(found.version) !== undefined;
      }),
    );
  });
});

describe('the table of releases', () => {
  it('says which releases are good', () => {
    const good = RELEASES.filter((release) => !release.fault).map((release) => release.version);
    expect(good).toEqual(['1.0.0', '1.0.1', '1.5.0', '2.0.0']);
  });

  it('has each version once', () => {
    expect(new Set(RELEASES.map((release) => release.version)).size).toBe(RELEASES.length);
  });
});
