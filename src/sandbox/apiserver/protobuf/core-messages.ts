/** The other kinds of core/v1. Notation: messages.ts. */
export const CORE_MESSAGES = `
Namespace: metadata=1:ObjectMeta spec=2:NamespaceSpec status=3:NamespaceStatus
Pod: metadata=1:ObjectMeta spec=2:PodSpec status=3:PodStatus
Service: metadata=1:ObjectMeta spec=2:ServiceSpec status=3:ServiceStatus
ConfigMap: metadata=1:ObjectMeta immutable=4:*b data=2:{}s binaryData=3:{}y
Secret: metadata=1:ObjectMeta immutable=5:*b data=2:{}y stringData=4:{}s type=3
Event: metadata=1:ObjectMeta involvedObject=2:ObjectReference reason=3 message=4 source=5:EventSource firstTimestamp=6:T
  lastTimestamp=7:T count=8:i type=9 eventTime=10:M series=11:*EventSeries action=12 related=13:*ObjectReference reportingComponent=14
  reportingInstance=15
ServiceAccount: metadata=1:ObjectMeta secrets=2:[]ObjectReference imagePullSecrets=3:[]LocalObjectReference
  automountServiceAccountToken=4:*b
Node: metadata=1:ObjectMeta spec=2:NodeSpec status=3:NodeStatus
Endpoints: metadata=1:ObjectMeta subsets=2:[]EndpointSubset
ResourceQuota: metadata=1:ObjectMeta spec=2:ResourceQuotaSpec status=3:ResourceQuotaStatus
LimitRange: metadata=1:ObjectMeta spec=2:LimitRangeSpec
Binding: metadata=1:ObjectMeta target=2:ObjectReference
NamespaceSpec: finalizers=1:[]s
NamespaceStatus: phase=1 conditions=2:[]NamespaceCondition
PodStatus: observedGeneration=17:i phase=1 conditions=2:[]PodCondition message=3 reason=4 nominatedNodeName=11 hostIP=5
  hostIPs=16:[]HostIP podIP=6 podIPs=12:[]PodIP startTime=7:*T initContainerStatuses=10:[]ContainerStatus
  containerStatuses=8:[]ContainerStatus qosClass=9 ephemeralContainerStatuses=13:[]ContainerStatus resize=14
  resourceClaimStatuses=15:[]PodResourceClaimStatus extendedResourceClaimStatus=18:*PodExtendedResourceClaimStatus
  allocatedResources=19:{}Q resources=20:*ResourceRequirements
  nodeAllocatableResourceClaimStatuses=21:[]NodeAllocatableResourceClaimStatus
ServiceSpec: ports=1:[]ServicePort selector=2:{}s clusterIP=3 clusterIPs=18:[]s type=4 externalIPs=5:[]s sessionAffinity=7
  loadBalancerIP=8 loadBalancerSourceRanges=9:[]s externalName=10 externalTrafficPolicy=11 healthCheckNodePort=12:i
  publishNotReadyAddresses=13:b sessionAffinityConfig=14:*SessionAffinityConfig ipFamilies=19:[]s ipFamilyPolicy=17:*s
  allocateLoadBalancerNodePorts=20:*b loadBalancerClass=21:*s internalTrafficPolicy=22:*s trafficDistribution=23:*s
ServiceStatus: loadBalancer=1:LoadBalancerStatus conditions=2:[]Condition
EventSource: component=1 host=2
EventSeries: count=1:i lastObservedTime=2:M
NodeSpec: podCIDR=1 podCIDRs=7:[]s providerID=3 unschedulable=4:b taints=5:[]Taint configSource=6:*NodeConfigSource externalID=2
NodeStatus: capacity=1:{}Q allocatable=2:{}Q phase=3 conditions=4:[]NodeCondition addresses=5:[]NodeAddress
  daemonEndpoints=6:NodeDaemonEndpoints nodeInfo=7:NodeSystemInfo images=8:[]ContainerImage volumesInUse=9:[]s
  volumesAttached=10:[]AttachedVolume config=11:*NodeConfigStatus runtimeHandlers=12:[]NodeRuntimeHandler features=13:*NodeFeatures
  declaredFeatures=14:[]s
EndpointSubset: addresses=1:[]EndpointAddress notReadyAddresses=2:[]EndpointAddress ports=3:[]EndpointPort
ResourceQuotaSpec: hard=1:{}Q scopes=2:[]s scopeSelector=3:*ScopeSelector
ResourceQuotaStatus: hard=1:{}Q used=2:{}Q
LimitRangeSpec: limits=1:[]LimitRangeItem
TopologySelectorTerm: matchLabelExpressions=1:[]TopologySelectorLabelRequirement
NamespaceCondition: type=1 status=2 lastTransitionTime=4:T reason=5 message=6
PodCondition: type=1 observedGeneration=7:i status=2 lastProbeTime=3:T lastTransitionTime=4:T reason=5 message=6
HostIP: ip=1
PodIP: ip=1
ContainerStatus: name=1 state=2:ContainerState lastState=3:ContainerState ready=4:b restartCount=5:i image=6 imageID=7 containerID=8
  started=9:*b allocatedResources=10:{}Q resources=11:*ResourceRequirements volumeMounts=12:[]VolumeMountStatus user=13:*ContainerUser
  allocatedResourcesStatus=14:[]ResourceStatus stopSignal=15:*s
PodResourceClaimStatus: name=1 resourceClaimName=2:*s
PodExtendedResourceClaimStatus: requestMappings=1:[]ContainerExtendedResourceRequest resourceClaimName=2
NodeAllocatableResourceClaimStatus: resourceClaimName=1 containers=2:[]s resources=3:{}Q
ServicePort: name=1 protocol=2 appProtocol=6:*s port=3:i targetPort=4:O nodePort=5:i
SessionAffinityConfig: clientIP=1:*ClientIPConfig
LoadBalancerStatus: ingress=1:[]LoadBalancerIngress
Taint: key=1 value=2 effect=3 timeAdded=4:*T
NodeConfigSource: configMap=2:*ConfigMapNodeConfigSource
NodeCondition: type=1 status=2 lastHeartbeatTime=3:T lastTransitionTime=4:T reason=5 message=6
NodeAddress: type=1 address=2
NodeDaemonEndpoints: kubeletEndpoint=1:DaemonEndpoint
NodeSystemInfo: machineID=1 systemUUID=2 bootID=3 kernelVersion=4 osImage=5 containerRuntimeVersion=6 kubeletVersion=7
  kubeProxyVersion=8 operatingSystem=9 architecture=10 swap=11:*NodeSwapStatus
ContainerImage: names=1:[]s sizeBytes=2:i
AttachedVolume: name=1 devicePath=2
NodeConfigStatus: assigned=1:*NodeConfigSource active=2:*NodeConfigSource lastKnownGood=3:*NodeConfigSource error=4
NodeRuntimeHandler: name=1 features=2:*NodeRuntimeHandlerFeatures
NodeFeatures: supplementalGroupsPolicy=1:*b
EndpointAddress: ip=1 hostname=3 nodeName=4:*s targetRef=2:*ObjectReference
EndpointPort: name=1 port=2:i protocol=3 appProtocol=4:*s
ScopeSelector: matchExpressions=1:[]ScopedResourceSelectorRequirement
LimitRangeItem: type=1 max=2:{}Q min=3:{}Q default=4:{}Q defaultRequest=5:{}Q maxLimitRequestRatio=6:{}Q
TopologySelectorLabelRequirement: key=1 values=2:[]s
ContainerState: waiting=1:*ContainerStateWaiting running=2:*ContainerStateRunning terminated=3:*ContainerStateTerminated
VolumeMountStatus: name=1 mountPath=2 readOnly=3:b recursiveReadOnly=4:*s volumeStatus=5:*VolumeStatus
ContainerUser: linux=1:*LinuxContainerUser
ResourceStatus: name=1 resources=2:[]ResourceHealth
ContainerExtendedResourceRequest: containerName=1 resourceName=2 requestName=3
ClientIPConfig: timeoutSeconds=1:*i
LoadBalancerIngress: ip=1 hostname=2 ipMode=3:*s ports=4:[]PortStatus
ConfigMapNodeConfigSource: namespace=1 name=2 uid=3 resourceVersion=4 kubeletConfigKey=5
DaemonEndpoint: Port=1:i
NodeSwapStatus: capacity=1:*i
NodeRuntimeHandlerFeatures: recursiveReadOnlyMounts=1:*b userNamespaces=2:*b
ScopedResourceSelectorRequirement: scopeName=1 operator=2 values=3:[]s
ContainerStateWaiting: reason=1 message=2
ContainerStateRunning: startedAt=1:T
ContainerStateTerminated: exitCode=1:i signal=2:i reason=3 message=4 startedAt=5:T finishedAt=6:T containerID=7
VolumeStatus: image=1:*ImageVolumeStatus
LinuxContainerUser: uid=1:i gid=2:i supplementalGroups=3:[]i
ResourceHealth: resourceID=1 health=2 message=6:*s
PortStatus: port=1:i protocol=2 error=3:*s
ImageVolumeStatus: imageRef=1
`;
