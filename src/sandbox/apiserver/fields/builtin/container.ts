/** Containers: ports, environment, probes, hooks, security. Source: k8s.io/api core/v1/types.go. */

import { completeContainer } from './completion.ts';
import { checkProbe } from './rules.ts';
import {
  booleans,
  choice,
  dictionary,
  integer,
  integers,
  intOrString,
  keyed,
  list,
  mapList,
  quantity,
  set,
  string,
  strings,
  struct,
  withDefault,
} from './vocabulary.ts';
import { objectFieldSelector, resourceFieldSelector } from './volumes.ts';

const containerPort = struct(
  { ...integers('containerPort hostPort'), ...strings('hostIP name'), protocol: withDefault(choice('SCTP', 'TCP', 'UDP'), 'TCP') },
  { required: 'containerPort' },
);

const containerResizePolicy = struct({ ...strings('resourceName restartPolicy') }, { required: 'resourceName restartPolicy' });

const containerRestartRuleOnExitCodes = struct({ ...strings('operator'), values: set(integer) }, { required: 'operator' });

const containerRestartRule = struct({ ...strings('action'), exitCodes: containerRestartRuleOnExitCodes }, { required: 'action' });

const configMapEnvSource = struct({ ...strings('name'), ...booleans('optional') });

const secretEnvSource = struct({ ...strings('name'), ...booleans('optional') });

const envFromSource = struct({ ...strings('prefix'), configMapRef: configMapEnvSource, secretRef: secretEnvSource });

const configMapKeySelector = struct({ ...strings('key name'), ...booleans('optional') }, { required: 'key', owned: 'whole' });

const fileKeySelector = struct(
  { ...strings('key path volumeName'), ...booleans('optional') },
  { required: 'volumeName path key', owned: 'whole' },
);

const secretKeySelector = struct({ ...strings('key name'), ...booleans('optional') }, { required: 'key', owned: 'whole' });

const envVarSource = struct({
  configMapKeyRef: configMapKeySelector,
  fieldRef: objectFieldSelector,
  fileKeyRef: fileKeySelector,
  resourceFieldRef: resourceFieldSelector,
  secretKeyRef: secretKeySelector,
});

const envVar = struct({ ...strings('name value'), valueFrom: envVarSource }, { required: 'name' });

const execAction = struct({ command: list(string) });

const httpHeader = struct({ ...strings('name value') }, { required: 'name value' });

const httpGetAction = struct(
  {
    ...strings('host'),
    httpHeaders: list(httpHeader),
    path: withDefault(string, '/'),
    port: intOrString,
    scheme: withDefault(choice('HTTP', 'HTTPS'), 'HTTP'),
  },
  { required: 'port' },
);

const sleepAction = struct({ ...integers('seconds') }, { required: 'seconds' });

const tcpSocketAction = struct({ ...strings('host'), port: intOrString }, { required: 'port' });

const lifecycleHandler = struct({ exec: execAction, httpGet: httpGetAction, sleep: sleepAction, tcpSocket: tcpSocketAction });

const lifecycle = struct({ postStart: lifecycleHandler, preStop: lifecycleHandler, stopSignal: string });

const grpcAction = struct({ ...integers('port'), service: withDefault(string, '') }, { required: 'port' });

const probe = struct(
  {
    ...integers('initialDelaySeconds terminationGracePeriodSeconds'),
    exec: execAction,
    failureThreshold: withDefault(integer, 3),
    grpc: grpcAction,
    httpGet: httpGetAction,
    periodSeconds: withDefault(integer, 10),
    successThreshold: withDefault(integer, 1),
    tcpSocket: tcpSocketAction,
    timeoutSeconds: withDefault(integer, 1),
  },
  { check: checkProbe },
);

const resourceClaim = struct({ ...strings('name request') }, { required: 'name' });

export const resourceRequirements = struct({
  claims: mapList(resourceClaim, 'name'),
  limits: dictionary(quantity),
  requests: dictionary(quantity),
});

export const appArmorProfile = struct(
  { ...strings('localhostProfile'), type: choice('Localhost', 'RuntimeDefault', 'Unconfined') },
  { required: 'type' },
);

const capabilities = struct({ add: list(string), drop: list(string) });

export const seLinuxOptions = struct({ ...strings('level role type user') });

export const seccompProfile = struct(
  { ...strings('localhostProfile'), type: choice('Localhost', 'RuntimeDefault', 'Unconfined') },
  { required: 'type' },
);

export const windowsSecurityContextOptions = struct({
  ...strings('gmsaCredentialSpec gmsaCredentialSpecName runAsUserName'),
  ...booleans('hostProcess'),
});

const securityContext = struct({
  ...booleans('allowPrivilegeEscalation privileged readOnlyRootFilesystem runAsNonRoot'),
  ...integers('runAsGroup runAsUser'),
  appArmorProfile,
  capabilities,
  procMount: choice('Default', 'Unmasked'),
  seLinuxOptions,
  seccompProfile,
  windowsOptions: windowsSecurityContextOptions,
});

const volumeDevice = struct({ ...strings('devicePath name') }, { required: 'name devicePath' });

const volumeMount = struct(
  {
    ...strings('mountPath name recursiveReadOnly subPath subPathExpr'),
    ...booleans('readOnly'),
    mountPropagation: choice('Bidirectional', 'HostToContainer', 'None'),
  },
  { required: 'name mountPath' },
);

export const container = struct(
  {
    ...strings('image name restartPolicy workingDir'),
    ...booleans('stdin stdinOnce tty'),
    args: list(string),
    command: list(string),
    env: keyed(envVar, 'name'),
    envFrom: list(envFromSource),
    imagePullPolicy: choice('Always', 'IfNotPresent', 'Never'),
    lifecycle,
    livenessProbe: probe,
    ports: keyed(containerPort, 'containerPort protocol'),
    readinessProbe: probe,
    resizePolicy: list(containerResizePolicy),
    resources: withDefault(resourceRequirements, {}),
    restartPolicyRules: list(containerRestartRule),
    securityContext,
    startupProbe: probe,
    terminationMessagePath: withDefault(string, '/dev/termination-log'),
    terminationMessagePolicy: withDefault(choice('FallbackToLogsOnError', 'File'), 'File'),
    volumeDevices: keyed(volumeDevice, 'devicePath'),
    volumeMounts: keyed(volumeMount, 'mountPath'),
  },
  { required: 'name', complete: completeContainer },
);

export const ephemeralContainer = struct(
  {
    ...strings('image name restartPolicy targetContainerName workingDir'),
    ...booleans('stdin stdinOnce tty'),
    args: list(string),
    command: list(string),
    env: keyed(envVar, 'name'),
    envFrom: list(envFromSource),
    imagePullPolicy: choice('Always', 'IfNotPresent', 'Never'),
    lifecycle,
    livenessProbe: probe,
    ports: keyed(containerPort, 'containerPort protocol'),
    readinessProbe: probe,
    resizePolicy: list(containerResizePolicy),
    resources: withDefault(resourceRequirements, {}),
    restartPolicyRules: list(containerRestartRule),
    securityContext,
    startupProbe: probe,
    terminationMessagePath: withDefault(string, '/dev/termination-log'),
    terminationMessagePolicy: withDefault(choice('FallbackToLogsOnError', 'File'), 'File'),
    volumeDevices: keyed(volumeDevice, 'devicePath'),
    volumeMounts: keyed(volumeMount, 'mountPath'),
  },
  { required: 'name', complete: completeContainer },
);
