/** What every namespace has from the start. Source: pkg/controller/serviceaccount and pkg/controller/certificates/rootcacertpublisher. */
import { ApiStatusError } from '../cluster.ts';
import { type Controller, type ControllerContext, keyOf, parseKey, startController } from './controller.ts';
import { CONFIG_MAP, CONTROLLER_MANAGER, type ConfigMap, NAMESPACE, SERVICE_ACCOUNT } from './kinds.ts';

const ROOT_CERTIFICATES = 'kube-root-ca.crt';
const NOTE = {
  'kubernetes.io/description':
    'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.',
};

/** @param rootCertificate PEM of what signed the API server's certificate; without it no `kube-root-ca.crt` is written. */
export function startNamespaceDefaults(context: ControllerContext, rootCertificate: string | undefined): Controller {
  return startController(context, {
    name: 'namespace-defaults',
    watches: [
      { kind: NAMESPACE, keys: (object) => [keyOf(object)] },
      { kind: SERVICE_ACCOUNT, keys: (object) => (object.metadata.name === 'default' ? [`/${object.metadata.namespace}`] : []) },
      { kind: CONFIG_MAP, keys: (object) => (object.metadata.name === ROOT_CERTIFICATES ? [`/${object.metadata.namespace}`] : []) },
    ],
    sync: (key) => sync(context, parseKey(key).name, rootCertificate),
  });
}

function sync({ api }: ControllerContext, namespace: string, rootCertificate: string | undefined): void {
  const object = api.get({ ...NAMESPACE, name: namespace });
  if (!object || object.metadata.deletionTimestamp) return;
  try {
    if (!api.get({ ...SERVICE_ACCOUNT, namespace, name: 'default' })) {
      api.create({ ...SERVICE_ACCOUNT, metadata: { name: 'default', namespace } }, { manager: CONTROLLER_MANAGER });
    }
    if (rootCertificate === undefined) return;
    const data = { 'ca.crt': rootCertificate };
    const before = api.get<ConfigMap>({ ...CONFIG_MAP, namespace, name: ROOT_CERTIFICATES });
    if (!before) {
      const metadata = { name: ROOT_CERTIFICATES, namespace, annotations: NOTE };
      api.create({ ...CONFIG_MAP, metadata, data }, { manager: CONTROLLER_MANAGER });
    } else if (before.data?.['ca.crt'] !== rootCertificate) {
      api.update({ ...structuredClone(before), data }, { manager: CONTROLLER_MANAGER });
    }
  } catch (error) {
    // The namespace went in between: nothing is owed to it any more.
    if (!(error instanceof ApiStatusError) || (error.code !== 403 && error.code !== 404)) throw error;
  }
}
