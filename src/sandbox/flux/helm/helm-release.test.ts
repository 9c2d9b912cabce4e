import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HELM_RELEASE, type HelmRelease, REQUESTED_AT } from '../../../api/flux.ts';
import { TestBed } from '../test-bed.ts';

let bed: TestBed;
const REF = { ...HELM_RELEASE, namespace: 'shop', name: 'cache' };

beforeEach(async () => {
  bed = await TestBed.start();
});

afterEach(() => bed.stop());

function release(): HelmRelease {
  return bed.api.get<HelmRelease>(REF) as HelmRelease;
}

async function create(suspend: boolean): Promise<void> {
  bed.create({
    ...HELM_RELEASE,
    metadata: { name: 'cache', namespace: 'shop' },
    spec: { interval: '10m', suspend, chart: { spec: { chart: 'redis', sourceRef: { kind: 'HelmRepository', name: 'charts' } } } },
  });
  await bed.until('the finalizer', () => release().metadata.finalizers?.length);
  await bed.pass(750);
  await bed.until('the first run', () => release().status?.observedGeneration === release().metadata.generation);
}

describe('a HelmRelease', () => {
  it('says plainly that there is no Helm', async () => {
    await create(false);
    expect(bed.condition(release(), 'Ready')).toMatchObject({ status: 'False', reason: 'HelmNotSupported' });
    expect(bed.condition(release(), 'Stalled')?.message).toContain('this embedded cluster has no Helm');
    expect(bed.events({ kind: 'HelmRelease', name: 'cache' })).toMatchObject([{ type: 'Warning', reason: 'HelmNotSupported' }]);
  });

  it('keeps its status while suspended, and answers requests', async () => {
    await create(true);
    const status = {
      conditions: [{ type: 'Ready', status: 'True', reason: 'InstallSucceeded', message: 'x', lastTransitionTime: '2026-01-01T00:00:00Z' }],
    };
    bed.api.patch(REF, { status }, { type: 'merge', subresource: 'status', manager: 'test' });
    bed.patch(REF, { metadata: { annotations: { [REQUESTED_AT]: 'now' } } });
    await bed.until('the answer', () => release().status?.lastHandledReconcileAt === 'now');
    expect(bed.condition(release(), 'Ready')).toMatchObject({ status: 'True', reason: 'InstallSucceeded' });
    expect(bed.events({ kind: 'HelmRelease', name: 'cache' })).toEqual([]);
  });

  it('can be deleted', async () => {
    await create(false);
    bed.api.delete(REF);
    await bed.until('it to be gone', () => !bed.api.get(REF));
  });
});
