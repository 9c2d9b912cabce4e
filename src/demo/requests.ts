/** Real HTTP requests to the sample application, through its Service. */
import type { Cluster } from '../ports.ts';

export interface Requests {
  sent: number;
  failed: number;
  /** The first failure. */
  sample?: string;
}

const SERVICE = { namespace: 'sample-saas-app', name: 'sample-saas-app', port: 'http' };

/** @param sent how many, one after another. */
export async function requestApplication(cluster: Cluster, sent: number): Promise<Requests> {
  let failed = 0;
  let sample: string | undefined;
  for (let i = 0; i < sent; i++) {
    const { status } = await cluster.serviceGet(SERVICE, '/');
    if (status >= 200 && status < 400) continue;
    failed += 1;
    sample ??= `HTTP ${status}`;
  }
  return { sent, failed, ...(sample === undefined ? {} : { sample }) };
}
