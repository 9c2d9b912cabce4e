import { describe, expect, test } from 'vitest';
import type { Workload } from '../api/workloads.ts';
import { cancelGateOf } from './flux-controllers.ts';

function controller(version: string, ...args: string[]): Workload {
  const image = `ghcr.io/fluxcd/kustomize-controller:${version}`;
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'kustomize-controller', namespace: 'flux-system' },
    spec: { selector: {}, template: { spec: { containers: [{ name: 'manager', image, args }] } } },
  };
}

describe('whether Flux drops a failing health check by itself', () => {
  test.each([
    ['off', 'v1.9.6', ['--watch-all-namespaces=true']],
    ['on', 'v1.9.6', ['--feature-gates=CancelHealthCheckOnNewRevision=true']],
    ['on', 'v1.9.6', ['--feature-gates=DisableStatusPollerCache=true,CancelHealthCheckOnNewRevision=true']],
    ['off', 'v1.9.6', ['--feature-gates=CancelHealthCheckOnNewRevision=false']],
    ['off', 'v1.9.6', ['--feature-gates=CancelHealthCheckOnNewRevision=true', '--feature-gates=CancelHealthCheckOnNewRevision=false']],
    ['unreliable', 'v1.7.0', ['--feature-gates=CancelHealthCheckOnNewRevision=true']],
    ['unreliable', 'v1.8.1', ['--feature-gates=CancelHealthCheckOnNewRevision=true']],
    ['on', 'v1.8.2', ['--feature-gates=CancelHealthCheckOnNewRevision=true']],
  ] as const)('%s: %s %j', (gate, version, args) => {
    expect(cancelGateOf(controller(version, ...args))).toBe(gate);
  });

  test('a Deployment that runs something else says nothing', () => {
    const other = controller('v1.9.6');
    (other.spec.template.spec.containers[0] as { image: string }).image = 'example.com/mirror/kc:v1';
    expect(cancelGateOf(other)).toBe('unknown');
  });
});
