/**
 * Addresses of pods. Linux answers on the whole of 127/8, so every pod gets an address of its own there; elsewhere all
 * share 127.0.0.1 and each container port is really a free one.
 */
import { createServer, type Server } from 'node:net';
import type { Pod } from '../../../api/workloads.ts';

export interface PodAddress {
  ip: string;
  /** From declared to real container ports; undefined where they are the same. */
  ports?: Record<string, number>;
}

export interface PodAddresses {
  /** An address that no other pod of any sandbox on this machine has. */
  claim(pod: Pod): Promise<PodAddress>;
  release(uid: string): void;
  stop(): Promise<void>;
}

const NETWORK = '127.90';
/** Held by the sandbox that hands out a block of 127.90.x.0/24. */
const BLOCK_HOST = 255;
const BLOCK_PORT = 61_090;
const SHARED = '127.0.0.1';

/** @param shared true to give pods no addresses of their own even where that is possible. */
export async function openPodAddresses(shared = false): Promise<PodAddresses> {
  const first = shared ? undefined : await lockBlock();
  return first ? ownAddresses(first) : sharedAddress();
}

interface Block {
  number: number;
  lock: Server;
}

/** Another sandbox may run on this machine: a block belongs to whoever listens on its last address. */
async function lockBlock(taken: number[] = []): Promise<Block | undefined> {
  const start = Math.floor(Math.random() * 256);
  for (let step = 0; step < 256; step++) {
    const number = (start + step) % 256;
    if (taken.includes(number)) continue;
    const outcome = await tryListen(`${NETWORK}.${number}.${BLOCK_HOST}`, BLOCK_PORT);
    if (typeof outcome !== 'string') return { number, lock: outcome };
    if (outcome !== 'EADDRINUSE') return undefined;
  }
  return undefined;
}

function tryListen(host: string, port: number): Promise<Server | string> {
  return new Promise((resolve) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'unknown'));
    server.listen(port, host, () => {
      server.unref();
      resolve(server);
    });
  });
}

function ownAddresses(first: Block): PodAddresses {
  const blocks = [first];
  const claimed = new Map<string, string>();
  // The youngest address is the last to be used again: an old connection must not meet a new pod.
  const free = hostsOf(first);
  return {
    claim: async ({ metadata }) => {
      const uid = metadata.uid ?? metadata.name;
      const known = claimed.get(uid);
      if (known) return { ip: known };
      if (free.length === 0) {
        const block = await lockBlock(blocks.map(({ number }) => number));
        if (!block) throw new Error('no addresses left for pods');
        blocks.push(block);
        free.push(...hostsOf(block));
      }
      const ip = free.shift() as string;
      claimed.set(uid, ip);
      return { ip };
    },
    release: (uid) => {
      const ip = claimed.get(uid);
      if (!ip) return;
      claimed.delete(uid);
      free.push(ip);
    },
    stop: async () => {
      await Promise.all(blocks.map(({ lock }) => close(lock)));
    },
  };
}

function hostsOf({ number }: Block): string[] {
  return Array.from({ length: BLOCK_HOST - 1 }, (_, index) => `${NETWORK}.${number}.${index + 1}`);
}

function sharedAddress(): PodAddresses {
  const claimed = new Map<string, PodAddress>();
  return {
    claim: async (pod) => {
      const uid = pod.metadata.uid ?? pod.metadata.name;
      const known = claimed.get(uid);
      if (known) return known;
      const declared = pod.spec.containers.flatMap((container) => container.ports ?? []).map((port) => port.containerPort);
      const servers = await Promise.all(declared.map(() => tryListen(SHARED, 0)));
      const ports: Record<string, number> = {};
      for (const [index, server] of servers.entries()) {
        if (typeof server === 'string') continue;
        const address = server.address();
        if (address && typeof address === 'object') ports[String(declared[index])] = address.port;
        await close(server);
      }
      const address = { ip: SHARED, ports };
      claimed.set(uid, address);
      return address;
    },
    release: (uid) => void claimed.delete(uid),
    stop: async () => undefined,
  };
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}
