import type { Pod } from '../../api/workloads.ts';

/**
 * Where pods share one address (no loopback range to give them their own), each container port is really another one:
 * JSON from the declared port to the real one, written by the kubelet.
 */
export const PORTS_ANNOTATION = 'sandbox.ebb.dev/ports';

/** The port of `pod.status.podIP` on which the declared container port really listens. */
export function realPort(pod: Pod, declared: number): number {
  const mapping = pod.metadata.annotations?.[PORTS_ANNOTATION];
  if (!mapping) return declared;
  return (JSON.parse(mapping) as Record<string, number>)[String(declared)] ?? declared;
}

/** A port given by number or by the name of a container port; undefined where no container names it so. */
export function declaredPort(pod: Pod, port: number | string): number | undefined {
  if (typeof port === 'number') return port;
  if (/^\d+$/.test(port)) return Number(port);
  const containers = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])];
  return containers.flatMap((container) => container.ports ?? []).find((candidate) => candidate.name === port)?.containerPort;
}
