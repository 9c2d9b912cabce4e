/** A real control plane with the example repository deployed on it: the same as `startExample` gives of the sandbox. */
import { join } from 'node:path';
import type { KubeObject } from '../../src/api/kube.ts';
import { type ExampleOptions, REPOSITORY } from '../../src/example/sandbox.ts';
import { seedRepository, syncObjects } from '../../src/example/seed.ts';
import { type GitServer, startGitServer } from '../../src/sandbox/git/server.ts';
import { type ControlPlane, type ControlPlaneOptions, startControlPlane } from './control-plane.ts';

/** As `flux bootstrap git --username --password` names it. */
const SECRET = 'flux-system';

export interface ExampleOnControlPlaneOptions extends ControlPlaneOptions, Pick<ExampleOptions, 'gitUsers' | 'timeout'> {}

/** Starts the control plane and bootstraps the example's dev cluster on it. Does not wait until it is deployed. */
export async function startExampleOnControlPlane({
  gitUsers,
  timeout,
  ...options
}: ExampleOnControlPlaneOptions = {}): Promise<ControlPlane & { git: GitServer }> {
  const plane = await startControlPlane(options);
  const git = await startGitServer({ root: join(plane.folder, 'git'), ...(gitUsers ? { users: gitUsers } : {}) });
  const stop = async () => {
    await git.stop();
    await plane.stop();
  };
  try {
    const url = git.cloneUrl(REPOSITORY);
    const [user] = gitUsers ?? [];
    const secret = user ? { secret: SECRET } : {};
    await seedRepository({
      url,
      ...(timeout ? { timeout } : {}),
      ...secret,
      importFrom: (from) => git.addRepository(REPOSITORY, { from }).then(() => undefined),
    });
    for (const object of [...(user ? [secretOf(user)] : []), ...(await syncObjects(url, secret.secret))])
      await plane.api.apply(object, 'flux');
    return { ...plane, git, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function secretOf(data: { username: string; password: string }): KubeObject {
  const encoded = Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'utf8').toString('base64')]);
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name: SECRET, namespace: 'flux-system' }, data: Object.fromEntries(encoded) };
}
