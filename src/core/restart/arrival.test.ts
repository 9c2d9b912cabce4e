import { describe, expect, it } from 'vitest';
import { ref, TARGET } from '../../../test/observed.ts';
import type { DeploymentRecord } from '../history/record.ts';
import { arrivalOf, firstTakenBack } from './arrival.ts';

const record = (commit: string, committedAt: string): DeploymentRecord => ({
  target: TARGET,
  commit,
  author: { name: 'A', email: 'a@example.com' },
  subject: commit,
  committedAt,
  outcome: 'unknown',
  evidence: '',
  running: false,
  lastGood: false,
  reverts: [],
});

const USER = { ref: ref('Deployment', 'api'), reads: [ref('ConfigMap', 'settings', 'v1')] };
const COMMITTED = { since: '2026-11-25T10:00:00Z' };

describe('when bad configuration arrived', () => {
  const deployments = [
    record('worse', '2026-11-25T11:00:00Z'),
    record('bad', '2026-11-25T10:00:00Z'),
    record('good', '2026-11-25T09:00:00Z'),
  ];

  it('not before the first commit was made that is taken back', () => {
    expect(firstTakenBack(deployments, 'good')).toEqual({ since: '2026-11-25T10:00:00Z' });
    expect(firstTakenBack(deployments, 'bad')).toEqual({ since: '2026-11-25T11:00:00Z' });
  });

  it('is not known where history does not tell what followed', () => {
    expect(firstTakenBack(deployments, 'worse')).toEqual({ unknown: 'no deployment is known that followed worse' });
    expect(firstTakenBack(deployments, 'elsewhere')).toHaveProperty('unknown');
  });

  it('is the earlier one of the commit and of the change in the cluster', () => {
    expect(arrivalOf(USER, COMMITTED, ['2026-11-25T10:30:00Z'])).toEqual({ since: '2026-11-25T10:00:00.000Z' });
    expect(arrivalOf(USER, COMMITTED, ['2026-11-25T09:59:58Z'])).toEqual({ since: '2026-11-25T09:59:58.000Z' });
  });

  it('is not known of a Secret, and of what may not be read', () => {
    expect(arrivalOf(USER, COMMITTED, [undefined])).toEqual({ unknown: 'when ConfigMap/settings changed is not known' });
    expect(arrivalOf(USER, { unknown: 'no history' }, ['2026-11-25T10:30:00Z'])).toEqual({ unknown: 'no history' });
  });
});
