/** The world as observed: serialisable; everything that diagnosis, planning and judging look at. */
import type { FluxSnapshot, KustomizationBuildSpec } from '../api/flux.ts';
import type { Condition, ObjectRef } from '../api/kube.ts';
import type { Target } from '../api/target.ts';
import type { Mark } from './abandon/mark.ts';
import type { Appliers } from './holds/field-owners.ts';
import type { Hold } from './holds/hold.ts';
import type { UndoneHold } from './holds/undone.ts';
import type { SourceName } from './plan/plan.ts';
import type { Reading } from './restart/readings.ts';

/** What keeps a target waiting by `dependsOn`: of its dependencies and theirs, the one that is not well by itself. */
export interface Blocker {
  target: Target;
  /** From the target's own dependency on; the blocker is the last. */
  path: Target[];
  /** It will not get ready by waiting: it failed on what its source has now, is suspended, or is not there. */
  final: boolean;
  /** Flux's reason, or `NotFound`, `Suspended`. */
  reason: string;
  message: string;
}

export interface TargetState {
  target: Target;
  suspended: boolean;
  hold?: Hold;
  /** A hold of which only the record is left. */
  undone?: UndoneHold;
  /** Who else applies the fields that a hold writes. */
  appliers?: Appliers;
  generation?: number;
  observedGeneration?: number;
  conditions: Condition[];
  lastAppliedRevision?: string;
  lastAttemptedRevision?: string;
  /** The token of the last request to reconcile whose run ended. */
  lastHandledReconcileAt?: string;
  /** Flux's five snapshots, newest first. */
  snapshots: FluxSnapshot[];
  /** Objects that Flux applied for this target. */
  inventory: ObjectRef[];
  /** `spec.kubeConfig`: Flux applies it to another cluster, of which nothing can be seen from here. */
  elsewhere?: true;
  /** How Flux builds it; absent for a HelmRelease. */
  build?: KustomizationBuildSpec;
  intervalMs?: number;
  /** After how long Flux tries again what failed. */
  retryIntervalMs?: number;
  /** How long a health check may take. */
  timeoutMs?: number;
  waits: boolean;
  /** `spec.prune`: what is gone from Git is deleted. Absent: it is. */
  prune?: boolean;
  /** The Kustomization that applies this one, where there is one. */
  parent?: Target;
  dependsOn: Target[];
  /** Only observed where it matters: the target waits for it. */
  blocker?: Blocker;
  /** Annotation `ebb.dev/http-check`: checks that the team declared. */
  httpChecks: string[];
}

export interface SourceState {
  name: SourceName;
  /** Without credentials. */
  url: string;
  /** The branch it follows. */
  branch?: string;
  /** `spec.ref.commit`: it stands still. */
  pinnedCommit?: string;
  revision?: string;
  suspended: boolean;
  /** After how long it looks again by itself. */
  intervalMs?: number;
  conditions: Condition[];
  hold?: Hold;
  undone?: UndoneHold;
  appliers?: Appliers;
  /** `spec.ignore`: paths that its artifact leaves out. */
  ignore?: string;
}

/** A Kustomization that reads the same source. */
export interface Consumer {
  target: Target;
  build: KustomizationBuildSpec;
  suspended: boolean;
  dependsOn: Target[];
  /** What keeps it from following the source. */
  hold?: Hold;
}

export interface ContainerState {
  name: string;
  image: string;
  ready: boolean;
  restarts: number;
  /** Why it is not running: `CrashLoopBackOff`, `ImagePullBackOff`, `ContainerCreating` … */
  waiting?: { reason: string; message: string };
  /** Since when it runs: RFC 3339, by the clock of its node. */
  startedAt?: string;
  /** The very image that runs, as the container runtime names it: two of one tag may differ. */
  imageId?: string;
  /** The last time that it ended. */
  terminated?: { exitCode: number; reason: string; signal?: number; finishedAt?: string };
  /** Last lines of its log, where it is not well. */
  log?: string[];
}

export interface PodState {
  name: string;
  createdAt: string;
  phase: string;
  ready: boolean;
  terminating: boolean;
  /** It belongs to the workload's current template. */
  current: boolean;
  containers: ContainerState[];
  /** Warnings of this pod, newest first. */
  warnings: EventState[];
  /** Where it was placed. */
  node?: string;
  /** Why the scheduler finds no node for it. */
  unschedulable?: string;
  /** Its node does not answer any more: in whose words. */
  lost?: string;
}

/** An object of its own namespace that a pod must have to start. */
export interface Need {
  kind: 'Secret' | 'ConfigMap' | 'PersistentVolumeClaim' | 'ServiceAccount';
  name: string;
  /** The field of the pod's template that names it: `containers[app].envFrom`, `volumes[certificate]`, `imagePullSecrets`. */
  field: string;
}

export interface EventState {
  reason: string;
  message: string;
  count: number;
  /** RFC 3339. */
  last: string;
}

export interface WorkloadState {
  ref: ObjectRef;
  /** kstatus, as Flux judges it. */
  health: { status: 'Current' | 'InProgress' | 'Failed' | 'Terminating' | 'Unknown' | 'NotFound'; message: string };
  images: string[];
  desired: number;
  updated: number;
  ready: number;
  pods: PodState[];
  warnings: EventState[];
  /** A rollback marked it as failed for some seconds, or left that behind. */
  mark?: Mark;
  /** What its template refers to and cannot do without. */
  needs?: Need[];
  /** What each new pod asks a node for: resource → quantity, of each container that asks. */
  asks?: Record<string, string[]>;
  /** Why the API server takes no new pod of it. */
  refused?: string;
  /** Pods that may be away during a rolling update, where that is none. */
  maxUnavailable?: 0;
  /** `spec.paused` of a Deployment, and who set it: the field manager. */
  paused?: { by: string; at?: string };
  /** An autoscaler set `spec.replicas`, by the subresource `scale`. */
  autoscaled?: { by: string; at?: string };
}

export interface ServiceState {
  ref: ObjectRef;
  ready: number;
  notReady: number;
  /** It has no selector or is headless without pods on purpose: endpoints say nothing. */
  unmanaged: boolean;
}

/** Other objects of the inventory whose health Flux waits for. */
export interface ObjectState {
  ref: ObjectRef;
  health: WorkloadState['health'];
}

/** Objects with a target's owner labels whose state its inventory does not tell. */
export interface OwnedState {
  /** Applied for the target and in no inventory: Flux will not prune them. */
  untracked: ObjectRef[];
  /** Deleted, and still there. `tracked`: the target wants them all the same. */
  terminating: { ref: ObjectRef; since: string; finalizers: string[]; tracked: boolean }[];
  /** In the inventory and not in the cluster. */
  missing: ObjectRef[];
}

/** What the pods of a workload read from ConfigMaps and Secrets. */
export interface ConfigReads {
  workload: ObjectRef;
  reads: ConfigRead[];
  /** Why its program needs no restart to take up what changes. */
  reloads?: string;
}

export interface ConfigRead extends Pick<Reading, 'by' | 'containers'> {
  ref: ObjectRef;
  /** When its values changed last: RFC 3339; absent where that is not known. */
  changedAt?: string;
}

export interface WorkloadsState {
  workloads: WorkloadState[];
  services: ServiceState[];
  others: ObjectState[];
  /** Only where it was looked for. */
  config?: ConfigReads[];
  /** Only where it was looked for. */
  owned?: OwnedState;
}

/** An event that Flux wrote about a target or source. */
export interface FluxEvent extends EventState {
  type: 'Normal' | 'Warning';
  revision?: string;
}

/** Does anything here want pods? Where all is scaled to zero on purpose, services have no endpoints and nothing is wrong. */
export function expectsPods({ workloads }: Pick<WorkloadsState, 'workloads'>): boolean {
  return workloads.length === 0 || workloads.some((workload) => workload.desired > 0);
}
