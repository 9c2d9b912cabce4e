import { describe, expect, it } from 'vitest';
import { Failure } from '../core/failure.ts';
import type { Permission } from '../core/permission.ts';
import { Lacks, lackText } from './lacks.ts';

const may = (verb: string, resource: string, group = '', namespace?: string): Permission => ({
  verb,
  group,
  resource,
  ...(namespace ? { namespace } : {}),
});
const forbidden = (permission: Permission) => Promise.reject(new Failure('Forbidden', 'no', { permission }));

describe('what may not be read', () => {
  it('is gone without, and told once with the rule that is missing', async () => {
    const lacks = new Lacks();
    expect(await lacks.or(Promise.resolve(1), 0, 'unused')).toBe(1);
    for (let time = 0; time < 2; time++)
      expect(await lacks.or(forbidden(may('list', 'events', '', 'apps')), [], 'warnings are not known')).toEqual([]);
    expect(lacks.notes).toEqual([
      'no permission to list events in the namespace apps: warnings are not known. Missing: {apiGroups: [""], resources: ["events"], verbs: ["list"]}',
    ]);
  });

  it('is one note where the consequence is the same', async () => {
    const lacks = new Lacks();
    for (const permission of [may('list', 'jobs', 'batch'), may('list', 'cronjobs', 'batch'), may('get', 'pods', '', 'apps')])
      await lacks.or(forbidden(permission), undefined, 'nothing is known');
    expect(lacks.notes).toEqual([
      'no permission to list jobs.batch, cronjobs.batch in the whole cluster, nor to get pods in the namespace apps: nothing is known. ' +
        'Missing: {apiGroups: ["batch"], resources: ["jobs", "cronjobs"], verbs: ["list"]}, {apiGroups: [""], resources: ["pods"], verbs: ["get"]}',
    ]);
  });

  it('is not confused with anything else that fails', async () => {
    const broken = new Failure('ClusterUnreachable', 'no answer');
    await expect(new Lacks().or(Promise.reject(broken), [], 'x')).rejects.toBe(broken);
    expect(lackText(broken, 'x')).toBeUndefined();
  });
});
