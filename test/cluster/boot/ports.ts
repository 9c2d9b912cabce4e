import type { AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:net';

/** One loopback port for each listener that the control plane opens. */
export const LISTENERS = [
  'etcdClients',
  'etcdPeers',
  'apiServer',
  'controllerManager',
  'scheduler',
  'kubelet',
  'sourceMetrics',
  'sourceHealth',
  'sourceStorage',
  'kustomizeMetrics',
  'kustomizeHealth',
  'helmMetrics',
  'helmHealth',
  'notificationMetrics',
  'notificationHealth',
  'notificationEvents',
  'notificationReceivers',
] as const;

export type Ports = Readonly<Record<(typeof LISTENERS)[number], number>>;

/**
 * Ports of 127.0.0.1 that are free now, all different: each is bound while the others are chosen.
 * Somebody may take one before its program does; the program then says so and ends.
 */
export async function freePorts(): Promise<Ports> {
  const servers = await Promise.all(LISTENERS.map(async (name) => ({ name, server: await listenSomewhere() })));
  const ports = Object.fromEntries(servers.map(({ name, server }) => [name, (server.address() as AddressInfo).port]));
  await Promise.all(servers.map(({ server }) => new Promise<void>((resolve) => server.close(() => resolve()))));
  return ports as unknown as Ports;
}

function listenSomewhere(): Promise<Server> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: '127.0.0.1', port: 0, exclusive: true }, () => resolve(server));
  });
}

/** Whether a program's log says that another program holds its port. */
export function saysAddressInUse(log: string): boolean {
  return /address already in use/i.test(log);
}
