/**
 * Every release of the sample applications, as their release notes would not put it. One program plays all of them:
 * the version that it is started with decides which fault it has.
 */

/** What is wrong with a release. */
export type Fault =
  /** Ends with exit code 1 before it listens. */
  | { kind: 'crash-at-start' }
  /** `/readyz` answers 503 for ever; everything else works. */
  | { kind: 'never-ready'; reason: string }
  /** Of every `cycle` requests for the product's own pages the ones in `failing` (counted from 1) answer 500. */
  | { kind: 'errors'; failing: readonly number[]; cycle: number }
  /** The upstream call of every request takes this long. */
  | { kind: 'slow'; upstreamMs: number };

export interface Release {
  version: string;
  summary: string;
  fault?: Fault;
  /** Parts of the product that came with this release or an earlier one. */
  features: readonly Feature[];
}

export type Feature = 'usage';

/** Oldest first. Bad configuration is missing here on purpose: it comes by a ConfigMap, with a good image. */
export const RELEASES: readonly Release[] = [
  { version: '1.0.0', summary: 'first release', features: [] },
  { version: '1.0.1', summary: 'small repairs', features: [] },
  { version: '1.1.0', summary: 'crashes at start', fault: { kind: 'crash-at-start' }, features: [] },
  {
    version: '1.2.0',
    summary: 'waits for a migration that nobody runs',
    fault: { kind: 'never-ready', reason: 'migrations pending: 0042_invoice_status' },
    features: [],
  },
  {
    version: '1.3.0',
    summary: 'answers three requests in ten with 500',
    fault: { kind: 'errors', failing: [3, 6, 9], cycle: 10 },
    features: [],
  },
  { version: '1.4.0', summary: 'takes two seconds for a request', fault: { kind: 'slow', upstreamMs: 2_000 }, features: [] },
  { version: '1.5.0', summary: 'brings the usage page', features: ['usage'] },
  { version: '2.0.0', summary: 'second generation', features: ['usage'] },
];

/** The release of a version; undefined where there was never such a release. */
export function releaseNamed(version: string): Release | undefined {
  return RELEASES.find((release) => release.version === version);
}
