/** Logs as the API server and the kubelet serve them. Sources: pkg/registry/core/pod/strategy.go (LogLocation), pkg/kubelet/kubelet_pods.go (validateContainerLogStatus). */
import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import type { ContainerStatus, Pod } from '../../../api/workloads.ts';
import type { SandboxClock } from '../../clock.ts';
import { type ApiStatus, ApiStatusError, type ClusterApi, type LogRequest, type PodLogs } from '../../cluster.ts';
import { POD } from '../kinds.ts';
import type { LogFile } from './log-file.ts';

interface LogSource {
  api: ClusterApi;
  clock: SandboxClock;
  logOf(containerID: string): LogFile | undefined;
}

const CHUNK_BYTES = 64 * 1024;

export function createPodLogs(source: LogSource): PodLogs {
  return {
    read: (ref, request, signal) => {
      const pod = source.api.get<Pod>({ ...POD, ...ref });
      if (!pod) throw refusal(404, 'NotFound', `pods "${ref.name}" not found`, ref.name);
      const container = chosenContainer(pod, request.container);
      const containerID = runOf(pod, container, request.previous === true);
      const log = source.logOf(containerID);
      if (!log) throw badRequest(`unable to retrieve container logs for ${containerID}`);
      return lines(source.clock, log, request, signal);
    },
  };
}

function refusal(code: number, reason: string, message: string, name?: string): ApiStatusError {
  const status: ApiStatus = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code };
  return new ApiStatusError(name ? { ...status, details: { name, kind: 'pods' } } : status);
}

function badRequest(message: string): ApiStatusError {
  return refusal(400, 'BadRequest', message);
}

function chosenContainer(pod: Pod, asked: string | undefined): string {
  const names = pod.spec.containers.map(({ name }) => name);
  const init = (pod.spec.initContainers ?? []).map(({ name }) => name);
  if (asked) {
    if ([...names, ...init].includes(asked)) return asked;
    throw badRequest(`container ${asked} is not valid for pod ${pod.metadata.name}`);
  }
  const [only] = names;
  if (only && names.length === 1) return only;
  const others = init.length > 0 ? ` or one of the init containers: [${init.join(' ')}]` : '';
  throw badRequest(`a container name must be specified for pod ${pod.metadata.name}, choose one of: [${names.join(' ')}]${others}`);
}

/** The id of the run to read. @throws ApiStatusError 400 in the kubelet's words */
function runOf(pod: Pod, container: string, previous: boolean): string {
  const { name } = pod.metadata;
  const statuses = [...(pod.status?.containerStatuses ?? []), ...(pod.status?.initContainerStatuses ?? [])];
  const status = statuses.find((candidate) => candidate.name === container);
  if (!status) throw badRequest(`container "${container}" in pod "${name}" is not available`);
  const last = idOf(status.lastState?.terminated);
  if (previous) {
    if (last) return last;
    throw badRequest(`previous terminated container "${container}" in pod "${name}" not found`);
  }
  const { running, terminated, waiting } = status.state ?? {};
  const current = running ? status.containerID : terminated ? (idOf(terminated) ?? last) : last;
  if (current) return current;
  if (terminated) throw badRequest(`container "${container}" in pod "${name}" is terminated`);
  throw badRequest(`container "${container}" in pod "${name}" is waiting to start: ${waitingText(waiting)}`);
}

function idOf(terminated: object | undefined): string | undefined {
  return (terminated as { containerID?: string } | undefined)?.containerID;
}

function waitingText(waiting: NonNullable<ContainerStatus['state']>['waiting']): string {
  if (waiting?.reason === 'ErrImagePull') return "image can't be pulled";
  if (waiting?.reason === 'ImagePullBackOff') return 'trying and failing to pull image';
  return waiting?.reason ?? 'ContainerCreating';
}

async function* lines(clock: SandboxClock, log: LogFile, request: LogRequest, signal: AbortSignal): AsyncGenerator<string> {
  const reader = createReader(log.path);
  try {
    const { sinceSeconds, tailLines } = request;
    const from = sinceSeconds === undefined ? '' : new Date(clock.now().getTime() - sinceSeconds * 1_000).toISOString();
    const recent = reader.read().filter((line) => line >= from);
    const chosen = tailLines === undefined ? recent : tailLines <= 0 ? [] : recent.slice(-tailLines);
    if (chosen.length > 0) yield format(chosen, request);
    while (request.follow && !signal.aborted) {
      const ended = log.ended;
      const more = reader.read();
      if (more.length > 0) yield format(more, request);
      else if (ended) return;
      else await change(log, signal);
    }
  } finally {
    reader.close();
  }
}

/** `<time> <stream> F <text>` to what a client sees. */
function format(stored: string[], { timestamps }: LogRequest): string {
  return stored
    .map((line) => {
      const [time = '', , , ...text] = line.split(' ');
      return `${timestamps ? `${time} ` : ''}${text.join(' ')}\n`;
    })
    .join('');
}

function change(log: LogFile, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      unfollow();
      signal.removeEventListener('abort', done);
      resolve();
    };
    const unfollow = log.follow(done);
    signal.addEventListener('abort', done, { once: true });
    if (log.ended || signal.aborted) done();
  });
}

/** Reads whole lines from where it stopped; does nothing where the file is gone. */
function createReader(path: string): { read(): string[]; close(): void } {
  const file = existsSync(path) ? openSync(path, 'r') : undefined;
  const buffer = Buffer.alloc(CHUNK_BYTES);
  let rest = Buffer.alloc(0);
  return {
    read: () => {
      if (file === undefined) return [];
      const parts = [rest];
      for (let count = readSync(file, buffer, 0, CHUNK_BYTES, null); count > 0; count = readSync(file, buffer, 0, CHUNK_BYTES, null)) {
        parts.push(Buffer.from(buffer.subarray(0, count)));
      }
      const all = Buffer.concat(parts);
      const end = all.lastIndexOf(0x0a) + 1;
      rest = all.subarray(end);
      return end === 0 ? [] : all.toString('utf8', 0, end - 1).split('\n');
    },
    close: () => {
      if (file !== undefined) closeSync(file);
    },
  };
}
