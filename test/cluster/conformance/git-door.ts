/** A door before the Git server that can be closed and opened again on the same port: a forge that is down. */

import type { AddressInfo } from 'node:net';
import { connect, createServer, type Server, type Socket } from 'node:net';

export interface GitDoor {
  port: number;
  open(open: boolean): Promise<void>;
  close(): Promise<void>;
}

/** Leads to `target`, a port of 127.0.0.1. */
export async function startGitDoor(target: number): Promise<GitDoor> {
  const sockets = new Set<Socket>();
  let server = await listen(0, target, sockets);
  const { port } = server.address() as AddressInfo;
  const shut = async () => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  return {
    port,
    open: async (open) => {
      if (!open) return shut();
      server = await listen(port, target, sockets);
    },
    close: async () => {
      if (server.listening) await shut();
    },
  };
}

function listen(port: number, target: number, sockets: Set<Socket>): Promise<Server> {
  const server = createServer((incoming) => {
    const outgoing = connect(target, '127.0.0.1');
    for (const [socket, other] of [
      [incoming, outgoing],
      [outgoing, incoming],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
      // Both ends or none: a client must not wait for an answer that nobody will give.
      socket.once('close', () => sockets.delete(socket) && other.destroySoon());
    }
    incoming.pipe(outgoing).pipe(incoming);
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', () => resolve(server));
  });
}
