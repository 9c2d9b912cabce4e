import { execFileSync, spawn } from 'node:child_process';
import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ClusterUnderTest, startCluster } from './testing/cluster-under-test.ts';

function hasKubectl(): boolean {
  try {
    execFileSync('kubectl', ['version', '--client'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const deployment = (image: string, extra = ''): string => `
apiVersion: apps/v1
kind: Deployment
metadata: {name: api, labels: {app: api}}
spec:
  replicas: 2${extra}
  selector: {matchLabels: {app: api}}
  template:
    metadata: {labels: {app: api}}
    spec:
      containers:
        - name: api
          image: "${image}"
          readinessProbe: {httpGet: {path: /readyz, port: 8080}}
`;

const DEFINITION = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.com}
spec:
  group: example.com
  names: {kind: Widget, plural: widgets, shortNames: [wd]}
  scope: Namespaced
  versions:
    - name: v1
      served: true
      storage: true
      subresources: {status: {}}
      additionalPrinterColumns:
        - {name: Size, type: integer, jsonPath: .spec.size}
        - {name: Ready, type: string, jsonPath: '.status.conditions[?(@.type=="Ready")].status'}
        - {name: Age, type: date, jsonPath: .metadata.creationTimestamp}
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec: {type: object, required: [size], properties: {size: {type: integer, minimum: 1}}}
            status: {type: object, x-kubernetes-preserve-unknown-fields: true}
`;

describe.skipIf(!hasKubectl())('kubectl (skipped where it is not installed)', () => {
  let cluster: ClusterUnderTest;

  beforeAll(async () => {
    cluster = await startCluster();
  });

  afterAll(async () => {
    await cluster.stop();
  });

  /** Runs kubectl, which has to succeed. */
  async function ok(args: string, input?: string): Promise<string> {
    const { code, stdout, stderr } = await cluster.kubectl(args.split(' '), input);
    expect({ args, code, stderr: code === 0 ? '' : stderr }).toEqual({ args, code: 0, stderr: '' });
    return stdout;
  }

  /** Runs kubectl, which has to fail, and gives what it says. */
  async function refused(args: string, input?: string): Promise<string> {
    const { code, stderr } = await cluster.kubectl(args.split(' '), input);
    expect(code).not.toBe(0);
    return stderr;
  }

  it('finds its way by discovery', async () => {
    const resources = await ok('api-resources -o name');
    expect(resources.split('\n')).toEqual(
      expect.arrayContaining(['pods', 'deployments.apps', 'endpointslices.discovery.k8s.io', 'events.events.k8s.io']),
    );
    expect(await ok('get --raw /readyz')).toBe('ok');
    expect(await ok('get namespaces')).toMatch(/^NAME +STATUS +AGE\ndefault +Active +\d+s\nkube-public/);
  });

  it('applies on the client side: created, configured, unchanged', async () => {
    expect(await ok('apply -f -', deployment('api:1'))).toBe('deployment.apps/api created\n');
    expect(await ok('apply -f -', deployment('api:2'))).toBe('deployment.apps/api configured\n');
    expect(await ok('apply -f -', deployment('api:2'))).toBe('deployment.apps/api unchanged\n');
    const table = await ok('get deployment api -o wide');
    expect(table).toMatch(/NAME +READY +UP-TO-DATE +AVAILABLE +AGE +CONTAINERS +IMAGES +SELECTOR/);
    expect(table).toMatch(/api +0\/2 +0 +0 +\d+s +api +api:2 +app=api/);
    const probe = await ok('get deployment api -o jsonpath={.spec.template.spec.containers[0].readinessProbe}');
    expect(JSON.parse(probe)).toMatchObject({
      failureThreshold: 3,
      periodSeconds: 10,
      successThreshold: 1,
      timeoutSeconds: 1,
      httpGet: { scheme: 'HTTP' },
    });
  });

  it('applies on the server side, meets conflicts and takes the fields by force', async () => {
    await ok('create namespace ssa');
    expect(await ok('apply -n ssa --server-side --field-manager=one -f -', deployment('api:1'))).toBe(
      'deployment.apps/api serverside-applied\n',
    );
    const conflict = await refused('apply -n ssa --server-side --field-manager=two -f -', deployment('api:2'));
    expect(conflict).toContain('Apply failed with 1 conflict: conflict with "one": .spec.template.spec.containers[name="api"].image');
    expect(await ok('apply -n ssa --server-side --field-manager=two --force-conflicts -f -', deployment('api:2'))).toContain(
      'serverside-applied',
    );
    const managers = await ok('get deployment api -n ssa --show-managed-fields -o jsonpath={.metadata.managedFields[*].manager}');
    expect(managers.split(' ').sort()).toEqual(['one', 'two']);
  });

  it('refuses what the API refuses, in its words', async () => {
    const misspelt = deployment('api:3').replace('replicas', 'replcias').replace('name: api,', 'name: other,');
    expect(await refused('apply -f -', misspelt)).toContain('strict decoding error: unknown field "spec.replcias"');
    const warned = await cluster.kubectl(['apply', '--validate=warn', '--dry-run=server', '-f', '-'], misspelt);
    expect(warned).toMatchObject({ code: 0, stderr: expect.stringContaining('Warning: unknown field "spec.replcias"') });
    const mismatch = deployment('api:3')
      .replace('template:\n    metadata: {labels: {app: api}}', 'template:\n    metadata: {labels: {app: x}}')
      .replace('name: api,', 'name: other,');
    expect(await refused('create -f -', mismatch)).toContain('`selector` does not match template `labels`');
    expect(await refused('get pod none')).toBe('Error from server (NotFound): pods "none" not found\n');
    expect(await refused('get nonsense')).toBe('error: the server doesn\'t have a resource type "nonsense"\n');
  });

  it('patches in every way', async () => {
    const image = async (): Promise<string> =>
      ok('get deployment api -o jsonpath={.spec.template.spec.containers[0].image}/{.spec.replicas}');
    const patch = async (type: string, body: string): Promise<void> => {
      const { code, stderr } = await cluster.kubectl(['patch', 'deployment', 'api', `--type=${type}`, '-p', body]);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    };
    await patch('strategic', '{"spec":{"template":{"spec":{"containers":[{"name":"api","image":"api:4"}]}}}}');
    await patch('merge', '{"spec":{"replicas":5}}');
    expect(await image()).toBe('api:4/5');
    await patch('json', '[{"op":"replace","path":"/spec/replicas","value":1}]');
    expect(await image()).toBe('api:4/1');
    expect(await ok('scale deployment api --replicas=3')).toBe('deployment.apps/api scaled\n');
    expect(await ok('set image deployment/api api=api:5')).toBe('deployment.apps/api image updated\n');
    expect(await image()).toBe('api:5/3');
  });

  it('waits for a rollout as the status tells it', async () => {
    expect(await refused('rollout status deployment/api --timeout=1s')).toContain('timed out waiting');
    const ref = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'default', name: 'api' };
    const generation = cluster.store.get(ref)?.metadata.generation;
    const status = { observedGeneration: generation, replicas: 3, updatedReplicas: 3, readyReplicas: 3, availableReplicas: 3 };
    cluster.store.patch(ref, { status }, { manager: 'a-controller', type: 'merge', subresource: 'status' });
    expect(await ok('rollout status deployment/api --timeout=10s')).toContain('successfully rolled out');
  });

  it('labels, annotates, replaces and diffs', async () => {
    expect(await ok('label deployment api tier=web')).toBe('deployment.apps/api labeled\n');
    expect(await ok('annotate deployment api note=read')).toBe('deployment.apps/api annotated\n');
    expect(await ok('get deployments -l tier=web -o name')).toBe('deployment.apps/api\n');
    expect(await ok('get deployments -l tier!=web -o name')).toBe('');
    expect(await ok('replace -f -', deployment('api:6'))).toBe('deployment.apps/api replaced\n');
    const { code, stdout } = await cluster.kubectl(['diff', '-f', '-'], deployment('api:7'));
    expect(code).toBe(1);
    expect(stdout).toMatch(/-.*image: api:6\n\+.*image: api:7/);
  });

  it('creates with its own generators, which send protobuf', async () => {
    await ok('create configmap settings --from-literal=mode=fast');
    await ok('create secret generic login --from-literal=user=ann');
    await ok('create deployment web --image=web:1 --replicas=3 --port=80');
    await ok('expose deployment web');
    expect(await ok('get configmap settings -o jsonpath={.data.mode}')).toBe('fast');
    expect(await ok('get deployment web -o jsonpath={.spec.replicas},{.spec.template.spec.containers[0].ports[0].containerPort}')).toBe(
      '3,80',
    );
    expect(await ok('get service web')).toMatch(/web +ClusterIP +127\.80\.\d+\.\d+ +<none> +80\/TCP +\d+s/);
  });

  it('shows Pods and their logs', async () => {
    const pod =
      '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"},"spec":{"nodeName":"node","containers":[{"name":"main","image":"p:1"}]}}';
    await ok('apply -f -', pod);
    const ref = { apiVersion: 'v1', kind: 'Pod', namespace: 'default', name: 'p' };
    const waiting = { reason: 'CrashLoopBackOff', message: 'back-off' };
    const finishedAt = new Date(Date.now() - 5_000).toISOString();
    const lastState = { terminated: { exitCode: 3, reason: 'Error', finishedAt } };
    const containerStatuses = [{ name: 'main', image: 'p:1', imageID: '', ready: false, restartCount: 2, state: { waiting }, lastState }];
    cluster.store.patch(
      ref,
      { status: { phase: 'Running', podIP: '127.0.0.1', containerStatuses } },
      { manager: 'kubelet', type: 'merge', subresource: 'status' },
    );
    expect(await ok('get pods')).toMatch(/p +0\/1 +CrashLoopBackOff +2 \(\d+s ago\) +\d+s/);
    expect(await ok('logs p --tail=1')).toBe('p/main line 3\n');
    expect(await ok('logs p --previous --tail=1')).toBe('p/main before line 3\n');
    const description = await ok('describe pod p');
    expect(description).toMatch(/Reason: +CrashLoopBackOff/);
    expect(description).toMatch(/Exit Code: +3/);
  });

  it('watches: a row for every change, until the Pod is gone', async () => {
    const folder = dirname(cluster.kubeconfigPath);
    const env = { PATH: process.env.PATH, HOME: folder, KUBECONFIG: cluster.kubeconfigPath };
    const watching = spawn('kubectl', ['get', 'pod', 'p', '-w', '--no-headers'], {
      cwd: folder,
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let seen = '';
    const until = (pattern: RegExp): Promise<void> =>
      new Promise((resolve, reject) => {
        const deadline = setTimeout(() => reject(new Error(`not seen: ${pattern} in ${seen}`)), 20_000);
        const check = (): void => {
          if (!pattern.test(seen)) return;
          clearTimeout(deadline);
          watching.stdout.off('data', check);
          resolve();
        };
        watching.stdout.on('data', check);
        check();
      });
    watching.stdout.on('data', (chunk: Buffer) => {
      seen += chunk.toString();
    });
    try {
      await until(/p +0\/1 +CrashLoopBackOff/);
      await ok('delete pod p --wait=false');
      await until(/p +0\/1 +Terminating/);
      const deleting = cluster.kubectl(['wait', 'pod', 'p', '--for=delete', '--timeout=20s']);
      cluster.store.delete({ apiVersion: 'v1', kind: 'Pod', namespace: 'default', name: 'p' }, { gracePeriodSeconds: 0 });
      expect((await deleting).code).toBe(0);
    } finally {
      watching.kill();
    }
  });

  it('serves custom kinds with their columns and validation', async () => {
    await ok('apply -f -', DEFINITION);
    await ok('wait crd widgets.example.com --for=condition=Established --timeout=10s');
    const widget = (size: string): string => `{apiVersion: example.com/v1, kind: Widget, metadata: {name: w}, spec: {size: ${size}}}`;
    expect(await ok('apply -f -', widget('2'))).toBe('widget.example.com/w created\n');
    expect(await refused('apply -f -', widget('0'))).toContain('spec.size in body should be greater than or equal to 1');
    await ok('patch widget w --subresource=status --type=merge -p {"status":{"conditions":[{"type":"Ready","status":"True"}]}}');
    expect(await ok('get wd')).toMatch(/NAME +SIZE +READY +AGE\nw +2 +True +\d+s/);
    expect(await ok('delete crd widgets.example.com')).toContain('deleted');
    expect(await refused('get widgets')).toMatch(/could not find the requested resource|doesn't have a resource type/);
  });

  it('prints Events', async () => {
    const ref = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'default', name: 'api' };
    const involvedObject = { ...ref, uid: cluster.store.get(ref)?.metadata.uid };
    const now = new Date().toISOString();
    const event = {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: 'api.1', namespace: 'default' },
      involvedObject,
      reason: 'Scaled',
      message: 'up to 3',
      type: 'Normal',
    };
    cluster.store.create(
      { ...event, firstTimestamp: now, lastTimestamp: now, count: 2, source: { component: 'controller' } },
      { manager: 'controller' },
    );
    expect(await ok('get events')).toMatch(/LAST SEEN +TYPE +REASON +OBJECT +MESSAGE\n\d+s +Normal +Scaled +deployment\/api +up to 3/);
    expect(await ok('events --for deployment/api')).toMatch(/\d+s \(x2 over \d+s\) +Normal +Scaled +Deployment\/api +up to 3/);
    expect(await ok('describe deployment api')).toMatch(/Normal +Scaled +.* controller +up to 3/);
    expect(await ok('get events.events.k8s.io -o jsonpath={.items[0].note}')).toBe('up to 3');
  });

  it('says what one may do', async () => {
    expect(await ok('auth can-i delete pods')).toBe('yes\n');
    expect((await cluster.kubectl(['auth', 'can-i', 'list', 'pods', '--as=jane'])).stdout).toBe('no\n');
    await ok('create role reader --verb=list --resource=pods');
    await ok('create rolebinding reader --role=reader --user=jane');
    expect(await ok('auth can-i list pods --as=jane')).toBe('yes\n');
    expect(await refused('get secrets --as=jane')).toBe(
      'Error from server (Forbidden): secrets is forbidden: User "jane" cannot list resource "secrets" in API group "" in the namespace "default"\n',
    );
  });

  it('deletes, and waits until a namespace is empty', async () => {
    expect(await ok('delete deployment api web')).toContain('deployment.apps "api" deleted');
    expect(await ok('delete namespace ssa --timeout=20s')).toContain('namespace "ssa" deleted');
    expect(await refused('get namespace ssa')).toContain('namespaces "ssa" not found');
  });
});
