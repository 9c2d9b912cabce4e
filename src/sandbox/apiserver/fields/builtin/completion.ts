/**
 * Defaults of built-in kinds that depend on other fields. Each function changes one object in place, before the defaults of
 * what is below it. Source: kubernetes pkg/apis/<group>/<version>/defaults.go.
 */
import { isObject, type JsonObject } from '../json.ts';

function setMissing(object: JsonObject, name: string, value: unknown): void {
  if (object[name] === undefined) object[name] = value;
}

function objectsIn(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

/** An image without a tag, or tagged `latest`, is pulled always; any other once. */
export function completeContainer(container: JsonObject): void {
  if (typeof container.image === 'string') setMissing(container, 'imagePullPolicy', isLatest(container.image) ? 'Always' : 'IfNotPresent');
}

function isLatest(image: string): boolean {
  if (image.includes('@')) return false;
  const name = image.slice(image.lastIndexOf('/') + 1);
  const colon = name.indexOf(':');
  return colon < 0 || name.slice(colon + 1) === 'latest';
}

/** A volume that says nothing about its source is an empty directory. */
export function completeVolume(volume: JsonObject): void {
  if (Object.keys(volume).every((name) => name === 'name')) volume.emptyDir = {};
}

/** `serviceAccount` repeats `serviceAccountName`. */
export function completePodSpec(spec: JsonObject): void {
  if (typeof spec.serviceAccountName === 'string') setMissing(spec, 'serviceAccount', spec.serviceAccountName);
  else if (typeof spec.serviceAccount === 'string') spec.serviceAccountName = spec.serviceAccount;
}

/**
 * Pods themselves (not templates): requests follow limits, services are linked into the environment, and on the host's network
 * ports of containers are ports of the host.
 */
export function completePod(pod: JsonObject): void {
  const { spec } = pod;
  if (!isObject(spec)) return;
  setMissing(spec, 'enableServiceLinks', true);
  const containers = [...objectsIn(spec.containers), ...objectsIn(spec.initContainers)];
  for (const { resources, ports } of containers) {
    if (spec.hostNetwork === true) for (const port of objectsIn(ports)) setMissing(port, 'hostPort', port.containerPort);
    if (!isObject(resources) || !isObject(resources.limits)) continue;
    resources.requests = { ...resources.limits, ...(isObject(resources.requests) ? resources.requests : {}) };
  }
}

export function completeServicePort(port: JsonObject): void {
  setMissing(port, 'targetPort', port.port);
}

export function completeServiceSpec(spec: JsonObject): void {
  const { type } = spec;
  if (spec.sessionAffinity === 'ClientIP') setMissing(spec, 'sessionAffinityConfig', { clientIP: { timeoutSeconds: 10_800 } });
  if (type === 'NodePort' || type === 'LoadBalancer') setMissing(spec, 'externalTrafficPolicy', 'Cluster');
  if (type !== 'ExternalName') setMissing(spec, 'internalTrafficPolicy', 'Cluster');
  if (type === 'LoadBalancer') setMissing(spec, 'allocateLoadBalancerNodePorts', true);
}

function completeRollingUpdate(strategy: JsonObject, defaults: JsonObject): void {
  if (strategy.type !== 'RollingUpdate') return;
  setMissing(strategy, 'rollingUpdate', {});
  const { rollingUpdate } = strategy;
  if (!isObject(rollingUpdate)) return;
  for (const [name, value] of Object.entries(defaults)) setMissing(rollingUpdate, name, value);
}

export function completeDeploymentStrategy(strategy: JsonObject): void {
  completeRollingUpdate(strategy, { maxUnavailable: '25%', maxSurge: '25%' });
}

export function completeStatefulSetStrategy(strategy: JsonObject): void {
  completeRollingUpdate(strategy, { partition: 0 });
}

/** Templates of claims are whole objects. */
export function completeStatefulSetSpec(spec: JsonObject): void {
  for (const claim of objectsIn(spec.volumeClaimTemplates)) {
    claim.apiVersion = 'v1';
    claim.kind = 'PersistentVolumeClaim';
  }
}

export function completeDaemonSetStrategy(strategy: JsonObject): void {
  completeRollingUpdate(strategy, { maxUnavailable: 1, maxSurge: 0 });
}

/** A job that names neither runs one pod once. Templates of jobs are completed when they become one. */
export function completeJob(job: JsonObject): void {
  const { spec } = job;
  if (!isObject(spec)) return;
  if (spec.completions === undefined && spec.parallelism === undefined) spec.completions = 1;
  const replacement = spec.podFailurePolicy === undefined ? 'TerminatingOrFailed' : 'Failed';
  const defaults = {
    parallelism: 1,
    backoffLimit: 6,
    completionMode: 'NonIndexed',
    suspend: false,
    podReplacementPolicy: replacement,
    manualSelector: false,
  };
  for (const [name, value] of Object.entries(defaults)) setMissing(spec, name, value);
}

const SCALE_UP = {
  stabilizationWindowSeconds: 0,
  selectPolicy: 'Max',
  policies: [
    { type: 'Pods', value: 4, periodSeconds: 15 },
    { type: 'Percent', value: 100, periodSeconds: 15 },
  ],
};
const SCALE_DOWN = { selectPolicy: 'Max', policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }] };
const CPU_METRIC = { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } };

/** Scales by CPU where no metric is named; a behaviour that is begun is completed. */
export function completeAutoscalerSpec(spec: JsonObject): void {
  setMissing(spec, 'metrics', [structuredClone(CPU_METRIC)]);
  const { behavior } = spec;
  if (!isObject(behavior)) return;
  behavior.scaleUp = { ...structuredClone(SCALE_UP), ...(isObject(behavior.scaleUp) ? behavior.scaleUp : {}) };
  behavior.scaleDown = { ...structuredClone(SCALE_DOWN), ...(isObject(behavior.scaleDown) ? behavior.scaleDown : {}) };
}

export function completeNetworkPolicySpec(spec: JsonObject): void {
  const egress = Array.isArray(spec.egress) && spec.egress.length > 0;
  setMissing(spec, 'policyTypes', egress ? ['Ingress', 'Egress'] : ['Ingress']);
}

const RBAC_GROUP = 'rbac.authorization.k8s.io';

export function completeRoleRef(roleRef: JsonObject): void {
  setMissing(roleRef, 'apiGroup', RBAC_GROUP);
}

export function completeSubject(subject: JsonObject): void {
  if (subject.kind === 'User' || subject.kind === 'Group') setMissing(subject, 'apiGroup', RBAC_GROUP);
}

/** Every namespace carries its name as a label. */
export function completeNamespace(namespace: JsonObject): void {
  const { metadata } = namespace;
  if (!isObject(metadata) || typeof metadata.name !== 'string') return;
  setMissing(metadata, 'labels', {});
  if (isObject(metadata.labels)) metadata.labels['kubernetes.io/metadata.name'] = metadata.name;
}

export function completeCrdNames(names: JsonObject): void {
  if (typeof names.kind !== 'string') return;
  setMissing(names, 'singular', names.kind.toLowerCase());
  setMissing(names, 'listKind', `${names.kind}List`);
}

/** `stringData` is for writing alone: it becomes `data`. */
export function completeSecret(secret: JsonObject): void {
  const { stringData } = secret;
  if (!isObject(stringData)) return;
  const encoded = Object.entries(stringData).map(([name, text]) => [name, Buffer.from(String(text)).toString('base64')]);
  secret.data = { ...(isObject(secret.data) ? secret.data : {}), ...Object.fromEntries(encoded) };
  delete secret.stringData;
}
