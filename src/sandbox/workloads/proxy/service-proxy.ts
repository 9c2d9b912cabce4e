/** kube-proxy: listens on each Service's cluster IP while it has endpoints, and refuses connections while it has none. */
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { EndpointSlice } from '../../../api/workloads.ts';
import { type ControllerContext, keyOf, parseKey, startController } from '../controller.ts';
import { SERVICE_NAME_LABEL } from '../endpoints/slices.ts';
import { ENDPOINT_SLICE, SERVICE, type Service } from '../kinds.ts';
import { type Target, targetsOf } from './routes.ts';

interface ServiceProxy {
  /** Resolves when every listener and connection is closed. */
  stop(): Promise<void>;
}

const RETRY_MS = 10_000;

interface Listener {
  targets: Target[];
  turn: number;
  server: Server;
  sockets: Set<Socket>;
}

export function startServiceProxy(context: ControllerContext): ServiceProxy {
  const listeners = new Map<string, Listener>();
  const closing = new Set<Promise<void>>();

  const close = (address: string) => {
    const listener = listeners.get(address);
    if (!listener) return;
    listeners.delete(address);
    const closed = closeListener(listener).finally(() => closing.delete(closed));
    closing.add(closed);
  };

  const controller = startController(context, {
    name: 'service-proxy',
    watches: [
      { kind: SERVICE, keys: (object) => [keyOf(object)] },
      { kind: ENDPOINT_SLICE, keys: (object) => serviceKeys(object as EndpointSlice) },
    ],
    sync: (key) => {
      const wanted = wantedListeners(context, key);
      for (const address of listeners.keys()) {
        if (address.startsWith(`${key} `) && !wanted.has(address)) close(address);
      }
      for (const [address, targets] of wanted) {
        const listener = listeners.get(address);
        if (listener) listener.targets = targets;
        else
          listeners.set(
            address,
            listen(address, targets, (error) => refused(key, address, error)),
          );
      }
    },
  });

  // Ports below 1024 need a privilege, and not every system has the whole of 127/8: then the API server's proxy alone serves.
  const refused = (key: string, address: string, error: NodeJS.ErrnoException) => {
    context.log(`service-proxy: ${address}: not listening: ${error.message}`);
    if (error.code !== 'EADDRINUSE') return;
    close(address);
    controller.enqueueAfter(key, RETRY_MS);
  };

  return {
    stop: async () => {
      controller.stop();
      for (const address of [...listeners.keys()]) close(address);
      await Promise.all(closing);
    },
  };
}

function serviceKeys(slice: EndpointSlice): string[] {
  const name = slice.metadata.labels?.[SERVICE_NAME_LABEL];
  return name ? [`${slice.metadata.namespace}/${name}`] : [];
}

/** `<namespace>/<name> <ip> <port>` to where it leads; only TCP ports with an endpoint. */
function wantedListeners({ api }: ControllerContext, key: string): Map<string, Target[]> {
  const wanted = new Map<string, Target[]>();
  const service = api.get<Service>({ ...SERVICE, ...parseKey(key) });
  const ip = service?.spec.clusterIP;
  if (!service || !ip || ip === 'None' || service.metadata.deletionTimestamp) return wanted;
  for (const port of service.spec.ports ?? []) {
    if ((port.protocol ?? 'TCP') !== 'TCP') continue;
    const targets = targetsOf(api, service, port);
    if (targets.length > 0) wanted.set(`${key} ${ip} ${port.port}`, targets);
  }
  return wanted;
}

function listen(address: string, targets: Target[], refused: (error: NodeJS.ErrnoException) => void): Listener {
  const [, host, port] = address.split(' ');
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (client) => forward(listener, client));
  const listener: Listener = { targets, turn: 0, server, sockets };
  server.on('error', refused);
  server.listen(Number(port), host);
  server.unref();
  return listener;
}

function forward(listener: Listener, client: Socket): void {
  const target = listener.targets[listener.turn++ % Math.max(1, listener.targets.length)];
  if (!target) {
    client.destroy();
    return;
  }
  const upstream = connect({ port: target.port, host: target.host, allowHalfOpen: true });
  const pair = [client, upstream];
  const end = () => {
    for (const socket of pair) {
      socket.destroy();
      listener.sockets.delete(socket);
    }
  };
  for (const socket of pair) {
    listener.sockets.add(socket);
    socket.on('error', end);
    socket.on('close', end);
  }
  client.pipe(upstream);
  upstream.pipe(client);
}

function closeListener({ server, sockets }: Listener): Promise<void> {
  for (const socket of sockets) socket.destroy();
  // Called with an error where the server never listened: closed all the same.
  return new Promise((resolve) => server.close(() => resolve()));
}
