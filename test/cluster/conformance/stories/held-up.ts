import { rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KubeObject } from '../../../../src/api/kube.ts';
import { deployment, podTemplate, yaml } from '../manifests.ts';
import { conditionOf, podsOf, rolledOut } from '../outcomes.ts';
import type { Scene, Story } from '../scene.ts';
import { begin, releaseTo } from './setting.ts';

/** Pods that cannot be made or placed, and one that may not be evicted: the scheduler, admission and budgets. */
export const heldUp: Story = {
  name: 'held-up',
  title: 'pods that no node takes, that lack a claim or a ServiceAccount; an eviction that the budget refuses',
  play: async (scene) => {
    const outcome = () => rolledOut(scene, 'Deployment', 'web') && budgetCounts(scene);
    await begin(scene, { manifests: [deployment('web'), budget], spec: { wait: false }, outcome });
    await scene.step('an eviction', () => evict(scene));
    const lacking = [
      template('choosy', { nodeSelector: { disk: 'ssd' } }),
      template('disk', { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }] }),
      template('robot', { serviceAccountName: 'builder' }),
    ];
    await releaseTo(scene, {
      name: 'lacking',
      files: { 'app/all.yaml': yaml(deployment('web'), budget, ...lacking) },
      outcome: () => ['choosy', 'disk'].every((name) => isUnplaced(scene, name)) && isRefused(scene, 'robot'),
    });
  },
};

const budget: KubeObject = {
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata: { name: 'web' },
  spec: { maxUnavailable: 0, selector: { matchLabels: { app: 'web' } } },
};

function template(name: string, spec: Record<string, unknown>): KubeObject {
  return deployment(name, '1.0.0', { template: podTemplate(name, '1.0.0', spec) });
}

function budgetCounts(scene: Scene): boolean {
  const found = scene.present('PodDisruptionBudget', 'web') as (KubeObject & { status?: { currentHealthy?: number } }) | undefined;
  return found?.status?.currentHealthy === 1;
}

function isUnplaced(scene: Scene, app: string): boolean {
  return podsOf(scene, app).some((pod) => conditionOf(pod, 'PodScheduled')?.reason === 'Unschedulable');
}

function isRefused(scene: Scene, name: string): boolean {
  return conditionOf(scene.present('Deployment', name), 'ReplicaFailure')?.status === 'True';
}

/** As `kubectl drain` does. @throws Error where it is not refused */
async function evict(scene: Scene): Promise<void> {
  const name = podsOf(scene, 'web')[0]?.metadata.name;
  const file = join(tmpdir(), `${scene.namespace}-${name}.json`);
  await writeFile(file, JSON.stringify({ apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace: scene.namespace } }));
  try {
    const path = `/api/v1/namespaces/${scene.namespace}/pods/${name}/eviction`;
    const said = await scene.kubectl('create', '--raw', path, '-f', file).catch((error: Error) => error.message);
    if (!said.includes("Cannot evict pod as it would violate the pod's disruption budget.")) throw new Error(`not refused: ${said}`);
  } finally {
    await rm(file, { force: true });
  }
}
