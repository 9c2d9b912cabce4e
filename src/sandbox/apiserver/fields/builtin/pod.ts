/** Pods and pod templates: placement, network, security. Source: k8s.io/api core/v1/types.go. */

import { completePod, completePodSpec } from './completion.ts';
import {
  appArmorProfile,
  container,
  ephemeralContainer,
  resourceRequirements,
  seccompProfile,
  seLinuxOptions,
  windowsSecurityContextOptions,
} from './container.ts';
import { fixedPodSpec } from './immutable.ts';
import { labelSelector, objectMeta } from './meta.ts';
import { kind } from './object.ts';
import { podStatus } from './pod-status.ts';
import { localObjectReference } from './references.ts';
import { checkPodMounts, checkPodSpec } from './rules.ts';
import {
  atomicMap,
  booleans,
  choice,
  dictionary,
  held,
  integer,
  integers,
  keyed,
  list,
  quantity,
  string,
  strings,
  struct,
  withDefault,
} from './vocabulary.ts';
import { volume } from './volumes.ts';

const nodeSelectorRequirement = struct(
  { ...strings('key'), operator: choice('DoesNotExist', 'Exists', 'Gt', 'In', 'Lt', 'NotIn'), values: list(string) },
  { required: 'key operator' },
);

const nodeSelectorTerm = struct(
  { matchExpressions: list(nodeSelectorRequirement), matchFields: list(nodeSelectorRequirement) },
  { owned: 'whole' },
);

export const nodeSelector = struct({ nodeSelectorTerms: list(nodeSelectorTerm) }, { required: 'nodeSelectorTerms', owned: 'whole' });

const preferredSchedulingTerm = struct({ ...integers('weight'), preference: nodeSelectorTerm }, { required: 'weight preference' });

const nodeAffinity = struct({
  preferredDuringSchedulingIgnoredDuringExecution: list(preferredSchedulingTerm),
  requiredDuringSchedulingIgnoredDuringExecution: nodeSelector,
});

const podAffinityTerm = struct(
  {
    ...strings('topologyKey'),
    labelSelector,
    matchLabelKeys: list(string),
    mismatchLabelKeys: list(string),
    namespaceSelector: labelSelector,
    namespaces: list(string),
  },
  { required: 'topologyKey' },
);

const weightedPodAffinityTerm = struct({ ...integers('weight'), podAffinityTerm }, { required: 'weight podAffinityTerm' });

const podAffinity = struct({
  preferredDuringSchedulingIgnoredDuringExecution: list(weightedPodAffinityTerm),
  requiredDuringSchedulingIgnoredDuringExecution: list(podAffinityTerm),
});

const podAntiAffinity = struct({
  preferredDuringSchedulingIgnoredDuringExecution: list(weightedPodAffinityTerm),
  requiredDuringSchedulingIgnoredDuringExecution: list(podAffinityTerm),
});

const affinity = struct({ nodeAffinity, podAffinity, podAntiAffinity });

const hostAlias = struct({ ...strings('ip'), hostnames: list(string) }, { required: 'ip' });

const podDNSConfigOption = struct({ ...strings('name value') });

const podDNSConfig = struct({ nameservers: list(string), options: list(podDNSConfigOption), searches: list(string) });

const podOS = struct({ ...strings('name') }, { required: 'name' });

const podReadinessGate = struct({ ...strings('conditionType') }, { required: 'conditionType' });

const podResourceClaim = struct({ ...strings('name resourceClaimName resourceClaimTemplateName') }, { required: 'name' });

const podSchedulingGate = struct({ ...strings('name') }, { required: 'name' });

const podSchedulingGroup = struct({ ...strings('podGroupName') });

const sysctl = struct({ ...strings('name value') }, { required: 'name value' });

const podSecurityContext = struct({
  ...integers('fsGroup runAsGroup runAsUser'),
  ...booleans('runAsNonRoot'),
  ...strings('seLinuxChangePolicy'),
  appArmorProfile,
  fsGroupChangePolicy: choice('Always', 'OnRootMismatch'),
  seLinuxOptions,
  seccompProfile,
  supplementalGroups: list(integer),
  supplementalGroupsPolicy: choice('Merge', 'Strict'),
  sysctls: list(sysctl),
  windowsOptions: windowsSecurityContextOptions,
});

const toleration = struct({
  ...strings('key value'),
  ...integers('tolerationSeconds'),
  effect: choice('NoExecute', 'NoSchedule', 'PreferNoSchedule'),
  operator: choice('Equal', 'Exists', 'Gt', 'Lt'),
});

const topologySpreadConstraint = struct(
  {
    ...integers('maxSkew minDomains'),
    ...strings('topologyKey'),
    labelSelector,
    matchLabelKeys: list(string),
    nodeAffinityPolicy: choice('Honor', 'Ignore'),
    nodeTaintsPolicy: choice('Honor', 'Ignore'),
    whenUnsatisfiable: choice('DoNotSchedule', 'ScheduleAnyway'),
  },
  { required: 'maxSkew topologyKey whenUnsatisfiable' },
);

const podSpec = struct(
  {
    ...integers('activeDeadlineSeconds priority'),
    ...booleans(
      'automountServiceAccountToken enableServiceLinks hostIPC hostNetwork hostPID hostUsers setHostnameAsFQDN shareProcessNamespace',
    ),
    ...strings('hostname hostnameOverride nodeName priorityClassName runtimeClassName serviceAccount serviceAccountName subdomain'),
    affinity,
    containers: held(keyed(container, 'name')),
    dnsConfig: podDNSConfig,
    dnsPolicy: withDefault(choice('ClusterFirst', 'ClusterFirstWithHostNet', 'Default', 'None'), 'ClusterFirst'),
    ephemeralContainers: keyed(ephemeralContainer, 'name'),
    hostAliases: keyed(hostAlias, 'ip'),
    imagePullSecrets: keyed(localObjectReference, 'name'),
    initContainers: keyed(container, 'name'),
    nodeSelector: atomicMap(string),
    os: podOS,
    overhead: dictionary(quantity),
    preemptionPolicy: choice('Never', 'PreemptLowerPriority'),
    readinessGates: list(podReadinessGate),
    resourceClaims: keyed(podResourceClaim, 'name', 'merge,retainKeys'),
    resources: resourceRequirements,
    restartPolicy: withDefault(choice('Always', 'Never', 'OnFailure'), 'Always'),
    schedulerName: withDefault(string, 'default-scheduler'),
    schedulingGates: keyed(podSchedulingGate, 'name'),
    schedulingGroup: podSchedulingGroup,
    securityContext: withDefault(podSecurityContext, {}),
    terminationGracePeriodSeconds: withDefault(integer, 30),
    tolerations: list(toleration),
    topologySpreadConstraints: keyed(topologySpreadConstraint, 'topologyKey whenUnsatisfiable'),
    volumes: keyed(volume, 'name', 'merge,retainKeys'),
  },
  { required: 'containers', complete: completePodSpec, check: checkPodSpec },
);

export const pod = kind(
  { spec: held({ ...podSpec, check: checkPodMounts }), status: held(podStatus) },
  { complete: completePod, statusSubresource: true, checkUpdate: fixedPodSpec },
);

export const podTemplateSpec = struct({ metadata: held(objectMeta), spec: held(podSpec) });
