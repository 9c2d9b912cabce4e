/** The acts of the demo: a bad release each, and the strategy that takes it back. */
import type { Developer } from '../example/developer.ts';

export interface Act {
  strategy: 'revert' | 'pin' | 'suspend';
  title: string;
  bad: string;
  /** The finding that names it; `http`: Flux and Kubernetes see nothing, only requests do. */
  symptom: string;
  release(developer: Developer): Promise<unknown>;
  command: string[];
  /** Run afterwards, so that Git is good again. */
  afterwards?: string[];
}

const CHECK = ['--http-check', 'sample-saas-app/sample-saas-app:http/'];

export const ACTS: readonly Act[] = [
  {
    strategy: 'revert',
    title: '1. revert in Git: a release that crashes at start',
    bad: 'release 1.1.0 crashes at start',
    symptom: 'CrashLoopBackOff',
    release: (developer) => developer.release('1.1.0'),
    command: ['rollback', 'sample-app', ...CHECK],
  },
  {
    strategy: 'pin',
    title: '2. pin to the previous commit: a release that answers 30 % of its requests with errors',
    bad: 'release 1.3.0 answers 30 % of requests with HTTP 500, and Flux says Ready',
    symptom: 'http',
    release: (developer) => developer.release('1.3.0'),
    command: ['rollback', 'sample-app', '--strategy', 'pin', '--for', '1h', '--reason', '30 % errors', ...CHECK],
    afterwards: ['rollback', 'sample-app', ...CHECK],
  },
  {
    strategy: 'suspend',
    title: '3. suspend, revert, resume: a configuration with which every request fails',
    bad: 'a ConfigMap gives the upstream 1 ms to answer: every request fails, and Flux says Ready',
    symptom: 'http',
    release: (developer) => developer.configure('UPSTREAM_TIMEOUT_MS', '1', 'sample-saas-app: shorter upstream timeout'),
    command: ['rollback', 'sample-app', '--strategy', 'suspend', '--reason', 'every request fails', ...CHECK],
  },
];
