/** A sandbox with the example repository deployed on it: what `ebb sandbox`, `ebb demo` and the scenarios start from. */
import type { KubeObject } from '../api/kube.ts';
import type { Renderer } from '../ports.ts';
import { type Sandbox, type SandboxOptions, startSandbox } from '../sandbox/sandbox.ts';
import { exampleRegistry } from './registry.ts';
import { seedRepository, syncObjects } from './seed.ts';

export const REPOSITORY = 'gitops-pipeline';

/** As `flux bootstrap git --username --password` names it. */
const SECRET = 'flux-system';

export interface ExampleOptions extends Pick<SandboxOptions, 'featureGates' | 'speed' | 'gitUsers' | 'tokens'> {
  renderer: Renderer;
  /** `timeout` of the sample application's Kustomization. */
  timeout?: string;
}

/** Starts the sandbox and bootstraps the example's dev cluster on it. Does not wait until it is deployed. */
export async function startExample({ renderer, timeout, ...options }: ExampleOptions): Promise<Sandbox> {
  const sandbox = await startSandbox({ ...options, build: (request) => renderer.render(request), images: exampleRegistry() });
  try {
    const url = sandbox.git.cloneUrl(REPOSITORY);
    const [user] = options.gitUsers ?? [];
    const secret = user ? { secret: SECRET } : {};
    await seedRepository({
      url,
      ...(timeout ? { timeout } : {}),
      ...secret,
      importFrom: (from) => sandbox.git.addRepository(REPOSITORY, { from }).then(() => undefined),
    });
    if (user) sandbox.api.apply(secretOf(user), { manager: 'flux', force: true });
    for (const object of await syncObjects(url, secret.secret)) sandbox.api.apply(object, { manager: 'flux', force: true });
    return sandbox;
  } catch (error) {
    await sandbox.stop();
    throw error;
  }
}

function secretOf(data: { username: string; password: string }): KubeObject {
  const encoded = Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'utf8').toString('base64')]);
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name: SECRET, namespace: 'flux-system' }, data: Object.fromEntries(encoded) };
}
