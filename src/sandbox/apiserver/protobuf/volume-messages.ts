/** Volumes and claims (core/v1). Notation: messages.ts. */
export const VOLUME_MESSAGES = `
Volume: name=1 ^=2:VolumeSource
PersistentVolume: metadata=1:ObjectMeta spec=2:PersistentVolumeSpec status=3:PersistentVolumeStatus
PersistentVolumeClaim: metadata=1:ObjectMeta spec=2:PersistentVolumeClaimSpec status=3:PersistentVolumeClaimStatus
PersistentVolumeClaimTemplate: metadata=1:ObjectMeta spec=2:PersistentVolumeClaimSpec
VolumeSource: hostPath=1:*HostPathVolumeSource emptyDir=2:*EmptyDirVolumeSource gcePersistentDisk=3:*GCEPersistentDiskVolumeSource
  awsElasticBlockStore=4:*AWSElasticBlockStoreVolumeSource gitRepo=5:*GitRepoVolumeSource secret=6:*SecretVolumeSource
  nfs=7:*NFSVolumeSource iscsi=8:*ISCSIVolumeSource glusterfs=9:*GlusterfsVolumeSource
  persistentVolumeClaim=10:*PersistentVolumeClaimVolumeSource rbd=11:*RBDVolumeSource flexVolume=12:*FlexVolumeSource
  cinder=13:*CinderVolumeSource cephfs=14:*CephFSVolumeSource flocker=15:*FlockerVolumeSource downwardAPI=16:*DownwardAPIVolumeSource
  fc=17:*FCVolumeSource azureFile=18:*AzureFileVolumeSource configMap=19:*ConfigMapVolumeSource
  vsphereVolume=20:*VsphereVirtualDiskVolumeSource quobyte=21:*QuobyteVolumeSource azureDisk=22:*AzureDiskVolumeSource
  photonPersistentDisk=23:*PhotonPersistentDiskVolumeSource projected=26:*ProjectedVolumeSource portworxVolume=24:*PortworxVolumeSource
  scaleIO=25:*ScaleIOVolumeSource storageos=27:*StorageOSVolumeSource csi=28:*CSIVolumeSource ephemeral=29:*EphemeralVolumeSource
  image=30:*ImageVolumeSource
PersistentVolumeSpec: capacity=1:{}Q ^=2:PersistentVolumeSource accessModes=3:[]s claimRef=4:*ObjectReference
  persistentVolumeReclaimPolicy=5 storageClassName=6 mountOptions=7:[]s volumeMode=8:*s nodeAffinity=9:*VolumeNodeAffinity
  volumeAttributesClassName=10:*s
PersistentVolumeStatus: phase=1 message=2 reason=3 lastPhaseTransitionTime=4:*T
PersistentVolumeClaimSpec: accessModes=1:[]s selector=4:*LabelSelector resources=2:VolumeResourceRequirements volumeName=3
  storageClassName=5:*s volumeMode=6:*s dataSource=7:*TypedLocalObjectReference dataSourceRef=8:*TypedObjectReference
  volumeAttributesClassName=9:*s
PersistentVolumeClaimStatus: phase=1 accessModes=2:[]s capacity=3:{}Q conditions=4:[]PersistentVolumeClaimCondition
  allocatedResources=5:{}Q allocatedResourceStatuses=7:{}s currentVolumeAttributesClassName=8:*s
  modifyVolumeStatus=9:*ModifyVolumeStatus
HostPathVolumeSource: path=1 type=2:*s
EmptyDirVolumeSource: medium=1 sizeLimit=2:*Q
GCEPersistentDiskVolumeSource: pdName=1 fsType=2 partition=3:i readOnly=4:b
AWSElasticBlockStoreVolumeSource: volumeID=1 fsType=2 partition=3:i readOnly=4:b
GitRepoVolumeSource: repository=1 revision=2 directory=3
SecretVolumeSource: secretName=1 items=2:[]KeyToPath defaultMode=3:*i optional=4:*b
NFSVolumeSource: server=1 path=2 readOnly=3:b
ISCSIVolumeSource: targetPortal=1 iqn=2 lun=3:i iscsiInterface=4 fsType=5 readOnly=6:b portals=7:[]s chapAuthDiscovery=8:b
  chapAuthSession=11:b secretRef=10:*LocalObjectReference initiatorName=12:*s
GlusterfsVolumeSource: endpoints=1 path=2 readOnly=3:b
PersistentVolumeClaimVolumeSource: claimName=1 readOnly=2:b
RBDVolumeSource: monitors=1:[]s image=2 fsType=3 pool=4 user=5 keyring=6 secretRef=7:*LocalObjectReference readOnly=8:b
FlexVolumeSource: driver=1 fsType=2 secretRef=3:*LocalObjectReference readOnly=4:b options=5:{}s
CinderVolumeSource: volumeID=1 fsType=2 readOnly=3:b secretRef=4:*LocalObjectReference
CephFSVolumeSource: monitors=1:[]s path=2 user=3 secretFile=4 secretRef=5:*LocalObjectReference readOnly=6:b
FlockerVolumeSource: datasetName=1 datasetUUID=2
DownwardAPIVolumeSource: items=1:[]DownwardAPIVolumeFile defaultMode=2:*i
FCVolumeSource: targetWWNs=1:[]s lun=2:*i fsType=3 readOnly=4:b wwids=5:[]s
AzureFileVolumeSource: secretName=1 shareName=2 readOnly=3:b
ConfigMapVolumeSource: ^=1:LocalObjectReference items=2:[]KeyToPath defaultMode=3:*i optional=4:*b
VsphereVirtualDiskVolumeSource: volumePath=1 fsType=2 storagePolicyName=3 storagePolicyID=4
QuobyteVolumeSource: registry=1 volume=2 readOnly=3:b user=4 group=5 tenant=6
AzureDiskVolumeSource: diskName=1 diskURI=2 cachingMode=3:*s fsType=4:*s readOnly=5:*b kind=6:*s
PhotonPersistentDiskVolumeSource: pdID=1 fsType=2
ProjectedVolumeSource: sources=1:[]VolumeProjection defaultMode=2:*i
PortworxVolumeSource: volumeID=1 fsType=2 readOnly=3:b
ScaleIOVolumeSource: gateway=1 system=2 secretRef=3:*LocalObjectReference sslEnabled=4:b protectionDomain=5 storagePool=6 storageMode=7
  volumeName=8 fsType=9 readOnly=10:b
StorageOSVolumeSource: volumeName=1 volumeNamespace=2 fsType=3 readOnly=4:b secretRef=5:*LocalObjectReference
CSIVolumeSource: driver=1 readOnly=2:*b fsType=3:*s volumeAttributes=4:{}s nodePublishSecretRef=5:*LocalObjectReference
EphemeralVolumeSource: volumeClaimTemplate=1:*PersistentVolumeClaimTemplate
ImageVolumeSource: reference=1 pullPolicy=2
PersistentVolumeSource: gcePersistentDisk=1:*GCEPersistentDiskVolumeSource awsElasticBlockStore=2:*AWSElasticBlockStoreVolumeSource
  hostPath=3:*HostPathVolumeSource glusterfs=4:*GlusterfsPersistentVolumeSource nfs=5:*NFSVolumeSource rbd=6:*RBDPersistentVolumeSource
  iscsi=7:*ISCSIPersistentVolumeSource cinder=8:*CinderPersistentVolumeSource cephfs=9:*CephFSPersistentVolumeSource
  fc=10:*FCVolumeSource flocker=11:*FlockerVolumeSource flexVolume=12:*FlexPersistentVolumeSource
  azureFile=13:*AzureFilePersistentVolumeSource vsphereVolume=14:*VsphereVirtualDiskVolumeSource quobyte=15:*QuobyteVolumeSource
  azureDisk=16:*AzureDiskVolumeSource photonPersistentDisk=17:*PhotonPersistentDiskVolumeSource portworxVolume=18:*PortworxVolumeSource
  scaleIO=19:*ScaleIOPersistentVolumeSource local=20:*LocalVolumeSource storageos=21:*StorageOSPersistentVolumeSource
  csi=22:*CSIPersistentVolumeSource
ObjectReference: kind=1 namespace=2 name=3 uid=4 apiVersion=5 resourceVersion=6 fieldPath=7
VolumeNodeAffinity: required=1:*NodeSelector
VolumeResourceRequirements: limits=1:{}Q requests=2:{}Q
TypedLocalObjectReference: apiGroup=1:*s kind=2 name=3
TypedObjectReference: apiGroup=1:*s kind=2 name=3 namespace=4:*s
PersistentVolumeClaimCondition: type=1 status=2 lastProbeTime=3:T lastTransitionTime=4:T reason=5 message=6
ModifyVolumeStatus: targetVolumeAttributesClassName=1 status=2
KeyToPath: key=1 path=2 mode=3:*i
LocalObjectReference: name=1
DownwardAPIVolumeFile: path=1 fieldRef=2:*ObjectFieldSelector resourceFieldRef=3:*ResourceFieldSelector mode=4:*i
VolumeProjection: secret=1:*SecretProjection downwardAPI=2:*DownwardAPIProjection configMap=3:*ConfigMapProjection
  serviceAccountToken=4:*ServiceAccountTokenProjection clusterTrustBundle=5:*ClusterTrustBundleProjection
  podCertificate=6:*PodCertificateProjection
GlusterfsPersistentVolumeSource: endpoints=1 path=2 readOnly=3:b endpointsNamespace=4:*s
RBDPersistentVolumeSource: monitors=1:[]s image=2 fsType=3 pool=4 user=5 keyring=6 secretRef=7:*SecretReference readOnly=8:b
ISCSIPersistentVolumeSource: targetPortal=1 iqn=2 lun=3:i iscsiInterface=4 fsType=5 readOnly=6:b portals=7:[]s chapAuthDiscovery=8:b
  chapAuthSession=11:b secretRef=10:*SecretReference initiatorName=12:*s
CinderPersistentVolumeSource: volumeID=1 fsType=2 readOnly=3:b secretRef=4:*SecretReference
CephFSPersistentVolumeSource: monitors=1:[]s path=2 user=3 secretFile=4 secretRef=5:*SecretReference readOnly=6:b
FlexPersistentVolumeSource: driver=1 fsType=2 secretRef=3:*SecretReference readOnly=4:b options=5:{}s
AzureFilePersistentVolumeSource: secretName=1 shareName=2 readOnly=3:b secretNamespace=4:*s
ScaleIOPersistentVolumeSource: gateway=1 system=2 secretRef=3:*SecretReference sslEnabled=4:b protectionDomain=5 storagePool=6
  storageMode=7 volumeName=8 fsType=9 readOnly=10:b
LocalVolumeSource: path=1 fsType=2:*s
StorageOSPersistentVolumeSource: volumeName=1 volumeNamespace=2 fsType=3 readOnly=4:b secretRef=5:*ObjectReference
CSIPersistentVolumeSource: driver=1 volumeHandle=2 readOnly=3:b fsType=4 volumeAttributes=5:{}s
  controllerPublishSecretRef=6:*SecretReference nodeStageSecretRef=7:*SecretReference nodePublishSecretRef=8:*SecretReference
  controllerExpandSecretRef=9:*SecretReference nodeExpandSecretRef=10:*SecretReference
NodeSelector: nodeSelectorTerms=1:[]NodeSelectorTerm
ObjectFieldSelector: apiVersion=1 fieldPath=2
ResourceFieldSelector: containerName=1 resource=2 divisor=3:Q
SecretProjection: ^=1:LocalObjectReference items=2:[]KeyToPath optional=4:*b
DownwardAPIProjection: items=1:[]DownwardAPIVolumeFile
ConfigMapProjection: ^=1:LocalObjectReference items=2:[]KeyToPath optional=4:*b
ServiceAccountTokenProjection: audience=1 expirationSeconds=2:*i path=3
ClusterTrustBundleProjection: name=1:*s signerName=2:*s labelSelector=3:*LabelSelector optional=5:*b path=4
PodCertificateProjection: signerName=1 keyType=2 maxExpirationSeconds=3:*i credentialBundlePath=4 keyPath=5 certificateChainPath=6
  userAnnotations=7:{}s
SecretReference: name=1 namespace=2
NodeSelectorTerm: matchExpressions=1:[]NodeSelectorRequirement matchFields=2:[]NodeSelectorRequirement
NodeSelectorRequirement: key=1 operator=2 values=3:[]s
`;
