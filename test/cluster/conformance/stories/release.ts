import { deployment, service, yaml } from '../manifests.ts';
import { answered, request, rolledOut } from '../outcomes.ts';
import type { Story } from '../scene.ts';
import { begin, releaseTo } from './setting.ts';

const manifests = (version: string) => [deployment('web', version), service('web')];
const files = (version: string) => ({ 'app/all.yaml': yaml(...manifests(version)) });

/** A good release, one that never gets ready, and its revert. */
export const release: Story = {
  name: 'release',
  title: 'a release that never gets ready, and its revert',
  play: async (scene) => {
    const outcome = () => rolledOut(scene, 'Deployment', 'web');
    await begin(scene, { manifests: manifests('1.0.0'), outcome });
    await releaseTo(scene, { name: 'good', files: files('1.0.1'), outcome });
    await releaseTo(scene, { name: 'bad', files: files('1.2.0'), reason: 'HealthCheckFailed' });
    await releaseTo(scene, { name: 'revert', files: files('1.0.1'), outcome });
    await scene.step(
      'a request with nothing to do',
      () => request(scene, 'Kustomization', 'app', 'again'),
      () => answered(scene, 'Kustomization', 'app'),
    );
  },
};

/** The revert arrives while Flux still waits for the bad release. */
export const impatient: Story = {
  name: 'impatient',
  title: 'a revert that arrives while Flux waits for the bad release',
  play: async (scene) => {
    const outcome = () => rolledOut(scene, 'Deployment', 'web');
    await begin(scene, { manifests: manifests('1.0.0'), outcome });
    await revertWhileWaiting(scene);
  },
};

/** The same with the gate `CancelHealthCheckOnNewRevision`. */
export const gate: Story = {
  name: 'gate',
  title: 'the same with CancelHealthCheckOnNewRevision',
  gate: true,
  play: impatient.play,
};

async function revertWhileWaiting(scene: Parameters<Story['play']>[0]): Promise<void> {
  await scene.push('bad', files('1.2.0'));
  await scene.step(
    'the bad release',
    () => request(scene, 'GitRepository', 'source', 'bad'),
    () => healthText(scene).includes('Running health checks') && scene.all('ReplicaSet').length === 2,
  );
  await releaseTo(scene, { name: 'revert', files: files('1.0.0'), outcome: () => rolledOut(scene, 'Deployment', 'web') });
}

function healthText(scene: Parameters<Story['play']>[0]): string {
  const status = scene.present('Kustomization', 'app')?.status as { conditions?: { type: string; message?: string }[] } | undefined;
  return status?.conditions?.find(({ type }) => type === 'Reconciling')?.message ?? '';
}
