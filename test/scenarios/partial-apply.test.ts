import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findCondition } from '../../src/api/conditions.ts';
import { READY } from '../../src/api/flux.ts';
import { explain, openStage, type Stage } from './stage.ts';

const OVERLAY = 'apps/sample-saas-app/overlays/dev/kustomization.yaml';
const ROLE = 'sample-saas-app-reader';

describe('a release of which the API server takes some objects and refuses one', () => {
  let stage: Stage;
  let invalid: string;
  let mended: string;
  beforeAll(async () => {
    stage = await openStage();
    // A change that is good, so that there is something to go back to besides the first commit.
    const good = await stage.developer.configure('GREETING', 'hello', 'sample-saas-app: greet');
    await stage.fetchNow();
    await stage.untilAttempted(good);
    await stage.untilWell();
  });
  afterAll(() => stage?.leave());

  const roleIsThere = async () =>
    (await stage.cluster.get({ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', name: ROLE })) !== undefined;
  const inventory = async () => ((await stage.kustomization()).status?.inventory?.entries ?? []).map((entry) => entry.id);
  const refuse = async (commit: string, told: RegExp) => {
    await stage.fetchNow();
    await stage.untilAttempted(commit);
    await stage.until('Flux gives up on it', async () => {
      const ready = findCondition((await stage.kustomization()).status?.conditions, READY);
      return ready?.reason === 'ReconciliationFailed' && told.test(ready.message ?? '');
    });
  };

  it('leaves the first stage applied, in no inventory, and the second not at all', async () => {
    const overlay = await stage.developer.read(OVERLAY);
    const bad = await stage.developer.push('sample-saas-app: label everything, selectors too', {
      [OVERLAY]: `${overlay.replace('resources:\n', 'resources:\n  - reader.yaml\n')}labels:\n  - pairs:\n      tier: web\n    includeSelectors: true\n`,
      'apps/sample-saas-app/overlays/dev/reader.yaml': clusterRole('list'),
    });
    await refuse(bad, /Deployment\/sample-saas-app\/sample-saas-app dry-run failed.*field is immutable/s);
    expect(await roleIsThere()).toBe(true);
    expect((await inventory()).filter((id) => id.includes(ROLE))).toEqual([]);
    expect(await stage.images()).toEqual(['ghcr.io/ebb-dev/sample-saas-app:1.0.0']);
  });

  it('status tells the field that is refused, and what is there and tracked by nobody', async () => {
    const status = explain(await stage.ebb('status', 'sample-app'));
    expect(status.stdout).toContain('✗ failing');
    expect(status.stdout).toMatch(/✗ ReconciliationFailed {2}Kustomization\/flux-system\/sample-app\n.*field is immutable/);
    expect(status.stdout).toMatch(new RegExp(`! Untracked {2}ClusterRole/${ROLE}\n.*is not in its inventory`));
    expect(status.stdout).toContain(`kubectl delete clusterrole.rbac.authorization.k8s.io ${ROLE}`);
  });

  it('verify does not wait for what cannot come', async () => {
    const verify = explain(await stage.ebb('verify', 'sample-app', '--timeout', '10m'));
    expect(verify.code).toBe(1);
    expect(verify.stdout).toMatch(/✗ FluxReady +ReconciliationFailed: .*field is immutable/);
  });

  it('the rollback brings the good version back and says what it cannot take away', async () => {
    const rollback = explain(await stage.ebb('rollback', 'sample-app', '--steady', '1s', '--yes'));
    expect(rollback.code).toBe(0);
    expect(rollback.stdout).toMatch(new RegExp(`note +ClusterRole/${ROLE} is left from an apply that failed and in no inventory`));
    await stage.answers(10);
    expect(await roleIsThere()).toBe(true);
    expect((await inventory()).filter((id) => id.includes(ROLE))).toEqual([]);
    const verify = explain(await stage.ebb('verify', 'sample-app', '--steady', '1s', '-o', 'json'));
    expect(verify.json<{ verified: boolean; notes: string[] }>()).toMatchObject({
      verified: true,
      notes: [expect.stringContaining(`kubectl delete clusterrole.rbac.authorization.k8s.io ${ROLE}`)],
    });
  });

  it('nothing is told any more once it is deleted as told', async () => {
    await stage.kubectl('delete', 'clusterrole.rbac.authorization.k8s.io', ROLE);
    const status = explain(await stage.ebb('status', 'sample-app'));
    expect(status.stdout).toContain('✓ well');
    expect(status.stdout).not.toContain('Untracked');
  });

  it('an object that no API server takes is refused as well; the release that mends it tracks everything', async () => {
    await stage.developer.git('pull', '--quiet', 'origin', 'main');
    const overlay = await stage.developer.read(OVERLAY);
    invalid = await stage.developer.push('sample-saas-app: add an admin port', {
      [OVERLAY]: overlay.replace('resources:\n', 'resources:\n  - reader.yaml\n  - admin.yaml\n'),
      'apps/sample-saas-app/overlays/dev/reader.yaml': clusterRole('get'),
      'apps/sample-saas-app/overlays/dev/admin.yaml': service(99_999),
    });
    await refuse(invalid, /Service\/sample-saas-app\/admin dry-run failed/);
    expect(await roleIsThere()).toBe(true);
    mended = await stage.developer.push('sample-saas-app: an admin port that exists', {
      'apps/sample-saas-app/overlays/dev/admin.yaml': service(9_999),
    });
    await stage.fetchNow();
    await stage.untilAttempted(mended);
    await stage.untilWell();
    expect((await inventory()).filter((id) => id.includes(ROLE))).toHaveLength(1);
    expect((await stage.ebb('status', 'sample-app')).stdout).not.toContain('Untracked');
  });

  it('and what is tracked is pruned by a rollback', async () => {
    const rollback = explain(await stage.ebb('rollback', 'sample-app', '--commit', mended, '--commit', invalid, '--steady', '1s', '--yes'));
    expect(rollback.code).toBe(0);
    expect(rollback.stdout).not.toContain('is left from an apply');
    expect(await roleIsThere()).toBe(false);
  });
});

function clusterRole(verb: string): string {
  return `apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: ${ROLE}
rules:
  - apiGroups: [""]
    resources: [configmaps]
    verbs: [${verb}]
`;
}

function service(port: number): string {
  return `apiVersion: v1
kind: Service
metadata:
  name: admin
spec:
  selector:
    app.kubernetes.io/name: sample-saas-app
  ports:
    - name: admin
      port: ${port}
      targetPort: http
`;
}
