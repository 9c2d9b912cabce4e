/** Who Ebb is on a stage: the ServiceAccount of deploy/rbac.yaml, with what that file grants and nothing more. */
import { readFile } from 'node:fs/promises';
import { parseAllDocuments } from 'yaml';
import type { KubeObject } from '../../../src/api/kube.ts';
import type { Cluster } from '../../../src/ports.ts';

const DEPLOY = new URL('../../../deploy/', import.meta.url);

/** A token by which an API server takes its bearer for that ServiceAccount. */
export const EBB_ACCOUNT = {
  token: 'ebb-of-the-stage',
  user: 'system:serviceaccount:flux-system:ebb',
  groups: ['system:serviceaccounts', 'system:serviceaccounts:flux-system'],
};

/**
 * Applies what we ship, as `kubectl apply --server-side -f deploy/…` does.
 * @param readsGitSecret Flux reads the repository with a Secret, which Ebb is to read as well.
 */
export async function grantShipped(cluster: Cluster, { readsGitSecret }: { readsGitSecret: boolean }): Promise<void> {
  for (const file of ['rbac.yaml', ...(readsGitSecret ? ['rbac-git-secret.yaml'] : [])]) {
    const documents = parseAllDocuments(await readFile(new URL(file, DEPLOY), 'utf8'));
    for (const object of documents.map((document) => document.toJS() as KubeObject))
      await cluster.patch({ ...object, ...object.metadata }, object, { type: 'apply', force: true });
  }
}
