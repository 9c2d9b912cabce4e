/** What each program is started with. Every listener is on 127.0.0.1. */
import { join } from 'node:path';
import type { ApiClientName, Credentials } from './credentials.ts';
import type { Ports } from './ports.ts';
import type { ProgramName } from './program-name.ts';

export interface Setting {
  folder: string;
  ports: Ports;
  files: Credentials['files'];
  /** Path of each program's kubeconfig. */
  kubeconfigs: Readonly<Record<ApiClientName, string>>;
  /** kwok's stages. */
  stagesFile: string;
  cancelHealthCheckOnNewRevision: boolean;
}

const at = (port: number) => `127.0.0.1:${port}`;
const url = (port: number) => `http://127.0.0.1:${port}`;

/** Seconds; kwok renews the lease within it. Without leases the node is taken for lost after 50 s and every pod with it. */
const NODE_LEASE_SECONDS = 40;

export function argumentsOf(name: ProgramName, setting: Setting): string[] {
  return BUILDERS[name](setting);
}

const BUILDERS: Record<ProgramName, (setting: Setting) => string[]> = {
  etcd: ({ folder, ports }) => [
    `--data-dir=${join(folder, 'etcd')}`,
    `--listen-client-urls=${url(ports.etcdClients)}`,
    `--advertise-client-urls=${url(ports.etcdClients)}`,
    `--listen-peer-urls=${url(ports.etcdPeers)}`,
    `--initial-advertise-peer-urls=${url(ports.etcdPeers)}`,
    `--initial-cluster=default=${url(ports.etcdPeers)}`,
    // The data are thrown away with the folder: nothing has to survive a power cut.
    '--unsafe-no-fsync',
    '--log-level=warn',
  ],
  'kube-apiserver': ({ ports, files }) => [
    `--etcd-servers=${url(ports.etcdClients)}`,
    '--bind-address=127.0.0.1',
    '--advertise-address=127.0.0.1',
    `--secure-port=${ports.apiServer}`,
    `--tls-cert-file=${files.certificate}`,
    `--tls-private-key-file=${files.key}`,
    `--client-ca-file=${files.certificate}`,
    `--token-auth-file=${files.tokens}`,
    '--authorization-mode=Node,RBAC',
    '--service-cluster-ip-range=10.96.0.0/16',
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${files.accountPublic}`,
    `--service-account-signing-key-file=${files.accountPrivate}`,
    '--allow-privileged=true',
    // Nothing in the cluster dials the API server by its Service.
    '--endpoint-reconciler-type=none',
    '--profiling=false',
  ],
  'kube-controller-manager': ({ ports, files, kubeconfigs }) => [
    ...delegating(kubeconfigs['kube-controller-manager']),
    `--secure-port=${ports.controllerManager}`,
    ...serving(files),
    `--service-account-private-key-file=${files.accountPrivate}`,
    `--root-ca-file=${files.certificate}`,
    '--use-service-account-credentials=true',
  ],
  'kube-scheduler': ({ ports, files, kubeconfigs }) => [
    ...delegating(kubeconfigs['kube-scheduler']),
    `--secure-port=${ports.scheduler}`,
    ...serving(files),
  ],
  kwok: ({ ports, kubeconfigs, stagesFile, files }) => [
    `--kubeconfig=${kubeconfigs.kwok}`,
    '--manage-all-nodes=true',
    `--config=${stagesFile}`,
    `--node-lease-duration-seconds=${NODE_LEASE_SECONDS}`,
    '--enable-crds=',
    '--cidr=10.244.0.0/16',
    '--node-ip=127.0.0.1',
    `--node-port=${ports.kubelet}`,
    // Without it kwok listens on every address. [kwok v0.8.0 pkg/kwok/cmd/root.go startServer]
    `--server-address=${at(ports.kubelet)}`,
    `--tls-cert-file=${files.certificate}`,
    `--tls-private-key-file=${files.key}`,
  ],
  'source-controller': ({ folder, ports }) => [
    ...flux(ports.sourceMetrics, ports.sourceHealth),
    `--events-addr=${url(ports.notificationEvents)}/`,
    `--storage-path=${join(folder, 'artifacts')}`,
    `--storage-addr=${at(ports.sourceStorage)}`,
    `--storage-adv-addr=${at(ports.sourceStorage)}`,
  ],
  'kustomize-controller': ({ ports, cancelHealthCheckOnNewRevision }) => [
    ...flux(ports.kustomizeMetrics, ports.kustomizeHealth),
    `--events-addr=${url(ports.notificationEvents)}/`,
    ...gates(cancelHealthCheckOnNewRevision),
  ],
  'helm-controller': ({ ports, cancelHealthCheckOnNewRevision }) => [
    ...flux(ports.helmMetrics, ports.helmHealth),
    `--events-addr=${url(ports.notificationEvents)}/`,
    ...gates(cancelHealthCheckOnNewRevision),
  ],
  'notification-controller': ({ ports }) => [
    ...flux(ports.notificationMetrics, ports.notificationHealth),
    `--events-addr=${at(ports.notificationEvents)}`,
    `--receiverAddr=${at(ports.notificationReceivers)}`,
  ],
};

function delegating(kubeconfig: string): string[] {
  return [
    `--kubeconfig=${kubeconfig}`,
    `--authentication-kubeconfig=${kubeconfig}`,
    `--authorization-kubeconfig=${kubeconfig}`,
    '--leader-elect=false',
    '--bind-address=127.0.0.1',
    '--profiling=false',
  ];
}

function serving(files: Setting['files']): string[] {
  return [`--tls-cert-file=${files.certificate}`, `--tls-private-key-file=${files.key}`];
}

function flux(metrics: number, health: number): string[] {
  return [
    '--watch-all-namespaces',
    '--log-level=info',
    '--enable-leader-election=false',
    `--metrics-addr=${at(metrics)}`,
    `--health-addr=${at(health)}`,
  ];
}

function gates(cancelHealthCheckOnNewRevision: boolean): string[] {
  return cancelHealthCheckOnNewRevision ? ['--feature-gates=CancelHealthCheckOnNewRevision=true'] : [];
}
