/** The programs of the control plane, in the order in which they are told about. */
export const PROGRAMS = [
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kwok',
  'source-controller',
  'kustomize-controller',
  'helm-controller',
  'notification-controller',
] as const;

export type ProgramName = (typeof PROGRAMS)[number];

export type FluxController = Extract<ProgramName, `${'source' | 'kustomize' | 'helm' | 'notification'}-controller`>;

export const FLUX_CONTROLLERS: readonly FluxController[] = [
  'source-controller',
  'kustomize-controller',
  'helm-controller',
  'notification-controller',
];
