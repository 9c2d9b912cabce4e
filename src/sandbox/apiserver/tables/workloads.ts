/** Rows of the kinds that run Pods. Source of the columns: pkg/printers/internalversion/printers.go of kubernetes. */
import type { KubeObject } from '../../../api/kube.ts';
import type { LabelSelector } from '../../../api/workloads.ts';
import { asArray, asNumber, asObject, asObjects, asString, at } from '../json.ts';
import { formatLabelSelector, formatRequirements, requirementsOf } from '../selectors/labels.ts';
import { humanDuration, since } from './age.ts';
import { AGE, ageOf, column, containerCells, type KindTable, labelsText, NAME, wide } from './column.ts';

const CONTAINERS = [
  wide('Containers', 'Names of each container in the template.'),
  wide('Images', 'Images referenced by each container in the template.'),
];
const SELECTOR = wide('Selector', 'Label selector of the pods that the object manages.');
const READY = column('Ready', 'Number of the pod with ready state');

const number = (object: KubeObject, ...path: string[]): number => asNumber(at(object, ...path));
const template = (object: KubeObject) => containerCells(asObject(at(object, 'spec', 'template', 'spec')));
const selector = (object: KubeObject): LabelSelector => asObject(at(object, 'spec', 'selector')) as LabelSelector;

const deploymentTable: KindTable = {
  columns: [
    NAME,
    READY,
    column('Up-to-date', 'Total number of non-terminating pods targeted by this deployment that have the desired template spec.'),
    column('Available', 'Total number of available non-terminating pods (ready for at least minReadySeconds) targeted by this deployment.'),
    AGE,
    ...CONTAINERS,
    SELECTOR,
  ],
  cells: (object, now) => [
    object.metadata.name,
    `${number(object, 'status', 'readyReplicas')}/${number(object, 'spec', 'replicas')}`,
    number(object, 'status', 'updatedReplicas'),
    number(object, 'status', 'availableReplicas'),
    ageOf(object, now),
    ...template(object),
    formatRequirements(requirementsOf(selector(object))),
  ],
};

const replicaSetTable: KindTable = {
  columns: [
    NAME,
    column('Desired', 'Replicas is the number of desired pods.', 'integer'),
    column('Current', 'Replicas is the most recently observed number of non-terminating pods.', 'integer'),
    column('Ready', 'The number of non-terminating pods targeted by this ReplicaSet with a Ready Condition.', 'integer'),
    AGE,
    ...CONTAINERS,
    SELECTOR,
  ],
  cells: (object, now) => [
    object.metadata.name,
    number(object, 'spec', 'replicas'),
    number(object, 'status', 'replicas'),
    number(object, 'status', 'readyReplicas'),
    ageOf(object, now),
    ...template(object),
    formatLabelSelector(selector(object)),
  ],
};

const statefulSetTable: KindTable = {
  columns: [NAME, READY, AGE, ...CONTAINERS],
  cells: (object, now) => [
    object.metadata.name,
    `${number(object, 'status', 'readyReplicas')}/${number(object, 'spec', 'replicas')}`,
    ageOf(object, now),
    ...template(object),
  ],
};

const daemonSetTable: KindTable = {
  columns: [
    NAME,
    column('Desired', 'The total number of nodes that should be running the daemon pod.', 'integer'),
    column('Current', 'The number of nodes that are running at least 1 daemon pod and are supposed to run the daemon pod.', 'integer'),
    column(
      'Ready',
      'The number of nodes that should be running the daemon pod and have one or more of it running with a Ready Condition.',
      'integer',
    ),
    column('Up-to-date', 'The total number of nodes that are running updated daemon pod', 'integer'),
    column(
      'Available',
      'The number of nodes that should be running the daemon pod and have one or more of it running and available.',
      'integer',
    ),
    column('Node Selector', 'Selector which must be true for the pod to fit on a node.'),
    AGE,
    ...CONTAINERS,
    SELECTOR,
  ],
  cells: (object, now) => [
    object.metadata.name,
    number(object, 'status', 'desiredNumberScheduled'),
    number(object, 'status', 'currentNumberScheduled'),
    number(object, 'status', 'numberReady'),
    number(object, 'status', 'updatedNumberScheduled'),
    number(object, 'status', 'numberAvailable'),
    labelsText(at(object, 'spec', 'template', 'spec', 'nodeSelector')),
    ageOf(object, now),
    ...template(object),
    formatLabelSelector(selector(object)),
  ],
};

const jobTable: KindTable = {
  columns: [
    NAME,
    column('Status', 'Status of the job.'),
    column('Completions', 'The number of pods which reached phase Succeeded.'),
    column('Duration', 'Time required to complete the job.'),
    AGE,
    ...CONTAINERS,
    SELECTOR,
  ],
  cells: (object, now) => [
    object.metadata.name,
    jobStatus(object),
    completions(object),
    jobDuration(object, now),
    ageOf(object, now),
    ...template(object),
    formatLabelSelector(selector(object)),
  ],
};

/** Conditions of a Job in the order in which they win, and what is shown for them. */
const JOB_STATUS: readonly (readonly [condition: string, shown: string])[] = [
  ['Complete', 'Complete'],
  ['Failed', 'Failed'],
  ['', 'Terminating'],
  ['Suspended', 'Suspended'],
  ['FailureTarget', 'FailureTarget'],
  ['SuccessCriteriaMet', 'SuccessCriteriaMet'],
];

function jobStatus(job: KubeObject): string {
  const conditions = asObjects(at(job, 'status', 'conditions'));
  const has = (type: string): boolean => conditions.some((condition) => condition.type === type && condition.status === 'True');
  const first = JOB_STATUS.find(([type]) => (type ? has(type) : job.metadata.deletionTimestamp !== undefined));
  return first?.[1] ?? 'Running';
}

function completions(job: KubeObject): string {
  const succeeded = number(job, 'status', 'succeeded');
  const wanted = at(job, 'spec', 'completions');
  if (typeof wanted === 'number') return `${succeeded}/${wanted}`;
  const parallelism = number(job, 'spec', 'parallelism');
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`;
}

function jobDuration(job: KubeObject, now: Date): string {
  const start = Date.parse(asString(at(job, 'status', 'startTime')));
  if (Number.isNaN(start)) return '';
  const end = Date.parse(asString(at(job, 'status', 'completionTime')));
  return humanDuration((Number.isNaN(end) ? now.getTime() : end) - start);
}

const cronJobTable: KindTable = {
  columns: [
    NAME,
    column('Schedule', 'The schedule in Cron format, see https://en.wikipedia.org/wiki/Cron.'),
    column('Timezone', 'The time zone name for the given schedule.'),
    column('Suspend', 'This flag tells the controller to suspend subsequent executions.', 'boolean'),
    column('Active', 'A list of pointers to currently running jobs.', 'integer'),
    column('Last Schedule', 'Information when was the last time the job was successfully scheduled.'),
    AGE,
    ...CONTAINERS,
    SELECTOR,
  ],
  cells: (object, now) => {
    const jobTemplate = asObject(at(object, 'spec', 'jobTemplate', 'spec'));
    const last = at(object, 'status', 'lastScheduleTime');
    return [
      object.metadata.name,
      asString(at(object, 'spec', 'schedule')),
      asString(at(object, 'spec', 'timeZone')) || '<none>',
      at(object, 'spec', 'suspend') === true ? 'True' : 'False',
      asArray(at(object, 'status', 'active')).length,
      last ? since(last, now) : '<none>',
      ageOf(object, now),
      ...containerCells(asObject(at(jobTemplate, 'template', 'spec'))),
      formatLabelSelector(jobTemplate.selector as LabelSelector | undefined),
    ];
  },
};

const controllerRevisionTable: KindTable = {
  columns: [
    NAME,
    column('Controller', 'Controller of the object'),
    column('Revision', 'Revision indicates the revision of the state represented by Data.'),
    AGE,
  ],
  cells: (object, now) => {
    const owner = object.metadata.ownerReferences?.find((reference) => reference.controller);
    const group = owner?.apiVersion.includes('/') ? `.${owner.apiVersion.split('/')[0]}` : '';
    const controller = owner ? `${owner.kind.toLowerCase()}${group}/${owner.name}` : '<none>';
    return [object.metadata.name, controller, asNumber(object.revision), ageOf(object, now)];
  },
};

export const workloadTables: Readonly<Record<string, KindTable>> = {
  'Deployment.apps': deploymentTable,
  'ReplicaSet.apps': replicaSetTable,
  'StatefulSet.apps': statefulSetTable,
  'DaemonSet.apps': daemonSetTable,
  'ControllerRevision.apps': controllerRevisionTable,
  'Job.batch': jobTable,
  'CronJob.batch': cronJobTable,
};
