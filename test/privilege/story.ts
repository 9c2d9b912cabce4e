/** Ebb runs with the roles of deploy/ and no more; without any one of their verbs it names exactly that one. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type OpenCluster, openCluster } from '../../src/adapters/kube/cluster.ts';
import type { KubeObject } from '../../src/api/kube.ts';
import { rulesText } from '../../src/core/permission.ts';
import { explain, openStage, type Stage } from '../scenarios/stage.ts';
import { COMMANDS, runNamed, type Setting } from './commands.ts';
import { type Grant, type Rule, rulesWithout } from './rules.ts';
import { makeWorld, type World } from './world.ts';

const RBAC = 'rbac.authorization.k8s.io/v1';

/** Tells the story about these grants. */
export function describeLeastPrivilege(grants: readonly Grant[]): void {
  describe('the roles in deploy/', () => {
    let stage: Stage;
    let world: World;
    let account: OpenCluster;
    let setting: Setting;

    beforeAll(async () => {
      // Ebb is the ServiceAccount of deploy/ here as in every story.
      stage = await openStage({ gitUsers: [{ username: 'flux', password: 'correct-horse-battery' }] });
      account = await openCluster({ kubeconfig: stage.env.KUBECONFIG as string });
      world = await makeWorld(stage);
      setting = { stage, world };
    });
    afterAll(async () => {
      account?.close();
      await stage?.leave();
    });

    it.each(COMMANDS)('are enough for ebb %s', async (name) => {
      for (const looks of [true, false]) {
        const ended = explain(await runNamed(name, looks, setting));
        expect(`${ended.stdout}${ended.stderr}`).not.toContain('no permission');
        expect(ended.code === 0 || ended.code === 4, `exit code ${ended.code}`).toBe(true);
      }
      await world.restore();
    });

    describe.each(grants)('without $verb on $resource ($role.name)', (grant) => {
      beforeAll(async () => {
        await setRules(grant, rulesWithout(grant));
        await stage.until('it is no longer allowed', async () => !(await allowed(account, grant)));
      });
      afterAll(async () => {
        await setRules(grant, grant.role.rules);
        await stage.until('it is allowed again', () => allowed(account, grant));
      });

      it.each(grant.commands)('ebb %s says so', async (name) => {
        const before = await world.fingerprint();
        const ended = explain(await runNamed(name, grant.verb === 'get' || grant.verb === 'list', setting));
        const after = await world.fingerprint();
        if (after !== before) await world.restore();
        expectNamed(ended.stdout, grant);
        if (ended.code === 1) expect(after, 'something was half done').toBe(before);
        else expect([0, 4], 'exit code').toContain(ended.code);
      });
    });

    async function setRules({ role }: Grant, rules: readonly Rule[]): Promise<void> {
      const { kind, name, namespace } = role;
      await stage.cluster.patch({ apiVersion: RBAC, kind, name, ...(namespace ? { namespace } : {}) }, { rules }, { type: 'merge' });
    }
  });
}

/** Verb, resource, API group and namespace are in the words, and so is the rule to add, either way it may be written. */
function expectNamed(stdout: string, { verb, group, resource }: Grant): void {
  const result = JSON.parse(stdout) as { error?: { code: string; permission?: object } };
  const text = stringsIn(result).join('\n');
  const what = `${verb} ${resource}${group ? `.${group}` : ''}`.replaceAll('.', '\\.');
  expect(text).toMatch(new RegExp(`no permission to ${what}( [-\\w.:]+)? in the (whole cluster|namespace [-\\w]+)`));
  const whole = `  - apiGroups: ["${group}"]\n    resources: ["${resource}"]\n    verbs: ["${verb}"]`;
  expect(text.includes(whole) || text.includes(rulesText([{ verb, group, resource }])), 'the rule to add').toBe(true);
  if (result.error) expect(result.error).toMatchObject({ code: 'Forbidden', permission: { verb, group, resource } });
}

function stringsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(stringsIn) : [];
}

async function allowed(account: OpenCluster, { verb, group, resource, role, index }: Grant): Promise<boolean> {
  const [plural, subresource] = resource.split('/');
  const [name] = role.rules[index]?.resourceNames ?? [];
  const resourceAttributes = {
    verb,
    group,
    resource: plural,
    ...(subresource ? { subresource } : {}),
    ...(name ? { name } : {}),
    ...(role.namespace ? { namespace: role.namespace } : {}),
  };
  const review = await account.create<KubeObject>({
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectAccessReview',
    metadata: { name: '' },
    spec: { resourceAttributes },
  });
  return (review.status as { allowed: boolean }).allowed;
}
