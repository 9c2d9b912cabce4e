import type { KubeObject } from '../../../../api/kube.ts';
import { schemaFromCrd } from '../schema.ts';

/** A Deployment `web` the way a Git repository would hold it. */
export function webDeployment({ tag, replicas }: { tag: string; replicas: number }): KubeObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'default', labels: { team: 'shop' } },
    spec: {
      replicas,
      selector: { matchLabels: { app: 'web' } },
      template: {
        metadata: { labels: { app: 'web' } },
        spec: {
          containers: [
            {
              name: 'api',
              image: `registry.example.com/api:${tag}`,
              env: [{ name: 'LOG', value: 'info' }],
              ports: [{ containerPort: 8080 }],
            },
          ],
        },
      },
    },
  };
}

/** A custom kind with one field of every sort that server-side apply and validation tell apart. */
export const widgetSchema = schemaFromCrd({
  type: 'object',
  required: ['spec'],
  properties: {
    spec: {
      type: 'object',
      required: ['prune', 'interval'],
      properties: {
        interval: { type: 'string', pattern: '^([0-9]+(\\.[0-9]+)?(ms|s|m|h))+$' },
        prune: { type: 'boolean' },
        mode: { type: 'string', enum: ['a', 'b'], default: 'a' },
        count: { type: 'integer', minimum: 1, maximum: 5 },
        big: { type: 'integer', format: 'int32' },
        short: { type: 'string', minLength: 2, maxLength: 4 },
        list: { type: 'array', minItems: 1, maxItems: 2, items: { type: 'string' } },
        tags: { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'string' } },
        rules: {
          type: 'array',
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['name'],
          items: { type: 'object', required: ['name'], properties: { name: { type: 'string' }, value: { type: 'string' } } },
        },
        values: { 'x-kubernetes-preserve-unknown-fields': true },
        options: { type: 'object', additionalProperties: { type: 'string' }, maxProperties: 2 },
        pair: { type: 'object', 'x-kubernetes-map-type': 'atomic', properties: { left: { type: 'string' }, right: { type: 'string' } } },
        port: { 'x-kubernetes-int-or-string': true },
        when: { type: 'string', format: 'date-time' },
        note: { type: 'string', nullable: true },
        nested: { type: 'object', default: {}, properties: { size: { type: 'integer', default: 7 } } },
        source: {
          type: 'object',
          properties: { git: { type: 'string' }, oci: { type: 'string' } },
          oneOf: [{ required: ['git'] }, { required: ['oci'] }],
        },
      },
    },
    status: { type: 'object', properties: { phase: { type: 'string' } } },
  },
});

export function widget(spec: Record<string, unknown>): KubeObject {
  return { apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name: 'w', namespace: 'default' }, spec };
}
