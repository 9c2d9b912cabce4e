/**
 * The Flux kinds Ebb reads and writes, as far as it does.
 * Sources: fluxcd/kustomize-controller api/v1, fluxcd/source-controller api/v1, fluxcd/helm-controller api/v2 (Flux 2.9).
 */
import { parseDuration } from './duration.ts';
import type { Condition, GroupVersionKind, KubeObject, ObjectMeta } from './kube.ts';

export const KUSTOMIZATION: GroupVersionKind = { apiVersion: 'kustomize.toolkit.fluxcd.io/v1', kind: 'Kustomization' };
export const GIT_REPOSITORY: GroupVersionKind = { apiVersion: 'source.toolkit.fluxcd.io/v1', kind: 'GitRepository' };
export const HELM_RELEASE: GroupVersionKind = { apiVersion: 'helm.toolkit.fluxcd.io/v2', kind: 'HelmRelease' };

export interface LocalReference {
  name: string;
}

export interface SourceReference {
  apiVersion?: string;
  kind: string;
  name: string;
  namespace?: string;
}

/** A JSON 6902 or strategic-merge patch of a Kustomization, inline. */
export interface KustomizationPatch {
  patch: string;
  target?: {
    group?: string;
    version?: string;
    kind?: string;
    name?: string;
    namespace?: string;
    labelSelector?: string;
    annotationSelector?: string;
  };
}

export interface KustomizationImage {
  name: string;
  newName?: string;
  newTag?: string;
  digest?: string;
}

export interface SubstituteReference {
  kind: 'ConfigMap' | 'Secret';
  name: string;
  optional?: boolean;
}

/** The part of a Kustomization's spec on which the rendered objects depend. */
export interface KustomizationBuildSpec {
  path?: string;
  targetNamespace?: string;
  namePrefix?: string;
  nameSuffix?: string;
  components?: string[];
  ignoreMissingComponents?: boolean;
  patches?: KustomizationPatch[];
  images?: KustomizationImage[];
  commonMetadata?: { labels?: Record<string, string>; annotations?: Record<string, string> };
  postBuild?: {
    substitute?: Record<string, string>;
    substituteFrom?: SubstituteReference[];
    /** `Always` (Flux 2.9): substitute even where no variable is defined. */
    substituteStrategy?: 'WithVariables' | 'Always';
  };
  /** kustomize's build metadata to add to the objects: `originAnnotations`, `transformerAnnotations`. */
  buildMetadata?: string[];
}

export interface HealthCheckReference {
  apiVersion?: string;
  kind: string;
  name: string;
  namespace?: string;
}

export interface KustomizationSpec extends KustomizationBuildSpec {
  interval: string;
  retryInterval?: string;
  timeout?: string;
  prune: boolean;
  deletionPolicy?: 'MirrorPrune' | 'Delete' | 'Orphan' | 'WaitForTermination';
  wait?: boolean;
  healthChecks?: HealthCheckReference[];
  healthCheckExprs?: unknown[];
  kubeConfig?: unknown;
  force?: boolean;
  suspend?: boolean;
  dependsOn?: { name: string; namespace?: string; readyExpr?: string }[];
  sourceRef: SourceReference;
  serviceAccountName?: string;
  decryption?: { provider: string; secretRef?: LocalReference };
}

/**
 * How long a run's health checks may take, in milliseconds: `timeout`, else the interval less 30 s; at least 30 s.
 * Source: kustomize-controller api/v1/kustomization_types.go GetTimeout.
 */
export function timeoutOf(spec: Pick<KustomizationSpec, 'interval' | 'timeout'>): number {
  const given = spec.timeout === undefined ? undefined : parseDuration(spec.timeout);
  return Math.max(30_000, given ?? (parseDuration(spec.interval) ?? 300_000) - 30_000);
}

export interface InventoryEntry {
  /** `<namespace>_<name>_<group>_<kind>`; colons of the name written `__`. */
  id: string;
  /** API version, without the group. */
  v: string;
}

/** One entry of `status.history` (Flux 2.7); at most five, and not a log: see `docs/explanation/how-flux-behaves.md`. */
export interface FluxSnapshot {
  digest: string;
  firstReconciled: string;
  lastReconciled: string;
  lastReconciledDuration?: string;
  /** A reason, for example `ReconciliationSucceeded`. */
  lastReconciledStatus: string;
  totalReconciliations: number;
  metadata?: Record<string, string>;
}

export interface KustomizationStatus {
  observedGeneration?: number;
  conditions?: Condition[];
  lastHandledReconcileAt?: string;
  lastAppliedRevision?: string;
  lastAppliedOriginRevision?: string;
  lastAttemptedRevision?: string;
  inventory?: { entries: InventoryEntry[] };
  history?: FluxSnapshot[];
}

export interface Kustomization extends KubeObject {
  metadata: ObjectMeta & { namespace: string };
  spec: KustomizationSpec;
  status?: KustomizationStatus;
}

export interface GitRepositoryRef {
  branch?: string;
  tag?: string;
  semver?: string;
  name?: string;
  commit?: string;
}

export interface GitRepositorySpec {
  url: string;
  interval: string;
  timeout?: string;
  ref?: GitRepositoryRef;
  secretRef?: LocalReference;
  proxySecretRef?: LocalReference;
  suspend?: boolean;
  ignore?: string;
  verify?: { mode?: string; secretRef: LocalReference };
  include?: { repository: LocalReference; fromPath?: string; toPath?: string }[];
  sparseCheckout?: string[];
  recurseSubmodules?: boolean;
  provider?: string;
}

export interface Artifact {
  digest?: string;
  lastUpdateTime: string;
  path: string;
  revision: string;
  size?: number;
  url: string;
  metadata?: Record<string, string>;
}

export interface GitRepositoryStatus {
  observedGeneration?: number;
  conditions?: Condition[];
  artifact?: Artifact;
  lastHandledReconcileAt?: string;
}

export interface GitRepository extends KubeObject {
  metadata: ObjectMeta & { namespace: string };
  spec: GitRepositorySpec;
  status?: GitRepositoryStatus;
}

/** A HelmRelease as far as suspending, its conditions and its history go. */
export interface HelmRelease extends KubeObject {
  metadata: ObjectMeta & { namespace: string };
  spec: {
    interval: string;
    timeout?: string;
    suspend?: boolean;
    targetNamespace?: string;
    kubeConfig?: unknown;
    chart?: { spec: { chart: string; version?: string; sourceRef: SourceReference } };
    chartRef?: SourceReference;
    values?: unknown;
    [field: string]: unknown;
  };
  status?: {
    observedGeneration?: number;
    conditions?: Condition[];
    lastAttemptedRevision?: string;
    lastHandledReconcileAt?: string;
    history?: { chartVersion: string; appVersion?: string; status: string; version: number; lastDeployed?: string }[];
    inventory?: { entries: InventoryEntry[] };
    [field: string]: unknown;
  };
}

/** `status.conditions[].type` of Flux objects. */
export const READY = 'Ready';
export const RECONCILING = 'Reconciling';
export const STALLED = 'Stalled';
export const HEALTHY = 'Healthy';

/** Reasons of kustomize-controller (api/v1/condition_types.go and fluxcd/pkg apis/meta). */
export const FluxReason = {
  Progressing: 'Progressing',
  ProgressingWithRetry: 'ProgressingWithRetry',
  ReconciliationSucceeded: 'ReconciliationSucceeded',
  ReconciliationFailed: 'ReconciliationFailed',
  BuildFailed: 'BuildFailed',
  ArtifactFailed: 'ArtifactFailed',
  PruneFailed: 'PruneFailed',
  HealthCheckFailed: 'HealthCheckFailed',
  HealthCheckCanceled: 'HealthCheckCanceled',
  DependencyNotReady: 'DependencyNotReady',
} as const;

/** Changing this annotation's value starts a run; `status.lastHandledReconcileAt` repeats it when the run ended. */
export const REQUESTED_AT = 'reconcile.fluxcd.io/requestedAt';
/** `disabled`: the parent Kustomization neither applies nor prunes the object. */
export const RECONCILE_ANNOTATION = 'kustomize.toolkit.fluxcd.io/reconcile';
/** Owner labels that kustomize-controller puts on every object that it applies. */
export const OWNER_NAME_LABEL = 'kustomize.toolkit.fluxcd.io/name';
export const OWNER_NAMESPACE_LABEL = 'kustomize.toolkit.fluxcd.io/namespace';
/** Owner labels that helm-controller puts on every object that it applies. */
export const HELM_NAME_LABEL = 'helm.toolkit.fluxcd.io/name';
export const HELM_NAMESPACE_LABEL = 'helm.toolkit.fluxcd.io/namespace';
export const KUSTOMIZE_CONTROLLER = 'kustomize-controller';
