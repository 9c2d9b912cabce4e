import { describe, expect, it } from 'vitest';
import { container, pod, ref, workload } from '../../../test/observed.ts';
import type { ContainerState, PodState, WorkloadState } from '../world.ts';
import { configFindings } from './config-age.ts';
import { imageFindings } from './image-id.ts';

const IMAGE = 'registry.example.com/sample-saas-app:1.0.0';
const SETTINGS = ref('ConfigMap', 'settings', 'v1');

const running = (name: string, state: Partial<ContainerState>, more: Partial<PodState> = {}) =>
  pod(name, { containers: [container(state)], ...more });
const images = (pods: PodState[], state: Partial<WorkloadState> = {}) => imageFindings(workload({ pods, ...state }));

describe('which image pods run', () => {
  it('two of one tag: it was moved', () => {
    const [found, ...more] = images([
      running('a', { imageId: 'r@sha256:1' }),
      running('b', { imageId: 'r@sha256:2' }),
      running('c', { imageId: 'r@sha256:1' }),
    ]);
    expect(more).toEqual([]);
    expect(found).toMatchObject({ severity: 'warning', reason: 'ImagesDiffer', details: ['r@sha256:1: a, c', 'r@sha256:2: b'] });
    expect(found?.message).toContain(`run 2 different images as ${IMAGE}`);
  });

  it('another tag than the template says', () => {
    const [found] = images([running('a', { image: IMAGE.replace('1.0.0', '1.1.0'), imageId: 'r@sha256:1' })]);
    expect(found).toMatchObject({ severity: 'warning', reason: 'OtherImage' });
    expect(found?.message).toBe(
      `pod a runs ${IMAGE.replace('1.0.0', '1.1.0')} (container app), and the template of Deployment/sample-saas-app/sample-saas-app says ${IMAGE}`,
    );
  });

  it('says nothing of one image, of what a runtime spells out, of old pods, and of what is not known', () => {
    expect(images([running('a', { imageId: 'r@sha256:1' }), running('b', { imageId: 'r@sha256:1' })])).toEqual([]);
    expect(images([running('a', { image: 'docker.io/library/nginx:latest', imageId: 'x' })], { images: ['nginx'] })).toEqual([]);
    expect(images([running('a', { imageId: 'x' }), running('b', { imageId: 'y' }, { current: false })])).toEqual([]);
    expect(images([running('a', { imageId: 'x' }), running('b', {})])).toEqual([]);
    expect(images([running('a', { image: `sha256:${'0'.repeat(64)}`, imageId: 'x' })])).toEqual([]);
    expect(images([running('a', { image: 'mesh/proxy:9', imageId: 'x' })])).toEqual([]);
  });
});

describe('which configuration pods run with', () => {
  const at = (startedAt: string) => workload({ pods: [running('a', { startedAt }, { createdAt: startedAt })] });
  const findings = (startedAt: string, more: { by?: 'env' | 'mount'; reloads?: string } = {}) => {
    const state = at(startedAt);
    const { by = 'env', ...reloads } = more;
    const reads = [{ ref: SETTINGS, by, containers: ['app'], changedAt: '2026-11-25T10:00:00Z' }];
    return configFindings({ workloads: [state], config: [{ workload: state.ref, reads, ...reloads }] });
  };

  it('an older one than there is: a warning, with what helps', () => {
    expect(findings('2026-11-25T09:00:00Z')).toEqual([
      {
        severity: 'warning',
        reason: 'OldConfiguration',
        object: ref('Deployment', 'sample-saas-app'),
        message:
          "pod a runs with configuration older than ConfigMap/sample-saas-app/settings's change at 2026-11-25T10:00:00Z, which a pod reads only when it starts (environment)",
        details: ['where that matters: kubectl rollout restart deployment/sample-saas-app -n sample-saas-app'],
      },
    ]);
  });

  it('says nothing of a pod that started later, of mounted files, and of a program that reloads', () => {
    expect(findings('2026-11-25T10:00:01Z')).toEqual([]);
    expect(findings('2026-11-25T09:00:00Z', { by: 'mount' })).toEqual([]);
    expect(findings('2026-11-25T09:00:00Z', { reloads: 'it says so' })).toEqual([]);
  });
});
