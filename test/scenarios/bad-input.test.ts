import { readdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KUSTOMIZATION } from '../../src/api/flux.ts';
import type { KubeObject } from '../../src/api/kube.ts';
import { explain, openStage, type Stage } from './stage.ts';

const PASSWORD = 'correct-horse-battery';
const WRONG = 'stale-donkey-charger';
const VIEWER = 'viewer-token';
/** Everything that Ebb does but one: it may not change Kustomizations. */
const VIEWER_RULES = [
  { apiGroups: ['', 'apps', 'discovery.k8s.io'], resources: ['*'], verbs: ['get', 'list', 'watch'] },
  {
    apiGroups: ['source.toolkit.fluxcd.io', 'kustomize.toolkit.fluxcd.io', 'helm.toolkit.fluxcd.io'],
    resources: ['*'],
    verbs: ['get', 'list', 'watch'],
  },
];

interface Problem {
  kind: string;
  error: { code: string; message: string; seen?: string; causes: string[]; next: string[] };
}

describe('bad input ends with what was seen, why that may be, and what to type next', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage({
      featureGates: { cancelHealthCheckOnNewRevision: true },
      gitUsers: [{ username: 'flux', password: PASSWORD }],
      tokens: [{ token: VIEWER, user: 'vera', groups: [] }],
    });
  });
  afterAll(() => stage?.leave());

  const head = () => stage.developer.git('ls-remote', 'origin', 'refs/heads/main');
  const failing = async (...args: string[]) => {
    const ended = explain(await stage.ebb(...args, '-o', 'json'));
    return { code: ended.code, ...ended.json<Problem>() };
  };
  /** Outside of any clone, where the cluster's own URL and secret are used. */
  const elsewhere = (...args: string[]) => stage.ebbWith({ cwd: stage.home }, ...args);

  describe('targets', () => {
    it('that are misspelt: the nearest name is offered', async () => {
      const { code, error } = await failing('status', 'sampel-app');
      expect(code).toBe(1);
      expect(error).toMatchObject({ code: 'TargetNotFound', next: ['did you mean kustomization/flux-system/sample-app?'] });
      expect(error.seen).toContain('flux-system/billing-worker');
    });

    it('that live in another namespace: that namespace is named', async () => {
      const { code, error } = await failing('rollback', 'sample-app', '-n', 'apps', '--yes');
      expect(code).toBe(1);
      expect(error.causes).toEqual(['it is in namespace flux-system, not in apps']);
      expect(error.next).toEqual(['did you mean kustomization/flux-system/sample-app?']);
    });

    it.each(['deployment/sample-app', 'a/b/c/d', '', '-', 'Kustomization/../secrets', 'sample app'])(
      'such as "%s": nothing that can be rolled back',
      async (text) => {
        const ended = explain(await stage.ebb('status', '--', text));
        expect(ended.code).toBe(2);
        expect(ended.stderr).toContain('is not a target');
        expect(ended.stderr).toContain('kustomization/NAMESPACE/NAME');
      },
    );

    it('that were never anything else than they are: there is nothing to go back to', async () => {
      const ended = explain(await stage.ebb('rollback', 'sample-app', '--yes'));
      expect(ended.code).toBe(3);
      expect(ended.stdout).toContain('(MissingRollbackTarget)');
      expect(ended.stdout).toContain('ebb history kustomization/flux-system/sample-app');
    });
  });

  describe('names and texts that are meant to be taken for something else', () => {
    const marks = async () => (await readdir(stage.developer.folder)).filter((name) => name === 'x');

    it.each([
      ['--to=--upload-pack=touch x'],
      ['--commit', '$(touch x)'],
      ['--commit', '`touch x`..HEAD'],
      ['--to', 'HEAD; touch x'],
      ['--to=--output=x'],
      ['--to', ':/Import'],
      ['--to', '@{u}'],
      ['--to', 'main@{yesterday}'],
    ])('are no commit: %s %s', async (...flags) => {
      const before = await head();
      const ended = explain(await stage.ebb('rollback', 'sample-app', '--yes', ...flags));
      expect(ended.code).toBe(3);
      expect(ended.stdout).toContain('(NoSuchCommit)');
      expect(await marks()).toEqual([]);
      expect(await head()).toBe(before);
    });

    it.each([
      ['--branch', '-x'],
      ['--branch', '--upload-pack=touch x'],
      ['--branch', 'a..b'],
      ['--push-branch', '../x'],
      ['--push-branch', '--force'],
      ['--push-branch', 'refs/heads/$(touch x)\n'],
      ['--author', 'Ann\nEbb-Rollback: forged <ann@example.com>'],
      ['--mainline', '-1'],
      ['--for', '-5m'],
      ['--timeout', 'soon'],
      ['--steady', '3'],
      ['--scope', 'everything'],
      ['--strategy', 'prayer'],
      ['--output', 'xml'],
    ])('are refused before anything is done: %s %j', async (flag, value) => {
      const before = await head();
      const ended = explain(await stage.ebb('rollback', 'sample-app', '--yes', flag, value));
      expect(ended.code).toBe(2);
      expect(ended.stderr).toMatch(/✗ .+ \(UsageError\)|^error: /m);
      expect(await marks()).toEqual([]);
      expect(await head()).toBe(before);
    });

    it.each(['ext::sh -c "touch x"', '--upload-pack=touch x', 'ssh://-oProxyCommand=touch x/y', 'gopher://127.0.0.1/x'])(
      'are no repository: --repo %s',
      async (url) => {
        const { code, error } = await failing('history', 'sample-app', `--repo=${url}`);
        expect(code).toBe(1);
        expect(['SourceUnsupported', 'GitNotARepository']).toContain(error.code);
        expect(await marks()).toEqual([]);
      },
    );
  });

  describe('access to the cluster', () => {
    let env: Record<string, string>;
    beforeAll(async () => {
      env = { KUBECONFIG: await stage.kubeconfigFor(VIEWER) };
      await grant(stage.cluster, 'vera', VIEWER_RULES);
    });

    it('that lacks one verb: the verb, the resource, the namespace and the rule to add are named', async () => {
      expect(explain(await stage.ebbWith({ env }, 'status', 'sample-app')).code).toBe(0);
      const ended = explain(await stage.ebbWith({ env }, 'suspend', 'sample-app', '--reason', 'looking'));
      expect(ended.code).toBe(1);
      expect(ended.stderr).toMatch(
        /^✗ no permission to patch kustomizations\.kustomize\.toolkit\.fluxcd\.io sample-app in the namespace flux-system\b.*\(Forbidden\)$/m,
      );
      expect(ended.stderr).toContain('kubectl auth can-i patch kustomizations.kustomize.toolkit.fluxcd.io -n flux-system');
      const role = /kind: Role\n[\s\S]*?resources: \["kustomizations"\]\s+verbs: \["patch"\]/.exec(ended.stderr);
      expect(role).not.toBeNull();
      expect((await stage.kustomization()).spec.suspend).not.toBe(true);
    });

    it('that may only read: the revert is made in Git, and Flux follows at its own interval', async () => {
      const bad = await stage.developer.release('1.3.0');
      await stage.fetchNow();
      await stage.untilAttempted(bad);
      await stage.untilWell();
      let told = '';
      const tee = (text: string) => {
        // What Flux does at its own interval, sooner than in a minute.
        if (!told.includes('pushed') && (told + text).includes('pushed')) void stage.fetchNow();
        told += text;
      };
      const ended = explain(await stage.ebbWith({ env, tee }, 'rollback', 'sample-app', '--yes'));
      expect(ended.code).toBe(0);
      expect(ended.stderr).toContain(
        'no permission to patch gitrepositories.source.toolkit.fluxcd.io flux-system in the namespace flux-system',
      );
      await stage.developer.git('pull', '--quiet', '--rebase', 'origin', 'main');
      expect(await stage.developer.git('log', '-1', '--format=%s')).toBe('Revert "sample-saas-app: release 1.3.0 to dev"');
      expect(await stage.images()).toEqual(['ghcr.io/ebb-dev/sample-saas-app:1.0.0']);
    });

    it('with a token that is not known', async () => {
      const kubeconfig = await stage.kubeconfigFor('made-up-token');
      const ended = explain(await stage.ebbWith({ env: { KUBECONFIG: kubeconfig } }, 'status'));
      expect(ended.code).toBe(1);
      expect(ended.stderr).toContain('(Unauthorized)');
      expect(ended.stderr).not.toContain('made-up-token');
    });
  });

  describe('a kubeconfig', () => {
    it.each([
      ['that is not there', async () => join(stage.home, 'nowhere'), 'cannot read the kubeconfig'],
      ['that is not YAML', async () => written('users: [{name: a, user: {token: s3cret\n'), 'is not YAML'],
      ['without a context', async () => written('apiVersion: v1\nkind: Config\n'), 'no context is selected'],
    ])('%s', async (_what, file, message) => {
      const ended = explain(await stage.ebb('status', '--kubeconfig', await file()));
      expect(ended.code).toBe(1);
      expect(ended.stderr).toContain(message);
      expect(ended.stderr).toContain('(KubeconfigInvalid)');
      expect(ended.stderr).toContain('kubectl config get-contexts');
      expect(ended.stderr).not.toContain('s3cret');
    });

    it('without the context that is asked for: names those that there are', async () => {
      const { code, error } = await failing('status', '--context', 'prod');
      expect(code).toBe(1);
      expect(error.message).toBe('no context prod');
      expect(error.seen).toContain(stage.context);
    });

    it('of a server that is down: says which, after it tried again', async () => {
      const file = await written(
        (await stage.kubectl('config', 'view', '--raw')).replace(/server: .*/, `server: https://127.0.0.1:${await closedPort()}`),
      );
      const ended = explain(await stage.ebb('status', '--kubeconfig', file));
      expect(ended.code).toBe(1);
      expect(ended.stderr).toMatch(
        new RegExp(`no answer from the API server https://127\\.0\\.0\\.1:\\d+ \\(context ${stage.context}\\).*\\(ClusterUnreachable\\)`),
      );
      expect(ended.stderr).toContain('the cluster is not running');
    });

    async function written(text: string): Promise<string> {
      const file = join(stage.home, 'kubeconfig');
      await writeFile(file, text, { mode: 0o600 });
      return file;
    }
  });

  describe('the credentials of the Git repository', () => {
    it('are those of the GitRepository, outside of a clone', async () => {
      const ended = explain(await elsewhere('history', 'sample-app', '-o', 'json'));
      expect(ended.code).toBe(0);
      expect(ended.stdout + ended.stderr).not.toContain(PASSWORD);
      expect(ended.json<{ deployments: unknown[] }>().deployments.length).toBeGreaterThan(0);
    });

    it('with a wrong password: the Secret is named, and nothing in it is printed', async () => {
      await withSecret({ username: 'flux', password: WRONG }, async () => {
        const ended = explain(await elsewhere('history', 'sample-app'));
        expect(ended.code).toBe(1);
        expect(ended.stderr).toContain('(GitAuthFailed)');
        expect(ended.stderr).toContain('Secret/flux-system/flux-system');
        expect(ended.stdout + ended.stderr).not.toContain(WRONG);
        expect(ended.stdout + ended.stderr).not.toContain(Buffer.from(`flux:${WRONG}`).toString('base64'));
      });
    });

    it('with nothing that Flux reads in the Secret, or without the Secret', async () => {
      await withSecret({ user: 'flux', pass: PASSWORD }, async () => {
        const ended = explain(await elsewhere('history', 'sample-app'));
        expect(ended.code).toBe(1);
        expect(ended.stderr).toContain('Secret/flux-system/flux-system');
        expect(ended.stderr).toContain('username and password');
      });
      await withSecret(undefined, async () => {
        const ended = explain(await elsewhere('history', 'sample-app'));
        expect(ended.code).toBe(1);
        expect(ended.stderr).toContain('Secret/flux-system/flux-system, with which Flux reads');
        expect(ended.stderr).toContain('does not exist');
      });
    });

    it('as a bearer token reach the server and nobody else', async () => {
      const asked: (string | undefined)[] = [];
      await serving(
        (request) => {
          asked.push(request.headers.authorization);
          return { status: 401, type: 'text/plain', body: 'no\n' };
        },
        async (url) => {
          await asSecondTarget(stage, `${url}/repo.git`, { bearerToken: 'tok-123456' });
          const ended = explain(await elsewhere('history', 'second-app'));
          expect(ended.code).toBe(1);
          expect(ended.stderr).toContain('Secret/flux-system/second-app');
          expect(ended.stdout + ended.stderr).not.toContain('tok-123456');
          expect(asked).toContain('Bearer tok-123456');
        },
      );
    });

    it('as an SSH key stay out of what is printed', async () => {
      await asSecondTarget(stage, `ssh://git@127.0.0.1:${await closedPort()}/repo.git`, {
        identity: 'PRIVATE-KEY-TEXT',
        known_hosts: '127.0.0.1 ssh-ed25519 AAAA',
      });
      const ended = explain(await elsewhere('history', 'second-app'));
      expect(ended.code).toBe(1);
      expect(ended.stderr).toMatch(/Git at 127\.0\.0\.1:\d+ could not be reached after 4 attempts/);
      expect(ended.stdout + ended.stderr).not.toContain('PRIVATE-KEY-TEXT');
    });

    async function withSecret(values: Record<string, string> | undefined, body: () => Promise<void>): Promise<void> {
      const ref = { apiVersion: 'v1', kind: 'Secret', namespace: 'flux-system', name: 'flux-system' };
      const before = await stage.cluster.get(ref);
      await rm(join(stage.home, 'cache'), { recursive: true, force: true });
      await stage.cluster.delete(ref);
      if (values) await stage.cluster.create(secret('flux-system', values));
      try {
        await body();
      } finally {
        await stage.cluster.delete(ref);
        await stage.cluster.create({ ...secret('flux-system', {}), data: before?.data } as KubeObject);
      }
    }
  });

  describe('the repository', () => {
    it('that is a web page: says that no Git repository is there', async () => {
      await serving(
        () => ({ status: 200, type: 'text/html', body: '<html><title>Sign in</title></html>' }),
        async (url) => {
          const { code, error } = await failing('history', 'sample-app', '--repo', `${url}/gitops-pipeline.git`);
          expect(code).toBe(1);
          expect(error.code).toBe('GitNotARepository');
          expect(error.message).toContain(`${url}/gitops-pipeline.git`);
          expect(error.causes).toContain('a login page or a proxy answered instead of Git');
        },
      );
    });

    it('whose copy in the cache is damaged: fetches it anew and goes on', async () => {
      explain(await stage.ebb('history', 'sample-app'));
      for (const file of await filesOf(join(stage.home, 'cache'))) {
        if (!/\.pack$|\.idx$|objects\/..\/|packed-refs$/.test(file)) continue;
        // Objects may be linked to the developer's clone: the file is replaced rather than written over.
        await rm(file);
        await writeFile(file, 'damaged');
      }
      const ended = explain(await stage.ebb('history', 'sample-app', '-o', 'json'));
      expect(ended.code).toBe(0);
      expect(ended.stderr).toContain('is damaged');
      expect(ended.json<{ deployments: unknown[] }>().deployments.length).toBeGreaterThan(0);
    });

    it('whose cache is not a directory: says where it is', async () => {
      const file = join(stage.home, 'a-file');
      await writeFile(file, '');
      const ended = explain(await stage.ebbWith({ env: { EBB_CACHE_DIR: file } }, 'history', 'sample-app'));
      expect(ended.code).toBe(1);
      expect(ended.stderr).toContain('(CacheUnusable)');
      expect(ended.stderr).toContain(file);
    });
  });

  describe('words of others', () => {
    const CODES = '\u001b]0;owned\u0007\u001b[2J\u001b[31mred\u009b1m\u202e';

    it('in commit subjects, labels and reasons cannot drive the terminal or forge a line', async () => {
      const text = await stage.developer.read('apps/sample-saas-app/overlays/dev/kustomization.yaml');
      const evil = await stage.developer.push(`${CODES} release`, {
        'apps/sample-saas-app/overlays/dev/kustomization.yaml': text.replace(/newTag: .*/, 'newTag: 1.0.1'),
      });
      await stage.fetchNow();
      await stage.untilAttempted(evil);
      await stage.untilWell();
      const reason = `because\n✓ rolled back everything\nEbb-Rollback: rb-000000000000 ${CODES}`;
      const seen = [
        await stage.ebb('suspend', 'sample-app', '--reason', reason),
        await stage.ebb('suspended'),
        await stage.ebb('status'),
        await stage.ebb('status', 'sample-app'),
        await stage.ebb('history', 'sample-app'),
      ];
      seen.push(await stage.ebb('rollback', 'sample-app', '--dry-run', '--accept', 'TargetSuspended'));
      seen.push(await stage.ebb('resume', 'sample-app'));
      seen.push(await stage.ebb('suspended', '-o', 'yaml'), await stage.ebb('history', 'sample-app', '-o', 'yaml'));
      for (const ended of seen) {
        explain(ended);
        expect(ended.code).toBe(0);
        // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
        expect(ended.stdout + ended.stderr).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
        expect(ended.stdout + ended.stderr).not.toMatch(/^✓ rolled back everything/m);
      }
      const rollback = explain(await stage.ebb('rollback', 'sample-app', '--yes', '--no-wait', '--reason', reason, '-o', 'json'));
      expect(rollback.code).toBe(0);
      await stage.developer.git('pull', '--quiet', '--rebase', 'origin', 'main');
      expect(await stage.developer.git('log', '-1', '--format=%(trailers:key=Ebb-Rollback,valueonly)')).toBe(
        rollback.json<{ id: string }>().id,
      );
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
      expect(await stage.developer.git('log', '-1', '--format=%B')).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
    });
  });

  describe('a Git server that is down', () => {
    beforeAll(() => stage.git.stop());

    it('is named, after it was tried again', async () => {
      const ended = explain(await stage.ebb('history', 'sample-app'));
      expect(ended.code).toBe(1);
      expect(ended.stderr).toMatch(/127\.0\.0\.1:\d+ could not be reached .*; trying again in 0\.3 s/);
      expect(ended.stderr).toMatch(/Git at 127\.0\.0\.1:\d+ could not be reached after 4 attempts.*\(GitUnreachable\)/);
    });

    it('leaves status with what the cluster knows', async () => {
      const ended = explain(await stage.ebb('status', 'sample-app'));
      expect(ended.code).toBe(0);
      expect(ended.stdout).toMatch(/git +Git at 127\.0\.0\.1:\d+ could not be reached/);
    });
  });
});

function secret(name: string, values: Record<string, string>): KubeObject {
  const data = Object.fromEntries(Object.entries(values).map(([key, value]) => [key, Buffer.from(value).toString('base64')]));
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace: 'flux-system' }, data };
}

/** A suspended Kustomization `second-app` whose GitRepository lies at `url`. */
async function asSecondTarget(stage: Stage, url: string, values: Record<string, string>): Promise<void> {
  const metadata = { name: 'second-app', namespace: 'flux-system' };
  const source = {
    apiVersion: 'source.toolkit.fluxcd.io/v1',
    kind: 'GitRepository',
    metadata,
    spec: { interval: '10m', suspend: true, url, ref: { branch: 'main' }, secretRef: { name: 'second-app' } },
  };
  const kustomization = {
    ...KUSTOMIZATION,
    metadata,
    spec: {
      interval: '10m',
      suspend: true,
      prune: true,
      path: './apps/sample-saas-app/overlays/dev',
      sourceRef: { kind: 'GitRepository', name: 'second-app' },
    },
  };
  await letEbbRead(stage, 'second-app');
  for (const object of [secret('second-app', values), source, kustomization]) {
    const ref = { ...object, namespace: metadata.namespace, name: metadata.name };
    await stage.cluster.delete(ref);
    await stage.until(`${object.kind} second-app is gone`, async () => (await stage.cluster.get(ref)) === undefined);
    await stage.cluster.create(object as KubeObject);
  }
}

/** Binds rules to a user, in the whole cluster. */
/** What deploy/rbac-git-secret.yaml allows for the Secret of the example. */
async function letEbbRead(stage: Stage, secretName: string): Promise<void> {
  const metadata = { name: `ebb-${secretName}`, namespace: 'flux-system' };
  const apiGroup = 'rbac.authorization.k8s.io';
  const apiVersion = `${apiGroup}/v1`;
  const rules = [{ apiGroups: [''], resources: ['secrets'], resourceNames: [secretName], verbs: ['get'] }];
  const roleRef = { apiGroup, kind: 'Role', name: metadata.name };
  const subjects = [{ kind: 'ServiceAccount', name: 'ebb', namespace: 'flux-system' }];
  for (const object of [
    { apiVersion, kind: 'Role', metadata, rules },
    { apiVersion, kind: 'RoleBinding', metadata, roleRef, subjects },
  ])
    await stage.cluster.patch({ ...object, ...metadata }, object, { type: 'apply', force: true });
}

async function grant(cluster: Stage['cluster'], user: string, rules: unknown[]): Promise<void> {
  const metadata = { name: user };
  const apiGroup = 'rbac.authorization.k8s.io';
  await cluster.create({ apiVersion: `${apiGroup}/v1`, kind: 'ClusterRole', metadata, rules });
  await cluster.create({
    apiVersion: `${apiGroup}/v1`,
    kind: 'ClusterRoleBinding',
    metadata,
    roleRef: { apiGroup, kind: 'ClusterRole', name: user },
    subjects: [{ apiGroup, kind: 'User', name: user }],
  } as KubeObject);
}

async function filesOf(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

async function closedPort(): Promise<number> {
  const server = await listening(() => undefined);
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function serving(
  answer: (request: IncomingMessage) => { status: number; type: string; body: string },
  body: (url: string) => Promise<void>,
): Promise<void> {
  const server = await listening((request) => answer(request));
  try {
    await body(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

async function listening(
  answer: (request: IncomingMessage) => { status: number; type: string; body: string } | undefined,
): Promise<Server> {
  const server = createServer((request, response) => {
    const { status, type, body } = answer(request) ?? { status: 500, type: 'text/plain', body: '' };
    response.writeHead(status, { 'Content-Type': type }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}
