import { join } from 'node:path';
import { describeGitRepoContract } from '../../../test/contracts/git-repo.ts';
import { openRepository } from './repository.ts';

describeGitRepoContract('A mirror through git', async (remote) => {
  const repo = await openRepository({
    url: remote.path,
    branch: 'main',
    cacheDir: join(remote.directory, 'cache'),
    identity: { name: 'Ebb', email: 'ebb@example.com' },
  });
  return { repo, close: () => repo.close() };
});
