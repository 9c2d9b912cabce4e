/** A real control plane with Flux, as processes on loopback ports: etcd, Kubernetes, kwok for the nodes, the Flux controllers. */
import { join } from 'node:path';
import type { KubeObject } from '../../src/api/kube.ts';
import { type ApiRequests, apiRequests } from './boot/api-requests.ts';
import { argumentsOf, type Setting } from './boot/arguments.ts';
import { type ApiClientName, type Credentials, makeCredentials, type TokenUser, writeKubeconfig } from './boot/credentials.ts';
import { accountMade, crdsEstablished, installCrds, makeNamespace, makeNode, nodeUsable, readCrds } from './boot/first-objects.ts';
import { freePorts, type Ports, saysAddressInUse } from './boot/ports.ts';
import { ProgramEnded } from './boot/program-ended.ts';
import { FLUX_CONTROLLERS, type FluxController, type ProgramName } from './boot/program-name.ts';
import { programsFolder } from './boot/programs.ts';
import { makeStateFolder } from './boot/state-folder.ts';
import { type Program, Supervisor } from './boot/supervisor.ts';
import { sweepLeftovers } from './boot/sweep.ts';
import { answersOk, until } from './boot/wait.ts';
import { writeStages } from './nodes/stage-files.ts';

export type { ProgramName } from './boot/program-name.ts';

export interface ControlPlaneOptions {
  featureGates?: { cancelHealthCheckOnNewRevision?: boolean };
  /** Tokens besides the administrator's, judged by RBAC. */
  tokens?: TokenUser[];
  /** More flags for a program; a later flag wins over an earlier one of the same name. */
  flags?: Partial<Record<ProgramName, readonly string[]>>;
  /** Hears of a program that ended by itself after the start; unless given, it is told on standard error. */
  onTrouble?: (error: Error) => void;
}

export interface ControlPlane {
  /** Path of a kubeconfig for the administrator. */
  kubeconfig: string;
  apiUrl: string;
  /** The certificate authority of the API server, PEM. */
  caPem: string;
  /** Folder of the programs, `kubectl` and `flux` among them. */
  programs: string;
  /** Folder that lives as long as the control plane: logs are in `log/`. */
  folder: string;
  processes: readonly { name: ProgramName; pid: number }[];
  /** The API server, as its administrator. */
  api: ApiRequests;
  /** Another kubeconfig, for one of `tokens`. */
  kubeconfigFor(token: string): Promise<string>;
  /** Ends a controller of Flux as a crash would, and starts it anew; resolves when it is ready. */
  restart(name: FluxController): Promise<void>;
  /** Ends everything at once and leaves nothing on disk. */
  stop(): Promise<void>;
}

/** Milliseconds for each thing waited for: far more than a busy machine needs. */
const PATIENCE = 120_000;
const FLUX_NAMESPACE = 'flux-system';
const HEALTH: Record<FluxController, keyof Ports> = {
  'source-controller': 'sourceHealth',
  'kustomize-controller': 'kustomizeHealth',
  'helm-controller': 'helmHealth',
  'notification-controller': 'notificationHealth',
};

/**
 * Starts all of it; resolves when a pod would be placed and a Kustomization reconciled.
 * @throws ProgramEnded with the last lines of the log of a program that ended meanwhile.
 */
export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const [programs] = await Promise.all([programsFolder(), sweepLeftovers()]);
  try {
    return await boot(programs, options);
  } catch (error) {
    // Between choosing a port and using it somebody else was faster.
    if (error instanceof ProgramEnded && saysAddressInUse(error.log)) return boot(programs, options);
    throw error;
  }
}

async function boot(programs: string, options: ControlPlaneOptions): Promise<ControlPlane> {
  const folder = await makeStateFolder();
  const supervisor = new Supervisor(folder);
  try {
    return await assemble({ programs, folder, supervisor, options });
  } catch (error) {
    await supervisor.stop();
    throw error;
  }
}

interface Parts {
  programs: string;
  folder: string;
  supervisor: Supervisor;
  options: ControlPlaneOptions;
}

async function assemble(parts: Parts): Promise<ControlPlane> {
  const { folder, programs, supervisor, options } = parts;
  const [ports, credentials, crds, stagesFile] = await Promise.all([
    freePorts(),
    makeCredentials(folder, options.tokens ?? []),
    readCrds(join(programs, 'crds')),
    writeStages(join(programs, 'stages'), join(folder, 'stages.yaml')),
  ]);
  const apiUrl = `https://127.0.0.1:${ports.apiServer}`;
  const access = { url: apiUrl, caPem: credentials.caPem };
  const setting: Setting = {
    folder,
    ports,
    files: credentials.files,
    kubeconfigs: await programKubeconfigs(folder, apiUrl, credentials),
    stagesFile,
    cancelHealthCheckOnNewRevision: options.featureGates?.cancelHealthCheckOnNewRevision === true,
  };
  const start = (name: ProgramName) => supervisor.start(program(name, setting, parts));
  const api = apiRequests({ port: ports.apiServer, caPem: credentials.caPem, token: credentials.adminToken });
  await bringUp({ start, api, crds, ports, trouble: supervisor.trouble });
  supervisor.trouble.catch(options.onTrouble ?? ((error: Error) => console.error(error.message)));
  let others = 0;
  const kubeconfigFor = (token: string) => writeKubeconfig(join(folder, `kubeconfig-${++others}`), { ...access, token });
  return {
    kubeconfig: await writeKubeconfig(join(folder, 'kubeconfig'), { ...access, token: credentials.adminToken }),
    apiUrl,
    caPem: credentials.caPem,
    programs: join(programs, 'bin'),
    folder,
    processes: supervisor.processes,
    api,
    kubeconfigFor,
    restart: async (name) => {
      await supervisor.restart(name);
      await until(`${name} is ready`, () => answersOk(ports[HEALTH[name]], '/readyz'), { ms: PATIENCE, trouble: supervisor.trouble });
    },
    stop: async () => {
      api.close();
      await supervisor.stop();
    },
  };
}

interface BringUp {
  start: (name: ProgramName) => Promise<number>;
  api: ApiRequests;
  crds: readonly KubeObject[];
  ports: Ports;
  trouble: Promise<never>;
}

/** In the order of what needs what; what does not wait for each other starts together. */
async function bringUp({ start, api, crds, ports, trouble }: BringUp): Promise<void> {
  const patient = { ms: PATIENCE, trouble };
  await Promise.all([start('etcd'), start('kube-apiserver')]);
  await until('kube-apiserver is ready', async () => (await api.send('GET', '/readyz')).status === 200, patient);
  const nodes = async () => {
    await Promise.all([start('kube-controller-manager'), start('kube-scheduler'), start('kwok'), makeNode(api)]);
    await until('the node takes pods', () => nodeUsable(api), patient);
  };
  const flux = async () => {
    await Promise.all([installCrds(api, crds), makeNamespace(api, FLUX_NAMESPACE)]);
    await until("Flux's kinds are served", () => crdsEstablished(api, crds), patient);
    await Promise.all(FLUX_CONTROLLERS.map(start));
    await Promise.all(FLUX_CONTROLLERS.map((name) => until(`${name} is ready`, () => answersOk(ports[HEALTH[name]], '/readyz'), patient)));
    await until('namespaces get their account', () => accountMade(api, FLUX_NAMESPACE), patient);
  };
  await Promise.all([nodes(), flux()]);
}

function program(name: ProgramName, setting: Setting, { programs, folder, options }: Parts): Program {
  const kubeconfig = setting.kubeconfigs[name as ApiClientName] as string | undefined;
  return {
    name,
    file: join(programs, 'bin', name),
    args: [...argumentsOf(name, setting), ...(options.flags?.[name] ?? [])],
    env: {
      PATH: process.env.PATH ?? '',
      HOME: join(folder, 'home'),
      TMPDIR: join(folder, 'tmp'),
      RUNTIME_NAMESPACE: FLUX_NAMESPACE,
      ...(kubeconfig === undefined ? {} : { KUBECONFIG: kubeconfig }),
    },
  };
}

async function programKubeconfigs(folder: string, url: string, { caPem, programTokens }: Credentials): Promise<Setting['kubeconfigs']> {
  const written = Object.entries(programTokens).map(async ([name, token]) => {
    return [name, await writeKubeconfig(join(folder, 'pki', `${name}.kubeconfig`), { url, caPem, token })] as const;
  });
  return Object.fromEntries(await Promise.all(written)) as Setting['kubeconfigs'];
}
