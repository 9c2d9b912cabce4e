/** The one node of the sandbox. Source: pkg/kubelet/kubelet_node_status.go. */
import { arch, platform, release, totalmem } from 'node:os';
import { findCondition } from '../../api/conditions.ts';
import type { Condition, KubeObject } from '../../api/kube.ts';
import type { ControllerContext } from './controller.ts';
import { NODE, NODE_NAME } from './kinds.ts';
import { writeStatus } from './status-writer.ts';
import { timestamp } from './timestamps.ts';

const MAX_PODS = 250;
/** Pods of the sandbox are not confined: it offers more cores than the machine has, so that ordinary requests fit. */
const OFFERED_CPU = 32;
const OFFERED_MEMORY_BYTES = Math.max(totalmem(), 64 * 2 ** 30);

/** Registers the node and reports it ready. */
export function registerNode({ api, clock }: ControllerContext): void {
  if (!api.describe(NODE)) return;
  const cpuArchitecture = arch() === 'x64' ? 'amd64' : arch();
  const os = platform();
  const labels = {
    'beta.kubernetes.io/arch': cpuArchitecture,
    'beta.kubernetes.io/os': os,
    'kubernetes.io/arch': cpuArchitecture,
    'kubernetes.io/hostname': NODE_NAME,
    'kubernetes.io/os': os,
  };
  const node =
    api.get<KubeObject>({ ...NODE, name: NODE_NAME }) ??
    api.create<KubeObject>({ ...NODE, metadata: { name: NODE_NAME, labels }, spec: {} }, { manager: 'kubelet' });
  const resources = { cpu: String(OFFERED_CPU), memory: `${Math.floor(OFFERED_MEMORY_BYTES / 1024)}Ki`, pods: String(MAX_PODS) };
  const now = timestamp(clock);
  writeStatus(
    api,
    node,
    {
      capacity: resources,
      allocatable: resources,
      addresses: [
        { type: 'InternalIP', address: '127.0.0.1' },
        { type: 'Hostname', address: NODE_NAME },
      ],
      conditions: conditions(now),
      nodeInfo: {
        architecture: cpuArchitecture,
        operatingSystem: os,
        kernelVersion: release(),
        osImage: 'Ebb sandbox',
        containerRuntimeVersion: `process://${process.versions.node}`,
        kubeletVersion: 'v1.36.0',
        kubeProxyVersion: '',
        machineID: NODE_NAME,
        systemUUID: NODE_NAME,
        bootID: NODE_NAME,
      },
    },
    'kubelet',
  );
}

function conditions(now: string): Record<string, unknown>[] {
  const pressure = (type: string, reason: string, message: string) => ({ type, status: 'False', reason, message });
  const all = [
    pressure('MemoryPressure', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'),
    pressure('DiskPressure', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'),
    pressure('PIDPressure', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'),
    { type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'kubelet is posting ready status' },
  ];
  return all.map((condition) => ({ ...condition, lastHeartbeatTime: now, lastTransitionTime: now }));
}

/** Nobody hears of its kubelet any more: the node controller, or somebody in its place, says so. */
export function isLost(api: ControllerContext['api']): boolean {
  const node = api.get<KubeObject>({ ...NODE, name: NODE_NAME });
  const ready = findCondition((node?.status as { conditions?: Condition[] } | undefined)?.conditions, 'Ready');
  return ready !== undefined && ready.status !== 'True';
}
