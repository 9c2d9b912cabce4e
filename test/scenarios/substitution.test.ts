import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findCondition } from '../../src/api/conditions.ts';
import { READY, REQUESTED_AT } from '../../src/api/flux.ts';
import type { KubeObject } from '../../src/api/kube.ts';
import { explain, openStage, type Stage } from './stage.ts';

/** As kustomize-controller words it, strict since Flux 2.9. */
const MISSING = 'envsubst error: variable substitution failed: variable not set (strict mode): "currency"';
const NAME = 'kustomization/flux-system/notices';

describe('a target whose manifests have variables', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage();
    await stage.kubectl(
      'create',
      'configmap',
      'cluster-values',
      '-n',
      'flux-system',
      '--from-literal=region=eu',
      '--from-literal=currency=EUR',
    );
    const list = await stage.developer.read('clusters/dev/kustomization.yaml');
    const first = await stage.developer.push('notices: say where we are', {
      'clusters/dev/kustomization.yaml': `${list}  - notices.yaml\n`,
      'clusters/dev/notices.yaml': NOTICES,
      'notices/kustomization.yaml': 'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n  - notice.yaml\n',
      'notices/notice.yaml': notice(`${written('team')} in ${written('region')}, prices in ${written('currency')}`),
    });
    await deployed(first);
  });
  afterAll(() => stage?.leave());

  const deployed = async (commit: string) => {
    await stage.fetchNow();
    await stage.until(
      `notices is at ${commit.slice(0, 8)}`,
      async () => (await stage.kustomization('notices').catch(() => undefined))?.status?.lastAppliedRevision?.endsWith(commit) === true,
    );
    await stage.untilWell('notices');
  };
  const text = async () => {
    const object = await stage.cluster.get<KubeObject>({ apiVersion: 'v1', kind: 'ConfigMap', namespace: 'default', name: 'notice' });
    return (object?.data as { text?: string } | undefined)?.text;
  };
  const setLive = (data: Record<string, string | null>) =>
    stage.kubectl('patch', 'configmap', 'cluster-values', '-n', 'flux-system', '--type=merge', '-p', JSON.stringify({ data }));
  const head = async () => (await stage.developer.git('ls-remote', 'origin', 'refs/heads/main')).slice(0, 40);

  it('gets them from its spec and, live, from a ConfigMap', async () => {
    expect(await text()).toBe('Shop team in eu, prices in EUR');
  });

  it('a rollback brings the text back and not the live value: the plan says so', async () => {
    const second = await stage.developer.push('notices: shout', {
      'notices/notice.yaml': notice(`${written('team:=NOBODY')} IN ${written('region')}!`),
    });
    await deployed(second);
    await setLive({ region: 'us' });
    const plan = explain(await stage.ebb('rollback', 'notices', '--dry-run'));
    expect(plan.code).toBe(0);
    expect(plan.stdout).toMatch(/warn LiveValues +values come live from ConfigMap\/cluster-values\n +they do not go back with the commit/);
    expect(plan.stdout).toContain('Shop team in us, prices in EUR');
    const rollback = explain(await stage.ebb('rollback', 'notices', '--steady', '1s', '--yes'));
    expect(rollback.code).toBe(0);
    expect(await text()).toBe('Shop team in us, prices in EUR');
  });

  it('a version that needs a variable which is there no more is refused before anything is written', async () => {
    const third = await stage.developer.push('notices: no prices', {
      'notices/notice.yaml': notice(`${written('team')} in ${written('region')}`),
    });
    await deployed(third);
    await setLive({ currency: null });
    const before = await head();
    const refused = explain(await stage.ebb('rollback', 'notices', '--yes'));
    expect(refused.code).toBe(3);
    expect(refused.stdout).toContain('RenderFailed');
    expect(refused.stdout).toContain(`${NAME} would not render any more`);
    expect(refused.stdout).toContain(MISSING);
    expect(refused.stdout).toContain('set currency in ConfigMap/cluster-values again');
    expect(await head()).toBe(before);
  });

  it('which is what Flux would have said', async () => {
    await stage.developer.git('pull', '--quiet', 'origin', 'main');
    await stage.developer.git('revert', '--no-edit', 'HEAD');
    await stage.developer.git('push', '--quiet', 'origin', 'HEAD:main');
    await stage.fetchNow();
    const ready = async () => findCondition((await stage.kustomization('notices')).status?.conditions, READY);
    await stage.until('the build fails', async () => (await ready())?.reason === 'BuildFailed');
    expect((await ready())?.message).toContain(MISSING);
    const status = explain(await stage.ebb('status', 'notices'));
    expect(status.stdout).toMatch(/✗ BuildFailed {2}Kustomization\/flux-system\/notices\n/);
    expect(status.stdout).toContain(MISSING);
    expect(await text()).toBe('Shop team in us');
  });

  it('with the variable back it is well, at the value of now', async () => {
    await setLive({ currency: 'USD' });
    await stage.kubectl('annotate', '-n', 'flux-system', 'ks/notices', '--overwrite', `${REQUESTED_AT}=${new Date().toISOString()}`);
    const verify = explain(await stage.ebb('verify', 'notices', '--steady', '1s'));
    expect(verify.code).toBe(0);
    expect(await text()).toBe('Shop team in us, prices in USD');
  });
});

const NOTICES = `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: notices
  namespace: flux-system
spec:
  interval: 5m
  timeout: 30s
  path: ./notices
  prune: true
  wait: true
  sourceRef:
    kind: GitRepository
    name: flux-system
  postBuild:
    substitute:
      team: Shop team
    substituteFrom:
      - kind: ConfigMap
        name: cluster-values
`;

/** As it is written in a manifest. */
function written(variable: string): string {
  return `\${${variable}}`;
}

function notice(text: string): string {
  return `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: notice\n  namespace: default\ndata:\n  text: ${JSON.stringify(text)}\n`;
}
