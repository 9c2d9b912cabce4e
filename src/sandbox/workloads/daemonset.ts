/** The DaemonSet controller, for the one node there is. Source: pkg/controller/daemon. */
import type { KubeObject } from '../../api/kube.ts';
import type { Pod, Workload } from '../../api/workloads.ts';
import { type Controller, type ControllerContext, keyOf, parseKey, startController } from './controller.ts';
import { DAEMON_SET, NODE, NODE_NAME, POD } from './kinds.ts';
import { claim, controllerOf, ownerKeys } from './ownership.ts';
import { scaledValue } from './percentages.ts';
import { createPodControl, type PodControl } from './pod-control.ts';
import { availableIn, isPodAvailable, isPodReady, isPodTerminal, podFromTemplate } from './pods.ts';
import { createRecorder } from './recorder.ts';
import { type History, hashOf, podRevision, REVISION_LABEL, syncHistory, truncateHistory } from './revisions.ts';
import { includes, selects } from './selectors.ts';
import { writeStatus } from './status-writer.ts';

const GENERATION_LABEL = 'pod-template-generation';
const GENERATION_ANNOTATION = 'deprecated.daemonset.template.generation';

/** What every daemon pod puts up with. Source: pkg/controller/daemon/util/daemonset_util.go. */
const TOLERATED = [
  ...['not-ready', 'unreachable'].map((name) => ({ key: `node.kubernetes.io/${name}`, operator: 'Exists', effect: 'NoExecute' })),
  ...['disk-pressure', 'memory-pressure', 'pid-pressure', 'unschedulable'].map((name) => ({
    key: `node.kubernetes.io/${name}`,
    operator: 'Exists',
    effect: 'NoSchedule',
  })),
];

export function startDaemonSets(context: ControllerContext): Controller {
  const control = createPodControl(context.api, createRecorder(context, { component: 'daemonset-controller' }));
  return startController(context, {
    name: 'daemonset',
    watches: [
      { kind: DAEMON_SET, keys: (object) => [keyOf(object)] },
      { kind: POD, keys: (object) => interested(context, object as Pod) },
    ],
    sync: (key, controller) => sync(context, control, key, controller),
  });
}

function interested({ api }: ControllerContext, pod: Pod): string[] {
  if (controllerOf(pod)) return ownerKeys(DAEMON_SET, pod);
  const sets = api.list<Workload>(DAEMON_SET, { namespace: pod.metadata.namespace });
  return sets.filter((set) => selects(set.spec.selector, pod.metadata.labels)).map(keyOf);
}

function sync(context: ControllerContext, control: PodControl, key: string, controller: Controller): void {
  const { api, clock } = context;
  const set = api.get<Workload>({ ...DAEMON_SET, ...parseKey(key) });
  if (!set) return;
  const history = syncHistory(api, set);
  const candidates = api.list<Pod>(POD, { namespace: set.metadata.namespace });
  const pods = claim(api, { owner: set, selector: set.spec.selector, candidates });
  const wanted = runsHere(context, set);
  let failure: unknown;
  if (!set.metadata.deletionTimestamp) {
    try {
      manage({ context, control, set, pods, history }, wanted);
    } catch (error) {
      failure = error;
    }
  }
  writeStatus(api, set, nextStatus(context, { set, pods, history, wanted }));
  truncateHistory(api, set, history, new Set(pods.map(podRevision)));
  const waits = pods.map((pod) => availableIn(pod, set.spec.minReadySeconds ?? 0, clock) ?? 0).filter((ms) => ms > 0);
  if (waits.length > 0) controller.enqueueAfter(key, Math.min(...waits) + 1);
  if (failure) throw failure;
}

function runsHere({ api }: ControllerContext, set: Workload): boolean {
  const node = api.get<KubeObject>({ ...NODE, name: NODE_NAME });
  const selector = (set.spec.template.spec.nodeSelector as Record<string, string> | undefined) ?? {};
  return node !== undefined && includes(node.metadata.labels, selector);
}

interface Daemon {
  context: ControllerContext;
  control: PodControl;
  set: Workload;
  pods: Pod[];
  history: History;
}

function manage(daemon: Daemon, wanted: boolean): void {
  const { control, set, pods } = daemon;
  const staying = pods.filter((pod) => !pod.metadata.deletionTimestamp);
  const dead = staying.filter(isPodTerminal);
  for (const pod of dead) control.remove(set, pod);
  const alive = staying.filter((pod) => !dead.includes(pod));
  if (!wanted) {
    for (const pod of alive) control.remove(set, pod);
    return;
  }
  for (const pod of alive.slice(1)) control.remove(set, pod);
  const [pod] = alive;
  if (pod) {
    replaceOutdated(daemon, pod);
    return;
  }
  if (pods.length === 0) control.create(set, daemonPod(daemon));
}

/** With the default of one unavailable pod the old one goes before the new one comes; with a surge alone they overlap. */
function replaceOutdated(daemon: Daemon, pod: Pod): void {
  const { control, set, history } = daemon;
  if ((set.spec.updateStrategy?.type ?? 'RollingUpdate') !== 'RollingUpdate') return;
  if (podRevision(pod) === hashOf(history.update)) return;
  const rolling = set.spec.updateStrategy?.rollingUpdate;
  const allowed = scaledValue(rolling?.maxUnavailable, 1, 'up', 1);
  if (allowed > 0 || !isPodReady(pod)) control.remove(set, pod);
}

function daemonPod({ set, history }: Daemon): Pod {
  const pod = podFromTemplate(set.spec.template, set);
  const labels = {
    ...pod.metadata.labels,
    [REVISION_LABEL]: hashOf(history.update),
    [GENERATION_LABEL]: set.metadata.annotations?.[GENERATION_ANNOTATION] ?? '1',
  };
  const here = { matchFields: [{ key: 'metadata.name', operator: 'In', values: [NODE_NAME] }] };
  const affinity = { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [here] } } };
  const tolerations = [...((pod.spec.tolerations as object[] | undefined) ?? []), ...TOLERATED];
  return { ...pod, metadata: { ...pod.metadata, labels }, spec: { ...pod.spec, affinity, tolerations } };
}

interface Observed {
  set: Workload;
  pods: Pod[];
  history: History;
  wanted: boolean;
}

function nextStatus({ clock }: ControllerContext, { set, pods, history, wanted }: Observed): Workload['status'] {
  const pod = pods.find((candidate) => !candidate.metadata.deletionTimestamp) ?? pods[0];
  const counted = (condition: boolean | undefined) => (wanted && condition ? 1 : 0);
  const desired = wanted ? 1 : 0;
  const available = counted(pod && isPodAvailable(pod, set.spec.minReadySeconds ?? 0, clock));
  return {
    ...(set.status?.conditions ? { conditions: set.status.conditions } : {}),
    observedGeneration: set.metadata.generation,
    desiredNumberScheduled: desired,
    currentNumberScheduled: counted(pod !== undefined),
    numberMisscheduled: !wanted && pod ? 1 : 0,
    numberReady: counted(pod && isPodReady(pod)),
    ...present('updatedNumberScheduled', counted(pod && podRevision(pod) === hashOf(history.update))),
    ...present('numberAvailable', available),
    ...present('numberUnavailable', desired - available),
    ...(history.collisionCount > 0 ? { collisionCount: history.collisionCount } : {}),
  };
}

/** A count that the API leaves out where it is zero. */
function present(field: string, count: number): Record<string, number> {
  return count === 0 ? {} : { [field]: count };
}
