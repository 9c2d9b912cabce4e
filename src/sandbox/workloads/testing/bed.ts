/** A cluster for tests: the real API storage, the real controllers, and real processes on a fast clock. */
import { mkdtempSync, rmdirSync } from 'node:fs';
import { get as httpGet } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { GroupVersionKind, KubeObject } from '../../../api/kube.ts';
import type { KubeEvent, Pod } from '../../../api/workloads.ts';
import { createStore } from '../../apiserver/store.ts';
import { type SandboxClock, ScaledClock } from '../../clock.ts';
import type { ClusterApi } from '../../cluster.ts';
import type { ImageStore } from '../images.ts';
import { EVENT, POD } from '../kinds.ts';
import { startWorkloads, type Workloads, type WorkloadsOptions } from '../workloads.ts';

const SERVER = fileURLToPath(new URL('./server.mjs', import.meta.url));
const DEADLINE_MS = 20_000;

/** `server:<version>` with modes as tags: `server:v2-crash`. */
const images: ImageStore = {
  resolve: (image) => {
    const match = /^(?:server|other):(v\d+)(?:-(.+))?$/.exec(image);
    if (!match) return undefined;
    const [, VERSION = '', MODE = 'good'] = match;
    return { command: [process.execPath, SERVER], env: { VERSION, MODE } };
  },
};

export interface Bed {
  api: ClusterApi;
  clock: SandboxClock;
  workloads: Workloads;
  workDir: string;
  /** What the controllers logged: errors that they tried again. */
  messages: string[];
  apply<T extends KubeObject>(object: KubeObject): T;
  find<T extends KubeObject>(kind: GroupVersionKind, name: string): T | undefined;
  pods(label?: string): Pod[];
  events(name: string): KubeEvent[];
  /** Waits for a condition, and says what it was on failure. */
  until<T>(what: string, condition: () => T | undefined | false | Promise<T | undefined | false>): Promise<T>;
  stop(): Promise<void>;
}

export function startBed(options: Partial<WorkloadsOptions> & { speed?: number } = {}): Bed {
  const clock = options.clock ?? new ScaledClock(options.speed ?? 20);
  const api = createStore({ clock });
  const folder = mkdtempSync(join(tmpdir(), 'workloads-'));
  const workDir = join(folder, 'work');
  const messages: string[] = [];
  const workloads = startWorkloads({ api, clock, images, workDir, log: (message) => messages.push(message), ...options });
  return {
    api,
    clock,
    workloads,
    workDir,
    messages,
    apply: (object) => api.apply({ ...object, metadata: { namespace: 'default', ...object.metadata } }, { manager: 'test', force: true }),
    find: (kind, name) => api.get({ ...kind, namespace: 'default', name }),
    pods: (label) => api.list<Pod>(POD, { namespace: 'default', ...(label ? { labelSelector: label } : {}) }),
    events: (name) => api.list<KubeEvent>(EVENT, { namespace: 'default' }).filter((event) => event.involvedObject.name === name),
    until: async (what, condition) => {
      const end = Date.now() + DEADLINE_MS;
      for (;;) {
        const value = await condition();
        if (value !== undefined && value !== false) return value;
        if (Date.now() > end) throw new Error(`never came true: ${what}\n${describe(api, messages)}`);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    },
    stop: async () => {
      await workloads.stop();
      rmdirSync(folder);
    },
  };
}

function describe(api: ClusterApi, messages: string[]): string {
  const pods = api.list<Pod>(POD).map((pod) => `${pod.metadata.name}: ${JSON.stringify(pod.status)}`);
  const events = api
    .list<KubeEvent>(EVENT)
    .map((event) => `${event.involvedObject.name} ${event.reason} x${event.count}: ${event.message}`);
  return [...pods, ...events.slice(-30), ...messages.slice(-30)].join('\n');
}

/** GET; undefined where nothing answers. */
export function fetchText(host: string, port: number, path: string): Promise<{ status: number; body: string } | undefined> {
  return new Promise((resolve) => {
    const request = httpGet({ host, port, path, agent: false, timeout: 5_000 }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk) => {
        body += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
      response.on('error', () => resolve(undefined));
    });
    request.on('error', () => resolve(undefined));
    request.on('timeout', () => request.destroy());
  });
}
