/** The Deployment controller. Source: pkg/controller/deployment/deployment_controller.go. */
import type { KubeObject } from '../../../api/kube.ts';
import type { Workload } from '../../../api/workloads.ts';
import { type Controller, type ControllerContext, keyOf, parseKey, startController } from '../controller.ts';
import { DEPLOYMENT, POD, REPLICA_SET } from '../kinds.ts';
import { claim, controllerOf, ownerKeys } from '../ownership.ts';
import { createRecorder, type EventRecorder } from '../recorder.ts';
import { selects, selectsAll } from '../selectors.ts';
import { writeStatus } from '../status-writer.ts';
import { isRollingUpdate } from './fenceposts.ts';
import { syncStatus } from './progress.ts';
import { type Rollout, syncRevision } from './rollout.ts';
import { checkPaused, cleanUp, isScalingEvent, scale } from './scaling.ts';
import { recreate, rollingUpdate } from './strategies.ts';

export function startDeployments(context: ControllerContext): Controller {
  const recorder = createRecorder(context, { component: 'deployment-controller' });
  return startController(context, {
    name: 'deployment',
    watches: [
      { kind: DEPLOYMENT, keys: (object) => [keyOf(object)] },
      { kind: REPLICA_SET, keys: (object) => deploymentsOf(context, object) },
      { kind: POD, keys: (object) => deploymentsOfPod(context, object) },
    ],
    sync: (key, controller) => sync(context, recorder, key, controller),
  });
}

function deploymentsOf({ api }: ControllerContext, set: KubeObject): string[] {
  if (controllerOf(set)) return ownerKeys(DEPLOYMENT, set);
  const deployments = api.list<Workload>(DEPLOYMENT, { namespace: set.metadata.namespace ?? '' });
  return deployments.filter((deployment) => selects(deployment.spec.selector, set.metadata.labels)).map(keyOf);
}

/** Only Recreate waits for pods themselves: for the last old one to be gone. */
function deploymentsOfPod({ api }: ControllerContext, pod: KubeObject): string[] {
  const owner = controllerOf(pod);
  if (owner?.kind !== REPLICA_SET.kind) return [];
  const set = api.get<Workload>({ ...REPLICA_SET, namespace: pod.metadata.namespace ?? '', name: owner.name });
  if (!set) return [];
  return ownerKeys(DEPLOYMENT, set).filter((key) => {
    const deployment = api.get<Workload>({ ...DEPLOYMENT, ...parseKey(key) });
    return deployment && !isRollingUpdate(deployment);
  });
}

function sync(context: ControllerContext, recorder: EventRecorder, key: string, controller: Controller): void {
  const { api } = context;
  const deployment = api.get<Workload>({ ...DEPLOYMENT, ...parseKey(key) });
  if (!deployment) return;
  if (selectsAll(deployment.spec.selector)) {
    refuseEmptySelector(context, recorder, deployment);
    return;
  }

  const candidates = api.list<Workload>(REPLICA_SET, { namespace: deployment.metadata.namespace });
  const sets = claim(api, { owner: deployment, selector: deployment.spec.selector, candidates });
  const rollout: Rollout = { context, recorder, deployment, sets };
  if (deployment.metadata.deletionTimestamp) {
    syncStatus(rollout);
    return;
  }

  checkPaused(rollout);
  if (deployment.spec.paused || isScalingEvent(rollout)) {
    resize(rollout);
    return;
  }
  if (isRollingUpdate(deployment)) rollingUpdate(rollout, controller);
  else recreate(rollout, controller);
}

function resize(rollout: Rollout): void {
  syncRevision(rollout);
  scale(rollout);
  if (rollout.deployment.spec.paused) cleanUp(rollout);
  syncStatus(rollout);
}

function refuseEmptySelector({ api }: ControllerContext, recorder: EventRecorder, deployment: Workload): void {
  const message = 'This deployment is selecting all pods. A non-empty selector is required.';
  recorder.record(deployment, { type: 'Warning', reason: 'SelectingAll', message });
  writeStatus(api, deployment, { ...deployment.status, observedGeneration: deployment.metadata.generation });
}
