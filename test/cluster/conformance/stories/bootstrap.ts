import { seedRepository, syncObjects } from '../../../../src/example/seed.ts';
import { answered, conditionOf, podsOf, rolledOut } from '../outcomes.ts';
import type { Story } from '../scene.ts';

/** The example repository, as `flux bootstrap git` leaves a cluster. */
export const bootstrap: Story = {
  name: 'flux-system',
  title: 'bootstrap of the example repository',
  alsoIn: ['sample-saas-app', 'billing-worker'],
  seed: (url, importFrom) => seedRepository({ url, importFrom }),
  play: async (scene) => {
    const everything = ['flux-system', 'sample-app', 'billing-worker'];
    const objects = await syncObjects(scene.gitUrl);
    await scene.step(
      'bootstrap',
      () => scene.apply(...objects),
      () =>
        answered(scene, 'GitRepository', 'flux-system') &&
        everything.every((name) => answered(scene, 'Kustomization', name)) &&
        rolledOut(scene, 'Deployment', 'sample-saas-app') &&
        rolledOut(scene, 'Deployment', 'billing-worker') &&
        podsOf(scene, 'sample-saas-app').length === 2 &&
        conditionOf(scene.present('HorizontalPodAutoscaler', 'sample-saas-app'), 'ScalingActive') !== undefined,
    );
  },
};
