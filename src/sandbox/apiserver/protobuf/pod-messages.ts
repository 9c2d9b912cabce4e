/** Metadata and what Pods are made of (meta/v1, core/v1). Notation: messages.ts. */
export const POD_MESSAGES = `
DeleteOptions: gracePeriodSeconds=1:*i preconditions=2:*Preconditions orphanDependents=3:*b propagationPolicy=4:*s dryRun=5:[]s
  ignoreStoreReadErrorWithClusterBreakingPotential=6:*b
ObjectMeta: name=1 generateName=2 namespace=3 selfLink=4 uid=5 resourceVersion=6 generation=7:i creationTimestamp=8:T
  deletionTimestamp=9:*T deletionGracePeriodSeconds=10:*i labels=11:{}s annotations=12:{}s ownerReferences=13:[]OwnerReference
  finalizers=14:[]s managedFields=17:[]ManagedFieldsEntry
Preconditions: uid=1:*s resourceVersion=2:*s
OwnerReference: apiVersion=5 kind=1 name=3 uid=4 controller=6:*b blockOwnerDeletion=7:*b
ManagedFieldsEntry: manager=1 operation=2 apiVersion=3 time=4:*T fieldsType=6 fieldsV1=7:*R subresource=8
Condition: type=1 status=2 observedGeneration=3:i lastTransitionTime=4:T reason=5 message=6
LabelSelector: matchLabels=1:{}s matchExpressions=2:[]LabelSelectorRequirement
LabelSelectorRequirement: key=1 operator=2 values=3:[]s
FieldSelectorRequirement: key=1 operator=2 values=3:[]s
PodSpec: volumes=1:[]Volume initContainers=20:[]Container containers=2:[]Container ephemeralContainers=34:[]EphemeralContainer
  restartPolicy=3 terminationGracePeriodSeconds=4:*i activeDeadlineSeconds=5:*i dnsPolicy=6 nodeSelector=7:{}s serviceAccountName=8
  serviceAccount=9 automountServiceAccountToken=21:*b nodeName=10 hostNetwork=11:b hostPID=12:b hostIPC=13:b shareProcessNamespace=27:*b
  securityContext=14:*PodSecurityContext imagePullSecrets=15:[]LocalObjectReference hostname=16 subdomain=17 affinity=18:*Affinity
  schedulerName=19 tolerations=22:[]Toleration hostAliases=23:[]HostAlias priorityClassName=24 priority=25:*i dnsConfig=26:*PodDNSConfig
  readinessGates=28:[]PodReadinessGate runtimeClassName=29:*s enableServiceLinks=30:*b preemptionPolicy=31:*s overhead=32:{}Q
  topologySpreadConstraints=33:[]TopologySpreadConstraint setHostnameAsFQDN=35:*b os=36:*PodOS hostUsers=37:*b
  schedulingGates=38:[]PodSchedulingGate resourceClaims=39:[]PodResourceClaim resources=40:*ResourceRequirements hostnameOverride=41:*s
  schedulingGroup=43:*PodSchedulingGroup
PodTemplateSpec: metadata=1:ObjectMeta spec=2:PodSpec
Container: name=1 image=2 command=3:[]s args=4:[]s workingDir=5 ports=6:[]ContainerPort envFrom=19:[]EnvFromSource env=7:[]EnvVar
  resources=8:ResourceRequirements resizePolicy=23:[]ContainerResizePolicy restartPolicy=24:*s
  restartPolicyRules=25:[]ContainerRestartRule volumeMounts=9:[]VolumeMount volumeDevices=21:[]VolumeDevice livenessProbe=10:*Probe
  readinessProbe=11:*Probe startupProbe=22:*Probe lifecycle=12:*Lifecycle terminationMessagePath=13 terminationMessagePolicy=20
  imagePullPolicy=14 securityContext=15:*SecurityContext stdin=16:b stdinOnce=17:b tty=18:b
EphemeralContainer: ^=1:EphemeralContainerCommon targetContainerName=2
PodSecurityContext: seLinuxOptions=1:*SELinuxOptions windowsOptions=8:*WindowsSecurityContextOptions runAsUser=2:*i runAsGroup=6:*i
  runAsNonRoot=3:*b supplementalGroups=4:[]i supplementalGroupsPolicy=12:*s fsGroup=5:*i sysctls=7:[]Sysctl fsGroupChangePolicy=9:*s
  seccompProfile=10:*SeccompProfile appArmorProfile=11:*AppArmorProfile seLinuxChangePolicy=13:*s
Affinity: nodeAffinity=1:*NodeAffinity podAffinity=2:*PodAffinity podAntiAffinity=3:*PodAntiAffinity
Toleration: key=1 operator=2 value=3 effect=4 tolerationSeconds=5:*i
HostAlias: ip=1 hostnames=2:[]s
PodDNSConfig: nameservers=1:[]s searches=2:[]s options=3:[]PodDNSConfigOption
PodReadinessGate: conditionType=1
TopologySpreadConstraint: maxSkew=1:i topologyKey=2 whenUnsatisfiable=3 labelSelector=4:*LabelSelector minDomains=5:*i
  nodeAffinityPolicy=6:*s nodeTaintsPolicy=7:*s matchLabelKeys=8:[]s
PodOS: name=1
PodSchedulingGate: name=1
PodResourceClaim: name=1 resourceClaimName=3:*s resourceClaimTemplateName=4:*s
ResourceRequirements: limits=1:{}Q requests=2:{}Q claims=3:[]ResourceClaim
PodSchedulingGroup: podGroupName=1:*s
ContainerPort: name=1 hostPort=2:i containerPort=3:i protocol=4 hostIP=5
EnvFromSource: prefix=1 configMapRef=2:*ConfigMapEnvSource secretRef=3:*SecretEnvSource
EnvVar: name=1 value=2 valueFrom=3:*EnvVarSource
ContainerResizePolicy: resourceName=1 restartPolicy=2
ContainerRestartRule: action=1 exitCodes=2:*ContainerRestartRuleOnExitCodes
VolumeMount: name=1 readOnly=2:b recursiveReadOnly=7:*s mountPath=3 subPath=4 mountPropagation=5:*s subPathExpr=6
VolumeDevice: name=1 devicePath=2
Probe: ^=1:ProbeHandler initialDelaySeconds=2:i timeoutSeconds=3:i periodSeconds=4:i successThreshold=5:i failureThreshold=6:i
  terminationGracePeriodSeconds=7:*i
Lifecycle: postStart=1:*LifecycleHandler preStop=2:*LifecycleHandler stopSignal=3:*s
SecurityContext: capabilities=1:*Capabilities privileged=2:*b seLinuxOptions=3:*SELinuxOptions
  windowsOptions=10:*WindowsSecurityContextOptions runAsUser=4:*i runAsGroup=8:*i runAsNonRoot=5:*b readOnlyRootFilesystem=6:*b
  allowPrivilegeEscalation=7:*b procMount=9:*s seccompProfile=11:*SeccompProfile appArmorProfile=12:*AppArmorProfile
EphemeralContainerCommon: name=1 image=2 command=3:[]s args=4:[]s workingDir=5 ports=6:[]ContainerPort envFrom=19:[]EnvFromSource
  env=7:[]EnvVar resources=8:ResourceRequirements resizePolicy=23:[]ContainerResizePolicy restartPolicy=24:*s
  restartPolicyRules=25:[]ContainerRestartRule volumeMounts=9:[]VolumeMount volumeDevices=21:[]VolumeDevice livenessProbe=10:*Probe
  readinessProbe=11:*Probe startupProbe=22:*Probe lifecycle=12:*Lifecycle terminationMessagePath=13 terminationMessagePolicy=20
  imagePullPolicy=14 securityContext=15:*SecurityContext stdin=16:b stdinOnce=17:b tty=18:b
SELinuxOptions: user=1 role=2 type=3 level=4
WindowsSecurityContextOptions: gmsaCredentialSpecName=1:*s gmsaCredentialSpec=2:*s runAsUserName=3:*s hostProcess=4:*b
Sysctl: name=1 value=2
SeccompProfile: type=1 localhostProfile=2:*s
AppArmorProfile: type=1 localhostProfile=2:*s
NodeAffinity: requiredDuringSchedulingIgnoredDuringExecution=1:*NodeSelector
  preferredDuringSchedulingIgnoredDuringExecution=2:[]PreferredSchedulingTerm
PodAffinity: requiredDuringSchedulingIgnoredDuringExecution=1:[]PodAffinityTerm
  preferredDuringSchedulingIgnoredDuringExecution=2:[]WeightedPodAffinityTerm
PodAntiAffinity: requiredDuringSchedulingIgnoredDuringExecution=1:[]PodAffinityTerm
  preferredDuringSchedulingIgnoredDuringExecution=2:[]WeightedPodAffinityTerm
PodDNSConfigOption: name=1 value=2:*s
ResourceClaim: name=1 request=2
ConfigMapEnvSource: ^=1:LocalObjectReference optional=2:*b
SecretEnvSource: ^=1:LocalObjectReference optional=2:*b
EnvVarSource: fieldRef=1:*ObjectFieldSelector resourceFieldRef=2:*ResourceFieldSelector configMapKeyRef=3:*ConfigMapKeySelector
  secretKeyRef=4:*SecretKeySelector fileKeyRef=5:*FileKeySelector
ContainerRestartRuleOnExitCodes: operator=1 values=2:[]i
ProbeHandler: exec=1:*ExecAction httpGet=2:*HTTPGetAction tcpSocket=3:*TCPSocketAction grpc=4:*GRPCAction
LifecycleHandler: exec=1:*ExecAction httpGet=2:*HTTPGetAction tcpSocket=3:*TCPSocketAction sleep=4:*SleepAction
Capabilities: add=1:[]s drop=2:[]s
PreferredSchedulingTerm: weight=1:i preference=2:NodeSelectorTerm
PodAffinityTerm: labelSelector=1:*LabelSelector namespaces=2:[]s topologyKey=3 namespaceSelector=4:*LabelSelector matchLabelKeys=5:[]s
  mismatchLabelKeys=6:[]s
WeightedPodAffinityTerm: weight=1:i podAffinityTerm=2:PodAffinityTerm
ConfigMapKeySelector: ^=1:LocalObjectReference key=2 optional=3:*b
SecretKeySelector: ^=1:LocalObjectReference key=2 optional=3:*b
FileKeySelector: volumeName=1 path=2 key=3 optional=4:*b
ExecAction: command=1:[]s
HTTPGetAction: path=1 port=2:O host=3 scheme=4 httpHeaders=5:[]HTTPHeader
TCPSocketAction: port=1:O host=2
GRPCAction: port=1:i service=2:*s
SleepAction: seconds=1:i
HTTPHeader: name=1 value=2
`;
