import { expect, it } from 'vitest';
import { argumentsOf, type Setting } from './arguments.ts';
import { LISTENERS, type Ports } from './ports.ts';
import { PROGRAMS } from './program-name.ts';

const ports = Object.fromEntries(LISTENERS.map((name, i) => [name, 20_001 + i])) as unknown as Ports;
const setting: Setting = {
  folder: '/state',
  ports,
  files: { certificate: 'c', key: 'k', tokens: 't', accountPublic: 'p', accountPrivate: 's' },
  kubeconfigs: {
    'kube-controller-manager': '',
    'kube-scheduler': '',
    kwok: '',
    'source-controller': '',
    'kustomize-controller': '',
    'helm-controller': '',
    'notification-controller': '',
  },
  stagesFile: '/state/stages.yaml',
  cancelHealthCheckOnNewRevision: false,
};

it('gives every port to somebody, and no address that is not 127.0.0.1', () => {
  const all = PROGRAMS.flatMap((name) => argumentsOf(name, setting)).join('\n');
  for (const [name, port] of Object.entries(ports)) expect(all, name).toContain(String(port));
  const addresses = all.match(/\b\d+\.\d+\.\d+\.\d+(?!\/|[\d.])/g);
  expect(new Set(addresses)).toEqual(new Set(['127.0.0.1']));
});

it('turns the gate on in both controllers that have it, and only where asked', () => {
  const withGate = (on: boolean) =>
    PROGRAMS.filter((name) =>
      argumentsOf(name, { ...setting, cancelHealthCheckOnNewRevision: on }).some((arg) =>
        arg.includes('CancelHealthCheckOnNewRevision=true'),
      ),
    );
  expect(withGate(true)).toEqual(['kustomize-controller', 'helm-controller']);
  expect(withGate(false)).toEqual([]);
});
