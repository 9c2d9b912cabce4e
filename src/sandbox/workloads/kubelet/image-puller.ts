/** Pulls images: knows them or does not. Source: pkg/kubelet/images/image_manager.go. */
import type { Container, Pod } from '../../../api/workloads.ts';
import type { SandboxClock } from '../../clock.ts';
import type { ClusterApi } from '../../cluster.ts';
import type { ImageStore, Program } from '../images.ts';
import { SECRET } from '../kinds.ts';
import type { EventRecorder } from '../recorder.ts';
import { type BackOff, createBackOff } from './back-off.ts';

type Pull =
  | { kind: 'ready'; program: Program }
  /** `retryMs`: when to ask again, of the clock. */
  | { kind: 'waiting'; reason: string; message: string; retryMs: number };

export interface ImagePuller {
  ensure(pod: Pod, container: Container): Pull;
  forget(uid: string): void;
}

/** A failed pull shows as `ErrImagePull` for so long before it shows as `ImagePullBackOff`. */
const SHOW_ERROR_MS = 2_000;

interface PullerContext {
  api: ClusterApi;
  clock: SandboxClock;
  images: ImageStore;
  recorder: EventRecorder;
}

export function createImagePuller({ api, clock, images, recorder }: PullerContext): ImagePuller {
  const present = new Set<string>();
  const backOff: BackOff = createBackOff(clock);
  const attempts = new Map<string, { at: number; error: string }>();

  const say = (pod: Pod, container: Container) => (type: 'Normal' | 'Warning', reason: string, message: string) =>
    recorder.record(pod, { type, reason, message, fieldPath: fieldPathOf(pod, container) });

  const pull = (pod: Pod, container: Container): Pull => {
    const image = withTag(container.image);
    const key = `${pod.metadata.uid}_${image}`;
    const record = say(pod, container);
    const attempt = attempts.get(key);
    const left = attempt ? backOff.left(key, attempt.at) : 0;
    if (attempt && left > 0) {
      const message = `Back-off pulling image "${image}"`;
      record('Normal', 'BackOff', message);
      record('Warning', 'Failed', 'Error: ImagePullBackOff');
      return { kind: 'waiting', reason: 'ImagePullBackOff', message: `${message}: ErrImagePull: ${attempt.error}`, retryMs: left };
    }
    record('Normal', 'Pulling', `Pulling image "${image}"`);
    const absent = absentPullSecrets(api, pod);
    if (absent.length > 0) {
      const names = absent.join(', ');
      const message = `Unable to retrieve some image pull secrets (${names}); attempting to pull the image may not succeed.`;
      record('Warning', 'FailedToRetrieveImagePullSecret', message);
    }
    const program = absent.length > 0 ? undefined : (images.resolve(container.image) ?? images.resolve(image));
    if (!program) {
      const error = `${failedToResolve(image)}${absent.length > 0 ? unauthorized(image) : `${image}: not found`}`;
      record('Warning', 'Failed', `Failed to pull image "${image}": ${error}`);
      record('Warning', 'Failed', 'Error: ErrImagePull');
      const at = clock.now().getTime();
      backOff.next(key, at);
      attempts.set(key, { at, error });
      return { kind: 'waiting', reason: 'ErrImagePull', message: error, retryMs: SHOW_ERROR_MS };
    }
    attempts.delete(key);
    present.add(image);
    record('Normal', 'Pulled', `Successfully pulled image "${image}" in 1ms (1ms including waiting). Image size: 0 bytes.`);
    return { kind: 'ready', program };
  };

  return {
    ensure: (pod, container) => {
      const image = withTag(container.image);
      const policy = (container.imagePullPolicy as string | undefined) ?? (image.endsWith(':latest') ? 'Always' : 'IfNotPresent');
      const program = present.has(image) ? (images.resolve(container.image) ?? images.resolve(image)) : undefined;
      if (program && policy !== 'Always') {
        say(pod, container)(
          'Normal',
          'Pulled',
          `Container image "${container.image}" already present on machine and can be accessed by the pod`,
        );
        return { kind: 'ready', program };
      }
      if (policy !== 'Never') return pull(pod, container);
      const message = `Container image "${container.image}" is not present with pull policy of Never`;
      say(pod, container)('Warning', 'ErrImageNeverPull', message);
      say(pod, container)('Warning', 'Failed', 'Error: ErrImageNeverPull');
      return { kind: 'waiting', reason: 'ErrImageNeverPull', message, retryMs: 10_000 };
    },
    forget: (uid) => {
      backOff.forget(`${uid}_`);
      for (const key of attempts.keys()) if (key.startsWith(`${uid}_`)) attempts.delete(key);
    },
  };
}

/** Whoever names a pull secret needs it: without it the sandbox's registry lets nobody in. */
function absentPullSecrets(api: ClusterApi, { metadata: { namespace }, spec }: Pod): string[] {
  const secrets = (spec.imagePullSecrets as { name?: string }[] | undefined) ?? [];
  return secrets.flatMap(({ name }) => (name && !api.get({ ...SECRET, namespace, name }) ? [name] : []));
}

/** containerd's words. */
function failedToResolve(image: string): string {
  return `rpc error: code = NotFound desc = failed to pull and unpack image "${image}": failed to resolve reference "${image}": `;
}

function unauthorized(image: string): string {
  const [host, repository] = [image.slice(0, image.indexOf('/')), image.slice(image.indexOf('/') + 1).replace(/[:@].*$/, '')];
  const url = `https://${host}/token?scope=repository%3A${encodeURIComponent(repository)}%3Apull&service=${host}`;
  return `failed to authorize: failed to fetch anonymous token: unexpected status from GET request to ${url}: 401 Unauthorized`;
}

/** A reference with neither tag nor digest means `latest`. */
function withTag(image: string): string {
  const name = image.slice(image.lastIndexOf('/') + 1);
  return name.includes(':') || name.includes('@') ? image : `${image}:latest`;
}

/** The part of a pod that an Event of a container is about. */
export function fieldPathOf(pod: Pod, container: Container): string {
  const init = (pod.spec.initContainers ?? []).some((candidate) => candidate.name === container.name);
  return `spec.${init ? 'initContainers' : 'containers'}{${container.name}}`;
}
