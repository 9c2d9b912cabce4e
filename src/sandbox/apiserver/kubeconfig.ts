import { stringify } from 'yaml';

export interface KubeconfigOptions {
  url: string;
  caPem: string;
  token: string;
  namespace?: string;
  contextName?: string;
}

/** A kubeconfig with one cluster, user and context, as YAML. It holds the token: write it with mode 0600. */
export function kubeconfig({ url, caPem, token, namespace, contextName = 'ebb-sandbox' }: KubeconfigOptions): string {
  const name = contextName;
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster: { server: url, 'certificate-authority-data': Buffer.from(caPem).toString('base64') } }],
    users: [{ name, user: { token } }],
    contexts: [{ name, context: { cluster: name, user: name, ...(namespace ? { namespace } : {}) } }],
    'current-context': name,
  });
}
