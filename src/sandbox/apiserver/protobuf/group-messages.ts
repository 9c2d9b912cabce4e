/** Kinds of the API groups; their names carry the group. Notation: messages.ts. */
export const GROUP_MESSAGES = `
apps.Deployment: metadata=1:ObjectMeta spec=2:apps.DeploymentSpec status=3:apps.DeploymentStatus
apps.ReplicaSet: metadata=1:ObjectMeta spec=2:apps.ReplicaSetSpec status=3:apps.ReplicaSetStatus
apps.StatefulSet: metadata=1:ObjectMeta spec=2:apps.StatefulSetSpec status=3:apps.StatefulSetStatus
apps.DaemonSet: metadata=1:ObjectMeta spec=2:apps.DaemonSetSpec status=3:apps.DaemonSetStatus
apps.ControllerRevision: metadata=1:ObjectMeta data=2:R revision=3:i
batch.Job: metadata=1:ObjectMeta spec=2:batch.JobSpec status=3:batch.JobStatus
batch.CronJob: metadata=1:ObjectMeta spec=2:batch.CronJobSpec status=3:batch.CronJobStatus
autoscaling.HorizontalPodAutoscaler: metadata=1:ObjectMeta spec=2:autoscaling.HorizontalPodAutoscalerSpec
  status=3:autoscaling.HorizontalPodAutoscalerStatus
policy.PodDisruptionBudget: metadata=1:ObjectMeta spec=2:policy.PodDisruptionBudgetSpec status=3:policy.PodDisruptionBudgetStatus
policy.Eviction: metadata=1:ObjectMeta deleteOptions=2:*DeleteOptions
discovery.EndpointSlice: metadata=1:ObjectMeta addressType=4 endpoints=2:[]discovery.Endpoint ports=3:[]discovery.EndpointPort
networking.Ingress: metadata=1:ObjectMeta spec=2:networking.IngressSpec status=3:networking.IngressStatus
networking.NetworkPolicy: metadata=1:ObjectMeta spec=2:networking.NetworkPolicySpec
networking.IngressClass: metadata=1:ObjectMeta spec=2:networking.IngressClassSpec
rbac.Role: metadata=1:ObjectMeta rules=2:[]rbac.PolicyRule
rbac.RoleBinding: metadata=1:ObjectMeta subjects=2:[]rbac.Subject roleRef=3:rbac.RoleRef
rbac.ClusterRole: metadata=1:ObjectMeta rules=2:[]rbac.PolicyRule aggregationRule=3:*rbac.AggregationRule
rbac.ClusterRoleBinding: metadata=1:ObjectMeta subjects=2:[]rbac.Subject roleRef=3:rbac.RoleRef
coordination.Lease: metadata=1:ObjectMeta spec=2:coordination.LeaseSpec
storage.StorageClass: metadata=1:ObjectMeta provisioner=2 parameters=3:{}s reclaimPolicy=4:*s mountOptions=5:[]s
  allowVolumeExpansion=6:*b volumeBindingMode=7:*s allowedTopologies=8:[]TopologySelectorTerm
scheduling.PriorityClass: metadata=1:ObjectMeta value=2:i globalDefault=3:b description=4 preemptionPolicy=5:*s
events.Event: metadata=1:ObjectMeta eventTime=2:M series=3:*events.EventSeries reportingController=4 reportingInstance=5 action=6
  reason=7 regarding=8:ObjectReference related=9:*ObjectReference note=10 type=11 deprecatedSource=12:EventSource
  deprecatedFirstTimestamp=13:T deprecatedLastTimestamp=14:T deprecatedCount=15:i
authorization.SelfSubjectAccessReview: metadata=1:ObjectMeta spec=2:authorization.SelfSubjectAccessReviewSpec
  status=3:authorization.SubjectAccessReviewStatus
authorization.SelfSubjectRulesReview: metadata=1:ObjectMeta spec=2:authorization.SelfSubjectRulesReviewSpec
  status=3:authorization.SubjectRulesReviewStatus
authentication.SelfSubjectReview: metadata=1:ObjectMeta status=2:authentication.SelfSubjectReviewStatus
autoscalingv1.Scale: metadata=1:ObjectMeta spec=2:autoscalingv1.ScaleSpec status=3:autoscalingv1.ScaleStatus
admissionregistration.MutatingWebhookConfiguration: metadata=1:ObjectMeta webhooks=2:[]admissionregistration.MutatingWebhook
admissionregistration.ValidatingWebhookConfiguration: metadata=1:ObjectMeta webhooks=2:[]admissionregistration.ValidatingWebhook
apps.DeploymentSpec: replicas=1:*i selector=2:*LabelSelector template=3:PodTemplateSpec strategy=4:apps.DeploymentStrategy
  minReadySeconds=5:i revisionHistoryLimit=6:*i paused=7:b progressDeadlineSeconds=9:*i
apps.DeploymentStatus: observedGeneration=1:i replicas=2:i updatedReplicas=3:i readyReplicas=7:i availableReplicas=4:i
  unavailableReplicas=5:i terminatingReplicas=9:*i conditions=6:[]apps.DeploymentCondition collisionCount=8:*i
apps.ReplicaSetSpec: replicas=1:*i minReadySeconds=4:i selector=2:*LabelSelector template=3:PodTemplateSpec
apps.ReplicaSetStatus: replicas=1:i fullyLabeledReplicas=2:i readyReplicas=4:i availableReplicas=5:i terminatingReplicas=7:*i
  observedGeneration=3:i conditions=6:[]apps.ReplicaSetCondition
apps.StatefulSetSpec: replicas=1:*i selector=2:*LabelSelector template=3:PodTemplateSpec volumeClaimTemplates=4:[]PersistentVolumeClaim
  serviceName=5 podManagementPolicy=6 updateStrategy=7:apps.StatefulSetUpdateStrategy revisionHistoryLimit=8:*i minReadySeconds=9:i
  persistentVolumeClaimRetentionPolicy=10:*apps.StatefulSetPersistentVolumeClaimRetentionPolicy ordinals=11:*apps.StatefulSetOrdinals
apps.StatefulSetStatus: observedGeneration=1:i replicas=2:i readyReplicas=3:i currentReplicas=4:i updatedReplicas=5:i currentRevision=6
  updateRevision=7 collisionCount=9:*i conditions=10:[]apps.StatefulSetCondition availableReplicas=11:i
apps.DaemonSetSpec: selector=1:*LabelSelector template=2:PodTemplateSpec updateStrategy=3:apps.DaemonSetUpdateStrategy
  minReadySeconds=4:i revisionHistoryLimit=6:*i
apps.DaemonSetStatus: currentNumberScheduled=1:i numberMisscheduled=2:i desiredNumberScheduled=3:i numberReady=4:i
  observedGeneration=5:i updatedNumberScheduled=6:i numberAvailable=7:i numberUnavailable=8:i collisionCount=9:*i
  conditions=10:[]apps.DaemonSetCondition
batch.JobSpec: parallelism=1:*i completions=2:*i activeDeadlineSeconds=3:*i podFailurePolicy=11:*batch.PodFailurePolicy
  successPolicy=16:*batch.SuccessPolicy backoffLimit=7:*i backoffLimitPerIndex=12:*i maxFailedIndexes=13:*i selector=4:*LabelSelector
  manualSelector=5:*b template=6:PodTemplateSpec ttlSecondsAfterFinished=8:*i completionMode=9:*s suspend=10:*b
  podReplacementPolicy=14:*s managedBy=15:*s
batch.JobStatus: conditions=1:[]batch.JobCondition startTime=2:*T completionTime=3:*T active=4:i succeeded=5:i failed=6:i
  terminating=11:*i completedIndexes=7 failedIndexes=10:*s uncountedTerminatedPods=8:*batch.UncountedTerminatedPods ready=9:*i
batch.CronJobSpec: schedule=1 timeZone=8:*s startingDeadlineSeconds=2:*i concurrencyPolicy=3 suspend=4:*b
  jobTemplate=5:batch.JobTemplateSpec successfulJobsHistoryLimit=6:*i failedJobsHistoryLimit=7:*i
batch.CronJobStatus: active=1:[]ObjectReference lastScheduleTime=4:*T lastSuccessfulTime=5:*T
autoscaling.HorizontalPodAutoscalerSpec: scaleTargetRef=1:autoscaling.CrossVersionObjectReference minReplicas=2:*i maxReplicas=3:i
  metrics=4:[]autoscaling.MetricSpec behavior=5:*autoscaling.HorizontalPodAutoscalerBehavior
autoscaling.HorizontalPodAutoscalerStatus: observedGeneration=1:*i lastScaleTime=2:*T currentReplicas=3:i desiredReplicas=4:i
  currentMetrics=5:[]autoscaling.MetricStatus conditions=6:[]autoscaling.HorizontalPodAutoscalerCondition
policy.PodDisruptionBudgetSpec: minAvailable=1:*O selector=2:*LabelSelector maxUnavailable=3:*O unhealthyPodEvictionPolicy=4:*s
policy.PodDisruptionBudgetStatus: observedGeneration=1:i disruptedPods=2:{}T disruptionsAllowed=3:i currentHealthy=4:i
  desiredHealthy=5:i expectedPods=6:i conditions=7:[]Condition
discovery.Endpoint: addresses=1:[]s conditions=2:discovery.EndpointConditions hostname=3:*s targetRef=4:*ObjectReference
  deprecatedTopology=5:{}s nodeName=6:*s zone=7:*s hints=8:*discovery.EndpointHints
discovery.EndpointPort: name=1:*s protocol=2:*s port=3:*i appProtocol=4:*s
networking.IngressSpec: ingressClassName=4:*s defaultBackend=1:*networking.IngressBackend tls=2:[]networking.IngressTLS
  rules=3:[]networking.IngressRule
networking.IngressStatus: loadBalancer=1:networking.IngressLoadBalancerStatus
networking.NetworkPolicySpec: podSelector=1:LabelSelector ingress=2:[]networking.NetworkPolicyIngressRule
  egress=3:[]networking.NetworkPolicyEgressRule policyTypes=4:[]s
networking.IngressClassSpec: controller=1 parameters=2:*networking.IngressClassParametersReference
rbac.PolicyRule: verbs=1:[]s apiGroups=2:[]s resources=3:[]s resourceNames=4:[]s nonResourceURLs=5:[]s
rbac.Subject: kind=1 apiGroup=2 name=3 namespace=4
rbac.RoleRef: apiGroup=1 kind=2 name=3
rbac.AggregationRule: clusterRoleSelectors=1:[]LabelSelector
coordination.LeaseSpec: holderIdentity=1:*s leaseDurationSeconds=2:*i acquireTime=3:*M renewTime=4:*M leaseTransitions=5:*i
  strategy=6:*s preferredHolder=7:*s
events.EventSeries: count=1:i lastObservedTime=2:M
authorization.SelfSubjectAccessReviewSpec: resourceAttributes=1:*authorization.ResourceAttributes
  nonResourceAttributes=2:*authorization.NonResourceAttributes
authorization.SubjectAccessReviewStatus: allowed=1:b denied=4:b reason=2 evaluationError=3
authorization.SelfSubjectRulesReviewSpec: namespace=1
authorization.SubjectRulesReviewStatus: resourceRules=1:[]authorization.ResourceRule nonResourceRules=2:[]authorization.NonResourceRule
  incomplete=3:b evaluationError=4
authentication.SelfSubjectReviewStatus: userInfo=1:authentication.UserInfo
autoscalingv1.ScaleSpec: replicas=1:i
autoscalingv1.ScaleStatus: replicas=1:i selector=2
admissionregistration.MutatingWebhook: name=1 clientConfig=2:admissionregistration.WebhookClientConfig
  rules=3:[]admissionregistration.RuleWithOperations failurePolicy=4:*s matchPolicy=9:*s namespaceSelector=5:*LabelSelector
  objectSelector=11:*LabelSelector sideEffects=6:*s timeoutSeconds=7:*i admissionReviewVersions=8:[]s reinvocationPolicy=10:*s
  matchConditions=12:[]admissionregistration.MatchCondition
admissionregistration.ValidatingWebhook: name=1 clientConfig=2:admissionregistration.WebhookClientConfig
  rules=3:[]admissionregistration.RuleWithOperations failurePolicy=4:*s matchPolicy=9:*s namespaceSelector=5:*LabelSelector
  objectSelector=10:*LabelSelector sideEffects=6:*s timeoutSeconds=7:*i admissionReviewVersions=8:[]s
  matchConditions=11:[]admissionregistration.MatchCondition
apps.DeploymentStrategy: type=1 rollingUpdate=2:*apps.RollingUpdateDeployment
apps.DeploymentCondition: type=1 status=2 lastUpdateTime=6:T lastTransitionTime=7:T reason=4 message=5
apps.ReplicaSetCondition: type=1 status=2 lastTransitionTime=3:T reason=4 message=5
apps.StatefulSetUpdateStrategy: type=1 rollingUpdate=2:*apps.RollingUpdateStatefulSetStrategy
apps.StatefulSetPersistentVolumeClaimRetentionPolicy: whenDeleted=1 whenScaled=2
apps.StatefulSetOrdinals: start=1:i
apps.StatefulSetCondition: type=1 status=2 lastTransitionTime=3:T reason=4 message=5
apps.DaemonSetUpdateStrategy: type=1 rollingUpdate=2:*apps.RollingUpdateDaemonSet
apps.DaemonSetCondition: type=1 status=2 lastTransitionTime=3:T reason=4 message=5
batch.PodFailurePolicy: rules=1:[]batch.PodFailurePolicyRule
batch.SuccessPolicy: rules=1:[]batch.SuccessPolicyRule
batch.JobCondition: type=1 status=2 lastProbeTime=3:T lastTransitionTime=4:T reason=5 message=6
batch.UncountedTerminatedPods: succeeded=1:[]s failed=2:[]s
batch.JobTemplateSpec: metadata=1:ObjectMeta spec=2:batch.JobSpec
autoscaling.CrossVersionObjectReference: kind=1 name=2 apiVersion=3
autoscaling.MetricSpec: type=1 object=2:*autoscaling.ObjectMetricSource pods=3:*autoscaling.PodsMetricSource
  resource=4:*autoscaling.ResourceMetricSource containerResource=7:*autoscaling.ContainerResourceMetricSource
  external=5:*autoscaling.ExternalMetricSource
autoscaling.HorizontalPodAutoscalerBehavior: scaleUp=1:*autoscaling.HPAScalingRules scaleDown=2:*autoscaling.HPAScalingRules
autoscaling.MetricStatus: type=1 object=2:*autoscaling.ObjectMetricStatus pods=3:*autoscaling.PodsMetricStatus
  resource=4:*autoscaling.ResourceMetricStatus containerResource=7:*autoscaling.ContainerResourceMetricStatus
  external=5:*autoscaling.ExternalMetricStatus
autoscaling.HorizontalPodAutoscalerCondition: type=1 status=2 lastTransitionTime=3:T reason=4 message=5
discovery.EndpointConditions: ready=1:*b serving=2:*b terminating=3:*b
discovery.EndpointHints: forZones=1:[]discovery.ForZone forNodes=2:[]discovery.ForNode
networking.IngressBackend: service=4:*networking.IngressServiceBackend resource=3:*TypedLocalObjectReference
networking.IngressTLS: hosts=1:[]s secretName=2
networking.IngressRule: host=1 ^=2:networking.IngressRuleValue
networking.IngressLoadBalancerStatus: ingress=1:[]networking.IngressLoadBalancerIngress
networking.NetworkPolicyIngressRule: ports=1:[]networking.NetworkPolicyPort from=2:[]networking.NetworkPolicyPeer
networking.NetworkPolicyEgressRule: ports=1:[]networking.NetworkPolicyPort to=2:[]networking.NetworkPolicyPeer
networking.IngressClassParametersReference: apiGroup=1:*s kind=2 name=3 scope=4:*s namespace=5:*s
authorization.ResourceAttributes: namespace=1 verb=2 group=3 version=4 resource=5 subresource=6 name=7
  fieldSelector=8:*authorization.FieldSelectorAttributes labelSelector=9:*authorization.LabelSelectorAttributes
authorization.NonResourceAttributes: path=1 verb=2
authorization.ResourceRule: verbs=1:[]s apiGroups=2:[]s resources=3:[]s resourceNames=4:[]s
authorization.NonResourceRule: verbs=1:[]s nonResourceURLs=2:[]s
authentication.UserInfo: username=1 uid=2 groups=3:[]s extra=4:{}[]s
admissionregistration.WebhookClientConfig: url=3:*s service=1:*admissionregistration.ServiceReference caBundle=2:y
admissionregistration.RuleWithOperations: operations=1:[]s ^=2:admissionregistration.Rule
admissionregistration.MatchCondition: name=1 expression=2
apps.RollingUpdateDeployment: maxUnavailable=1:*O maxSurge=2:*O
apps.RollingUpdateStatefulSetStrategy: partition=1:*i maxUnavailable=2:*O
apps.RollingUpdateDaemonSet: maxUnavailable=1:*O maxSurge=2:*O
batch.PodFailurePolicyRule: action=1 onExitCodes=2:*batch.PodFailurePolicyOnExitCodesRequirement
  onPodConditions=3:[]batch.PodFailurePolicyOnPodConditionsPattern
batch.SuccessPolicyRule: succeededIndexes=1:*s succeededCount=2:*i
autoscaling.ObjectMetricSource: describedObject=1:autoscaling.CrossVersionObjectReference target=2:autoscaling.MetricTarget
  metric=3:autoscaling.MetricIdentifier
autoscaling.PodsMetricSource: metric=1:autoscaling.MetricIdentifier target=2:autoscaling.MetricTarget
autoscaling.ResourceMetricSource: name=1 target=2:autoscaling.MetricTarget
autoscaling.ContainerResourceMetricSource: name=1 target=2:autoscaling.MetricTarget container=3
autoscaling.ExternalMetricSource: metric=1:autoscaling.MetricIdentifier target=2:autoscaling.MetricTarget
autoscaling.HPAScalingRules: stabilizationWindowSeconds=3:*i selectPolicy=1:*s policies=2:[]autoscaling.HPAScalingPolicy tolerance=4:*Q
autoscaling.ObjectMetricStatus: metric=1:autoscaling.MetricIdentifier current=2:autoscaling.MetricValueStatus
  describedObject=3:autoscaling.CrossVersionObjectReference
autoscaling.PodsMetricStatus: metric=1:autoscaling.MetricIdentifier current=2:autoscaling.MetricValueStatus
autoscaling.ResourceMetricStatus: name=1 current=2:autoscaling.MetricValueStatus
autoscaling.ContainerResourceMetricStatus: name=1 current=2:autoscaling.MetricValueStatus container=3
autoscaling.ExternalMetricStatus: metric=1:autoscaling.MetricIdentifier current=2:autoscaling.MetricValueStatus
discovery.ForZone: name=1
discovery.ForNode: name=1
networking.IngressServiceBackend: name=1 port=2:networking.ServiceBackendPort
networking.IngressRuleValue: http=1:*networking.HTTPIngressRuleValue
networking.IngressLoadBalancerIngress: ip=1 hostname=2 ports=4:[]networking.IngressPortStatus
networking.NetworkPolicyPort: protocol=1:*s port=2:*O endPort=3:*i
networking.NetworkPolicyPeer: podSelector=1:*LabelSelector namespaceSelector=2:*LabelSelector ipBlock=3:*networking.IPBlock
authorization.FieldSelectorAttributes: rawSelector=1 requirements=2:[]FieldSelectorRequirement
authorization.LabelSelectorAttributes: rawSelector=1 requirements=2:[]LabelSelectorRequirement
admissionregistration.ServiceReference: namespace=1 name=2 path=3:*s port=4:*i
admissionregistration.Rule: apiGroups=1:[]s apiVersions=2:[]s resources=3:[]s scope=4:*s
batch.PodFailurePolicyOnExitCodesRequirement: containerName=1:*s operator=2 values=3:[]i
batch.PodFailurePolicyOnPodConditionsPattern: type=1 status=2
autoscaling.MetricTarget: type=1 value=2:*Q averageValue=3:*Q averageUtilization=4:*i
autoscaling.MetricIdentifier: name=1 selector=2:*LabelSelector
autoscaling.HPAScalingPolicy: type=1 value=2:i periodSeconds=3:i
autoscaling.MetricValueStatus: value=1:*Q averageValue=2:*Q averageUtilization=3:*i
networking.ServiceBackendPort: name=1 number=2:i
networking.HTTPIngressRuleValue: paths=1:[]networking.HTTPIngressPath
networking.IngressPortStatus: port=1:i protocol=2 error=3:*s
networking.IPBlock: cidr=1 except=2:[]s
networking.HTTPIngressPath: path=1 pathType=3:*s backend=2:networking.IngressBackend
`;
