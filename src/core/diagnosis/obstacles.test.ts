import { describe, expect, it } from 'vitest';
import { event, illPod, pod, TARGET, target, workload } from '../../../test/observed.ts';
import type { Need, PodState, WorkloadState } from '../world.ts';
import { autoscaledBy, autoscalerNote } from './autoscaler.ts';
import { lackIn, pullTrouble } from './lack.ts';
import { needsOf } from './needs.ts';
import type { Obstacle } from './obstacle.ts';
import { obstaclesOf } from './obstacles.ts';
import { nodesText } from './scheduling.ts';

const NAMESPACE = 'sample-saas-app';
const WEB = 'Deployment/sample-saas-app/sample-saas-app';

function obstacles(pods: PodState[], state: Partial<WorkloadState> = {}, inventory = target().inventory): Obstacle[] {
  return obstaclesOf(workload({ pods, ...state }), { target: TARGET, inventory });
}

const waits = (name: string, reason: string, message: string, state: Partial<PodState> = {}) =>
  illPod(name, { waiting: { reason, message } }, { phase: 'Pending', ...state });
const unplaced = (unschedulable: string) => pod('new', { phase: 'Pending', ready: false, containers: [], unschedulable });
const need = (kind: Need['kind'], name: string, field: string): Need => ({ kind, name, field });

/** As kube-scheduler 1.36 says it. */
const NO_CPU =
  '0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.';

describe('no room', () => {
  it('is told without what the scheduler says about preemption', () => {
    expect(nodesText(NO_CPU)).toBe('1 Insufficient cpu');
    expect(nodesText('0/3 nodes are available: 1 Insufficient memory, 2 node(s) had untolerated taint(s). preemption: 0/3 …')).toBe(
      '1 Insufficient memory, 2 node(s) had untolerated taint(s)',
    );
    expect(nodesText('no nodes available to schedule pods')).toBe('no nodes available to schedule pods');
  });

  it('names what is short, what is asked for, who holds it, and how the old make room', () => {
    const old = (name: string) => pod(name, { current: false, node: 'a' });
    const [obstacle] = obstacles([unplaced(NO_CPU), old('one'), old('two')], { asks: { cpu: ['26'] }, maxUnavailable: 0 });
    expect(obstacle?.message).toBe(
      `no node takes new pods of ${WEB}: 1 Insufficient cpu; each asks for cpu 26; 2 pods of the other version hold room and may not go before new ones are ready (maxUnavailable comes to 0)`,
    );
    expect(obstacle?.next[0]).toBe(
      `kubectl patch deployment sample-saas-app -n ${NAMESPACE} --type merge -p '{"spec":{"strategy":{"rollingUpdate":{"maxUnavailable":1}}}}'`,
    );
    expect(obstacle?.final).toBeUndefined();
  });

  it('has no such advice where the old go by themselves, or are on their way', () => {
    const leaving = pod('old', { current: false, node: 'a', terminating: true });
    const [obstacle] = obstacles([unplaced(NO_CPU), leaving], { maxUnavailable: 0 });
    expect(obstacle?.message).toBe(`no node takes new pods of ${WEB}: 1 Insufficient cpu`);
    expect(obstacle?.next).toEqual(['kubectl describe nodes   # what holds the room; or add a node']);
  });

  it.each([
    ["1 node(s) didn't match Pod's node affinity/selector", 'kubectl get nodes --show-labels'],
    ['1 node(s) were unschedulable', 'kubectl get nodes   # then, of the node that is cordoned: kubectl uncordon NODE'],
    ['1 node(s) had untolerated taint(s)', 'kubectl get nodes -o custom-columns=NODE:.metadata.name,TAINTS:.spec.taints'],
  ])('%s', (reason, command) => {
    const message = `0/1 nodes are available: ${reason}. no new claims to deallocate, preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.`;
    const [obstacle] = obstacles([unplaced(message)]);
    expect(obstacle?.message).toBe(`no node takes new pods of ${WEB}: ${reason}`);
    expect(obstacle?.next).toEqual([command]);
  });

  it('a pod of another template tells nothing of this one', () => {
    expect(obstacles([{ ...unplaced(NO_CPU), current: false }])).toEqual([]);
  });
});

describe('an object that is gone', () => {
  it.each([
    ['secret "login" not found', { kind: 'Secret', name: 'login', state: 'missing' }],
    ['configmap "look" not found', { kind: 'ConfigMap', name: 'look', state: 'missing' }],
    ['MountVolume.SetUp failed for volume "tls" : secret "edge-tls" not found', { kind: 'Secret', name: 'edge-tls', state: 'missing' }],
    ["couldn't find key user in Secret shop/login", { kind: 'Secret', name: 'login', state: 'key', key: 'user' }],
    [
      'MountVolume.SetUp failed for volume "tls" : references non-existent secret key: tls.crt',
      { kind: 'Secret', name: 'edge-tls', state: 'key', key: 'tls.crt' },
    ],
    [
      'pods "robot-" is forbidden: error looking up service account shop/builder: serviceaccount "builder" not found',
      { kind: 'ServiceAccount', name: 'builder', state: 'missing' },
    ],
    [
      '0/1 nodes are available: persistentvolumeclaim "data" not found. not found',
      { kind: 'PersistentVolumeClaim', name: 'data', state: 'missing' },
    ],
    [
      '0/1 nodes are available: persistentvolumeclaim "data" is being deleted. not found',
      { kind: 'PersistentVolumeClaim', name: 'data', state: 'deleting' },
    ],
    ['exceeded quota: few', undefined],
    ['nodes "a" not found', undefined],
  ])('%s', (message, lack) => {
    expect(lackIn(message, [need('Secret', 'edge-tls', 'volumes[tls]')])).toEqual(lack);
  });

  it('is told once for all pods that wait for it, with the field that names it', () => {
    const message = 'secret "login" not found';
    const found = obstacles([waits('a', 'CreateContainerConfigError', message), waits('b', 'CreateContainerConfigError', message)], {
      needs: [need('Secret', 'login', 'containers[app].envFrom')],
    });
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({
      object: { kind: 'Secret', namespace: NAMESPACE, name: 'login' },
      message: `Secret/${NAMESPACE}/login does not exist, and ${WEB} needs it (containers[app].envFrom)`,
      next: [`kubectl create secret generic login -n ${NAMESPACE} --from-file=DIRECTORY`],
      pods: ['a', 'b'],
    });
    expect(found[0]?.details[0]).toMatch(/^Git does not bring it back/);
  });

  it('comes back with the next run of Flux where Git has it', () => {
    const inventory = [{ apiVersion: 'v1', kind: 'Secret', namespace: NAMESPACE, name: 'login' }];
    const [obstacle] = obstacles([waits('a', 'CreateContainerConfigError', 'secret "login" not found')], {}, inventory);
    expect(obstacle).toMatchObject({ inGit: true, next: ['flux reconcile kustomization sample-app -n flux-system'] });
    expect(obstacle?.details[0]).toMatch(/^Git has it/);
  });

  it('keeps a volume from being mounted', () => {
    const warnings = [event('FailedMount', 'MountVolume.SetUp failed for volume "tls" : secret "edge-tls" not found')];
    const [obstacle] = obstacles([waits('a', 'ContainerCreating', '', { warnings })], {
      needs: [need('Secret', 'edge-tls', 'volumes[tls]')],
    });
    expect(obstacle?.message).toBe(`Secret/${NAMESPACE}/edge-tls does not exist, and ${WEB} needs it (volumes[tls])`);
    expect(obstacles([pod('a', { warnings })])).toEqual([]);
  });

  it('keeps pods from being made', () => {
    const refused = 'pods "x-" is forbidden: error looking up service account a/builder: serviceaccount "builder" not found';
    const [obstacle] = obstacles([], { refused, needs: [need('ServiceAccount', 'builder', 'serviceAccountName')] });
    expect(obstacle).toMatchObject({ reason: 'FailedCreate', next: [`kubectl create serviceaccount builder -n ${NAMESPACE}`] });
    expect(obstacle?.details[1]).toContain(`kubectl annotate deployment sample-saas-app -n ${NAMESPACE}`);
  });

  it('a claim without a volume is named by the field that mounts it', () => {
    const [obstacle] = obstacles([unplaced('0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims. not found')], {
      needs: [need('PersistentVolumeClaim', 'data', 'volumes[data]')],
    });
    expect(obstacle?.message).toBe(`PersistentVolumeClaim/${NAMESPACE}/data is not bound to a volume, and ${WEB} needs it (volumes[data])`);
    expect(obstacle?.next).toEqual([`kubectl describe pvc data -n ${NAMESPACE}`]);
  });
});

describe('an image that does not come', () => {
  it.each([
    ['failed to resolve reference "ghcr.io/a/b:1": ghcr.io/a/b:1: not found', 'not-found'],
    ['manifest for a/b:1 not found: manifest unknown: manifest unknown', 'not-found'],
    [
      'failed to authorize: failed to fetch anonymous token: unexpected status from GET request to https://ghcr.io/token: 401 Unauthorized',
      'denied',
    ],
    [
      'failed to resolve reference "x.dkr.ecr.eu-west-1.amazonaws.com/b:1": pulling from host failed with status code [manifests 1]: 403 Forbidden',
      'denied',
    ],
    ['failed to resolve reference "123.dkr.ecr.eu-west-1.amazonaws.com/b:1": authorization failed: no basic auth credentials', 'denied'],
    [
      "pull access denied for a/b, repository does not exist or may require 'docker login': denied: requested access to the resource is denied",
      'denied',
    ],
    ['dial tcp: lookup ghcr.io on 10.96.0.10:53: no such host', 'unreachable'],
    ['failed to do request: Head "https://ghcr.io/v2/a/b/manifests/1": dial tcp 10.0.0.1:443: i/o timeout', 'unreachable'],
    ['no space left on device', undefined],
  ])('%s', (message, trouble) => {
    expect(pullTrouble(message)).toBe(trouble);
  });

  it('is certain where the registry does not have it, and nowhere else', () => {
    const failing = (words: string) => obstacles([waits('a', 'ImagePullBackOff', words)]);
    expect(failing('x: not found')[0]?.final).toBe(true);
    expect(failing('401 Unauthorized')[0]?.final).toBeUndefined();
    expect(failing('401 Unauthorized')[0]?.message).toContain('it names no pull secret (imagePullSecrets)');
    expect(failing('i/o timeout')[0]?.final).toBeUndefined();
  });

  it('names the pull secret that is gone, or that is not accepted', () => {
    const words = 'failed to authorize: 401 Unauthorized';
    const needs = [need('Secret', 'registry', 'imagePullSecrets')];
    const warnings = [
      event(
        'FailedToRetrieveImagePullSecret',
        'Unable to retrieve some image pull secrets (registry); attempting to pull the image may not succeed.',
      ),
    ];
    expect(obstacles([waits('a', 'ErrImagePull', words, { warnings })], { needs })[0]).toMatchObject({
      message: `Secret/${NAMESPACE}/registry does not exist, and ${WEB} needs it (imagePullSecrets)`,
      next: [`kubectl create secret docker-registry registry -n ${NAMESPACE} --from-file=.dockerconfigjson=$HOME/.docker/config.json`],
    });
    expect(obstacles([waits('a', 'ErrImagePull', words)], { needs })[0]?.message).toContain(
      `what Secret ${NAMESPACE}/registry (imagePullSecrets) says is not accepted`,
    );
  });
});

describe('a node that does not answer', () => {
  const lost = { lost: 'Node is not ready', node: 'a', ready: false };

  it('is named with the pod that is on it', () => {
    const [obstacle] = obstacles([pod('web-1', lost)]);
    expect(obstacle).toMatchObject({
      object: { kind: 'Node', name: 'a' },
      message: `Node/a does not answer (Node is not ready), and Pod web-1 of ${WEB} on it is not ready`,
    });
  });

  it('keeps a StatefulSet for as long as its pod is not gone, and a Deployment not', () => {
    const gone = pod('db-0', { ...lost, terminating: true });
    const set = { ref: { apiVersion: 'apps/v1', kind: 'StatefulSet', namespace: NAMESPACE, name: 'db' } };
    expect(obstacles([gone], set)[0]?.message).toContain('Pod db-0 of StatefulSet/sample-saas-app/db on it is Terminating and stays so');
    expect(obstacles([{ ...gone, name: 'db-1' }, gone], set)[0]?.message).toContain('Pods db-0, db-1 of');
    expect(obstacles([gone])).toEqual([]);
  });
});

describe('what a template needs', () => {
  it('is each object that is not optional, with its field', () => {
    const spec = {
      serviceAccountName: 'builder',
      imagePullSecrets: [{ name: 'registry' }],
      volumes: [
        { name: 'tls', secret: { secretName: 'edge-tls' } },
        { name: 'extra', configMap: { name: 'extra', optional: true } },
        { name: 'all', projected: { sources: [{ secret: { name: 'one' } }, { configMap: { name: 'two' } }] } },
        { name: 'data', persistentVolumeClaim: { claimName: 'data' } },
      ],
      containers: [
        {
          name: 'app',
          image: 'a:1',
          envFrom: [{ secretRef: { name: 'login' } }],
          env: [{ name: 'LOOK', valueFrom: { configMapKeyRef: { name: 'look', key: 'x' } } }],
        },
      ],
    };
    expect(needsOf(spec).map(({ kind, name, field }) => `${kind} ${name} ${field}`)).toEqual([
      'Secret login containers[app].envFrom',
      'ConfigMap look containers[app].env[LOOK]',
      'Secret edge-tls volumes[tls]',
      'Secret one volumes[all]',
      'ConfigMap two volumes[all]',
      'PersistentVolumeClaim data volumes[data]',
      'Secret registry imagePullSecrets',
      'ServiceAccount builder serviceAccountName',
    ]);
  });
});

describe('an autoscaler', () => {
  const entry = { operation: 'Update' as const, apiVersion: 'apps/v1', fieldsType: 'FieldsV1' as const };

  it('is whoever set the replicas by the subresource scale', () => {
    const replicas = { 'f:spec': { 'f:replicas': {} } };
    const manager = 'kube-controller-manager';
    expect(autoscaledBy([{ ...entry, manager, subresource: 'scale', fieldsV1: replicas, time: '2026-01-01T00:00:00Z' }])).toEqual({
      by: manager,
      at: '2026-01-01T00:00:00Z',
    });
    expect(autoscaledBy([{ ...entry, manager: 'kustomize-controller', fieldsV1: replicas }])).toBeUndefined();
    expect(autoscaledBy([{ ...entry, manager, subresource: 'status', fieldsV1: { 'f:status': {} } }])).toBeUndefined();
    expect(autoscaledBy([{ ...entry, manager: 'kubectl', subresource: 'scale', fieldsV1: replicas }])).toBeUndefined();
    expect(autoscaledBy(undefined)).toBeUndefined();
  });

  it('is told of, by its name where it is another', () => {
    expect(autoscalerNote(workload({ desired: 3, autoscaled: { by: 'kube-controller-manager' } }))[0]).toContain(
      `a HorizontalPodAutoscaler holds ${WEB} at 3 replicas`,
    );
    expect(autoscalerNote(workload({ desired: 3, autoscaled: { by: 'keda' } }))[0]).toContain(`keda holds ${WEB}`);
    expect(autoscalerNote(workload())).toEqual([]);
  });
});
