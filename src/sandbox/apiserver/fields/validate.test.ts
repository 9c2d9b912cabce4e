import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../../api/kube.ts';
import { builtinSchema, schemaFromCrd } from './schema.ts';
import type { Schema } from './structure.ts';
import { webDeployment, widget, widgetSchema } from './testing/objects.ts';
import { admit, validateUpdate } from './validate.ts';

const deployment = builtinSchema({ apiVersion: 'apps/v1', kind: 'Deployment' }) as Schema;
const PATTERN = '^([0-9]+(\\.[0-9]+)?(ms|s|m|h))+$';

/** `field reason message` of every cause. */
function problems(spec: Record<string, unknown>): string[] {
  const { causes } = admit(widgetSchema, widget(spec), 'Ignore');
  return causes.map(({ field, reason, message }) => `${field} ${reason} ${message}`);
}

const valid = { interval: '1m', prune: true };

describe('a custom object', () => {
  it.each<[Record<string, unknown>, string[]]>([
    [{}, ['spec.prune FieldValueRequired Required value', 'spec.interval FieldValueRequired Required value']],
    [{ ...valid, interval: 'x' }, [`spec.interval FieldValueInvalid Invalid value: "x": spec.interval in body should match '${PATTERN}'`]],
    [
      { ...valid, prune: 'yes' },
      ['spec.prune FieldValueTypeInvalid Invalid value: "string": spec.prune in body must be of type boolean: "string"'],
    ],
    [{ ...valid, mode: 'z' }, ['spec.mode FieldValueNotSupported Unsupported value: "z": supported values: "a", "b"']],
    [{ ...valid, count: 0 }, ['spec.count FieldValueInvalid Invalid value: 0: spec.count in body should be greater than or equal to 1']],
    [{ ...valid, count: 9 }, ['spec.count FieldValueInvalid Invalid value: 9: spec.count in body should be less than or equal to 5']],
    [
      { ...valid, count: 1.5 },
      ['spec.count FieldValueTypeInvalid Invalid value: "number": spec.count in body must be of type integer: "number"'],
    ],
    [
      { ...valid, big: 3_000_000_000 },
      ['<nil> FieldValueInvalid Invalid value: "": Checked value must be of type integer with format int32 in spec.big'],
    ],
    [{ ...valid, short: 'a' }, ['spec.short FieldValueInvalid Invalid value: "a": spec.short in body should be at least 2 chars long']],
    [{ ...valid, short: 'abcdef' }, ['spec.short FieldValueTooLong Too long: may not be more than 4 bytes']],
    [{ ...valid, list: [] }, ['spec.list FieldValueInvalid Invalid value: 0: spec.list in body should have at least 1 items']],
    [{ ...valid, list: ['a', 'b', 'c'] }, ['spec.list FieldValueTooMany Too many: 3: must have at most 2 items']],
    [{ ...valid, tags: ['a', 'a'] }, ['spec.tags[1] FieldValueDuplicate Duplicate value: "a"']],
    [
      { ...valid, rules: [{ name: 'a' }, { name: 'a' }, { value: 'x' }] },
      ['spec.rules[2].name FieldValueRequired Required value', 'spec.rules[1] FieldValueDuplicate Duplicate value: {"name":"a"}'],
    ],
    [
      { ...valid, options: { a: '1', b: '2', c: 3 } },
      [
        'spec.options FieldValueTooMany Too many: 3: must have at most 2 items',
        'spec.options.c FieldValueTypeInvalid Invalid value: "integer": spec.options.c in body must be of type string: "integer"',
      ],
    ],
    [
      { ...valid, port: true },
      ['spec.port FieldValueTypeInvalid Invalid value: "boolean": spec.port in body must be of type integer,string: "boolean"'],
    ],
    [
      { ...valid, when: 'nope' },
      ['spec.when FieldValueTypeInvalid Invalid value: "nope": spec.when in body must be of type date-time: "nope"'],
    ],
    [
      { ...valid, source: { git: 'g', oci: 'o' } },
      [
        '<nil> FieldValueInvalid Invalid value: "": "spec.source" must validate one and only one schema (oneOf). Found 2 valid alternatives',
      ],
    ],
  ])('with %j is refused in the words of kube-apiserver', (spec, expected) => {
    expect(problems(spec)).toEqual(expected);
  });

  it('that fits is taken', () => {
    const when = '2026-01-01T00:00:00.5+02:00';
    expect(problems({ ...valid, count: 5, port: 'http', when, note: null, values: { any: [null, {}] }, source: { git: 'g' } })).toEqual([]);
  });

  it('is filled in, outer defaults first, and keeps null only where it may', () => {
    const { object } = admit(widgetSchema, widget({ ...valid, mode: null, nested: null, note: null, values: { a: null } }), 'Ignore');
    expect(object.spec).toEqual({ ...valid, mode: 'a', nested: { size: 7 }, note: null, values: { a: null } });
  });

  it('loses unknown fields, which are named for Strict and Warn', () => {
    const sent = { ...widget({ ...valid, unknown: 1, rules: [{ name: 'a', zzz: 1 }], values: { free: 1 } }), extra: {} };
    sent.metadata = { ...sent.metadata, foo: 1 } as typeof sent.metadata;
    const { object, unknown } = admit(widgetSchema, sent, 'Strict');
    expect(unknown.sort()).toEqual(['extra', 'metadata.foo', 'spec.rules[0].zzz', 'spec.unknown']);
    expect(object).not.toHaveProperty('extra');
    expect(object.spec).toEqual({ ...valid, mode: 'a', nested: { size: 7 }, rules: [{ name: 'a' }], values: { free: 1 } });
    expect(admit(widgetSchema, sent, 'Ignore').unknown).toEqual([]);
  });

  it('is not changed in place', () => {
    const sent = widget({ ...valid, unknown: 1 });
    const before = structuredClone(sent);
    admit(widgetSchema, sent, 'Strict');
    expect(sent).toEqual(before);
  });

  it('of a CRD without a schema may be anything, with a proper metadata', () => {
    const open = schemaFromCrd(undefined);
    expect(admit(open, widget({ what: { ever: 1 } }), 'Strict')).toMatchObject({ causes: [], unknown: [] });
    const labelled = { ...widget({}), metadata: { name: 'W!', labels: { a: 'b c' } } };
    expect(
      admit(open, labelled, 'Ignore')
        .causes.map(({ field }) => field)
        .sort(),
    ).toEqual(['metadata.labels', 'metadata.name']);
  });
});

describe('a Deployment', () => {
  const admitted = (change: (object: ReturnType<typeof webDeployment>) => void) => {
    const object = structuredClone(webDeployment({ tag: '1.0', replicas: 2 }));
    change(object);
    return admit(deployment, object, 'Strict');
  };
  const spec = (object: KubeObject) => object.spec as Record<string, Record<string, unknown>>;
  const pod = (object: KubeObject) => (spec(object).template as { spec: Record<string, unknown[]> }).spec;
  const container = (object: KubeObject) => pod(object).containers?.[0] as Record<string, unknown>;

  it('gets the defaults that kube-apiserver gives it', () => {
    const { object, causes } = admitted(() => {});
    expect(causes).toEqual([]);
    expect(object.spec).toEqual({
      replicas: 2,
      progressDeadlineSeconds: 600,
      revisionHistoryLimit: 10,
      selector: { matchLabels: { app: 'web' } },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } },
      template: {
        metadata: { labels: { app: 'web' } },
        spec: {
          containers: [
            {
              name: 'api',
              image: 'registry.example.com/api:1.0',
              imagePullPolicy: 'IfNotPresent',
              env: [{ name: 'LOG', value: 'info' }],
              ports: [{ containerPort: 8080, protocol: 'TCP' }],
              resources: {},
              terminationMessagePath: '/dev/termination-log',
              terminationMessagePolicy: 'File',
            },
          ],
          dnsPolicy: 'ClusterFirst',
          restartPolicy: 'Always',
          schedulerName: 'default-scheduler',
          securityContext: {},
          terminationGracePeriodSeconds: 30,
        },
      },
    });
  });

  it.each([
    ['nginx', 'Always'],
    ['nginx:latest', 'Always'],
    ['registry:5000/nginx', 'Always'],
    ['registry:5000/nginx:1', 'IfNotPresent'],
    ['nginx@sha256:abc', 'IfNotPresent'],
  ])('pulls %s: %s', (image, policy) => {
    const { object } = admitted((draft) => {
      container(draft).image = image;
    });
    expect(container(object).imagePullPolicy).toBe(policy);
  });

  it('is stored without empty lists and maps, and with quantities in their own form', () => {
    const { object } = admitted((draft) => {
      Object.assign(container(draft), { env: [], args: [], resources: { requests: { cpu: 0.5, memory: '1024Mi' } } });
      Object.assign(pod(draft), { nodeSelector: {}, volumes: [{ name: 'v' }] });
      draft.metadata.annotations = {};
    });
    expect(object.metadata).not.toHaveProperty('annotations');
    expect(pod(object)).not.toHaveProperty('nodeSelector');
    expect(pod(object).volumes).toEqual([{ name: 'v', emptyDir: {} }]);
    expect(container(object)).toMatchObject({ resources: { requests: { cpu: '500m', memory: '1Gi' } } });
    expect(container(object)).not.toHaveProperty('env');
  });

  it('reports typos with their path', () => {
    const { unknown } = admitted((draft) => {
      spec(draft).replcias = 1 as unknown as Record<string, unknown>;
      container(draft).imagge = 'x';
    });
    expect(unknown.sort()).toEqual(['spec.replcias', 'spec.template.spec.containers[0].imagge']);
  });

  it.each<[string, (draft: ReturnType<typeof webDeployment>) => void, string]>([
    ['no selector', (draft) => delete (draft.spec as Record<string, unknown>).selector, 'spec.selector: Required value'],
    [
      'a selector of other pods',
      (draft) => {
        spec(draft).selector = { matchLabels: { app: 'other' } };
      },
      'spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`',
    ],
    [
      'a negative number of replicas',
      (draft) => {
        (draft.spec as Record<string, unknown>).replicas = -1;
      },
      'spec.replicas: Invalid value: -1: must be greater than or equal to 0',
    ],
    [
      'a rolling update under Recreate',
      (draft) => {
        spec(draft).strategy = { type: 'Recreate', rollingUpdate: { maxSurge: 1 } };
      },
      "spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'",
    ],
    [
      'two containers of one name',
      (draft) => {
        pod(draft).containers?.push({ name: 'api', image: 'x' });
      },
      'spec.template.spec.containers[1].name: Duplicate value: "api"',
    ],
    ['a container without an image', (draft) => delete container(draft).image, 'spec.template.spec.containers[0].image: Required value'],
    [
      'an unknown pull policy',
      (draft) => {
        container(draft).imagePullPolicy = 'Sometimes';
      },
      'spec.template.spec.containers[0].imagePullPolicy: Unsupported value: "Sometimes": supported values: "Always", "IfNotPresent", "Never"',
    ],
    [
      'a mount of no volume',
      (draft) => {
        container(draft).volumeMounts = [{ name: 'nope', mountPath: '/x' }];
      },
      'spec.template.spec.containers[0].volumeMounts[0].name: Not found: "nope"',
    ],
    [
      'a volume of two sources',
      (draft) => {
        pod(draft).volumes = [{ name: 'v', emptyDir: {}, configMap: { name: 'c' } }];
      },
      'spec.template.spec.volumes[0].configMap: Forbidden: may not specify more than 1 volume type',
    ],
    [
      'a probe that asks nothing',
      (draft) => {
        container(draft).livenessProbe = {};
      },
      'spec.template.spec.containers[0].livenessProbe: Required value: must specify a handler type',
    ],
  ])('with %s is refused', (_, change, expected) => {
    const { causes } = admitted(change);
    expect(causes.map(({ field, message }) => `${field}: ${message}`)).toContain(expected);
  });
});

describe('an update', () => {
  const causes = (apiVersion: string, kind: string, before: Record<string, unknown>, after: Record<string, unknown>) => {
    const schema = builtinSchema({ apiVersion, kind }) as Schema;
    const object = (fields: Record<string, unknown>) => ({ apiVersion, kind, metadata: { name: 'x' }, ...fields });
    return validateUpdate(schema, object(before), object(after)).map(({ field, message }) => `${field}: ${message}`);
  };
  const app = (name: string) => ({ spec: { selector: { matchLabels: { app: name } } } });

  it('keeps the selector of a Deployment', () => {
    expect(causes('apps/v1', 'Deployment', app('x'), app('y'))).toEqual([
      'spec.selector: Invalid value: {"matchLabels":{"app":"y"}}: field is immutable',
    ]);
    expect(causes('apps/v1', 'Deployment', app('x'), app('x'))).toEqual([]);
  });

  it('changes only some fields of a StatefulSet', () => {
    expect(
      causes('apps/v1', 'StatefulSet', { spec: { serviceName: 'a', replicas: 1 } }, { spec: { serviceName: 'b', replicas: 2 } }),
    ).toEqual([
      "spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
    ]);
    expect(causes('apps/v1', 'StatefulSet', { spec: { replicas: 1 } }, { spec: { replicas: 2 } })).toEqual([]);
  });

  it('keeps the template of a Job, a role reference, an address and what is marked immutable', () => {
    expect(causes('batch/v1', 'Job', { spec: { template: { a: 1 } } }, { spec: { template: { a: 2 } } })).toHaveLength(1);
    expect(causes('rbac.authorization.k8s.io/v1', 'RoleBinding', { roleRef: { name: 'a' } }, { roleRef: { name: 'b' } })).toEqual([
      'roleRef: Invalid value: {"name":"b"}: cannot change roleRef',
    ]);
    expect(causes('v1', 'Service', { spec: { clusterIP: '10.0.0.1' } }, { spec: { clusterIP: '10.0.0.2' } })).toEqual([
      'spec.clusterIPs[0]: Invalid value: ["10.0.0.2"]: may not change once set',
    ]);
    expect(causes('v1', 'ConfigMap', { immutable: true, data: { a: '1' } }, { immutable: true, data: { a: '2' } })).toEqual([
      'data: Forbidden: field is immutable when `immutable` is set',
    ]);
  });
});
