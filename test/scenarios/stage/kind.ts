/** Which stage the scenarios play on, and what it can do; chosen by EBB_STAGE. */

/** `sandbox`: the embedded cluster. `cluster`: the real control plane and Flux's own controllers. */
export const STAGE: 'sandbox' | 'cluster' = stageNamed(process.env.EBB_STAGE ?? 'sandbox');

/** Pods run a program that answers requests and writes logs. On the real control plane kwok only says that they run. */
export const serves = STAGE === 'sandbox';

/** HelmReleases are acted on: the sandbox stores them and has no helm-controller. */
export const helm = STAGE === 'cluster';

function stageNamed(name: string): 'sandbox' | 'cluster' {
  if (name === 'sandbox' || name === 'cluster') return name;
  throw new Error(`EBB_STAGE is "${name}": it is sandbox or cluster`);
}
