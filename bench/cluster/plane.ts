/** The control plane of a bench. */
import { type ControlPlane, type ControlPlaneOptions, startControlPlane } from '../../test/cluster/control-plane.ts';

/** @param ended a control plane that is still starting ends with this process. */
export async function startPlane(options: ControlPlaneOptions, ended: AbortSignal): Promise<ControlPlane> {
  ended.throwIfAborted();
  const exit = () => process.exit(130);
  ended.addEventListener('abort', exit);
  try {
    return await startControlPlane(options);
  } finally {
    ended.removeEventListener('abort', exit);
  }
}
