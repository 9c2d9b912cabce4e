/** What goes wrong and is taken back. A new row of the table is a new entry here. */

/** How an application's workload looks in one of its versions. */
export interface Version {
  image: string;
  /** Changes with each release, so that each one rolls out. */
  release: string;
}

export interface Scenario {
  name: string;
  /** For the table. */
  says: string;
  workload: 'Deployment' | 'StatefulSet' | 'DaemonSet';
  /** `spec.timeout` of the Kustomization; its health checks wait for as long. */
  timeout: string;
  good: string;
  bad: string;
  /** `settled`: the bad release got healthy, and is reverted for what it does. `waiting`: Flux still waits for it to get healthy. */
  revertedWhen: 'settled' | 'waiting';
}

const IMAGE = 'ghcr.io/ebb-dev/sample-saas-app';
/** Gets healthy at once, where pods run no program. */
const WELL = `${IMAGE}:1.0.0`;
/** Gets healthy too: errors are nothing that Kubernetes sees. */
const ERRORS = `${IMAGE}:1.3.0`;
/** Never gets ready. */
const STUCK = `${IMAGE}:1.2.0`;

function stuck(minutes: number, workload: Scenario['workload'] = 'Deployment'): Scenario {
  const kind = workload === 'Deployment' ? '' : `-${workload.toLowerCase()}`;
  return {
    name: `stuck-${minutes}m${kind}`,
    says: `${workload} never gets ready, timeout ${minutes}m`,
    workload,
    timeout: `${minutes}m`,
    good: WELL,
    bad: STUCK,
    revertedWhen: 'waiting',
  };
}

export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'errors',
    says: 'Deployment gets healthy and serves errors',
    workload: 'Deployment',
    timeout: '5m',
    good: WELL,
    bad: ERRORS,
    revertedWhen: 'settled',
  },
  stuck(1),
  stuck(2),
  stuck(4),
];

/** What is measured where nothing else is asked for: the rest takes its timeouts. */
export const DEFAULT_SCENARIOS = ['errors'];
