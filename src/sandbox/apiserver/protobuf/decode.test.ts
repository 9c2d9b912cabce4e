import { describe, expect, it } from 'vitest';
import { ApiStatusError } from '../../cluster.ts';
import { decodeProtobuf } from './decode.ts';
import { builtinMessages } from './messages.ts';

function varint(value: number): Buffer {
  return value < 128 ? Buffer.from([value]) : Buffer.concat([Buffer.from([(value & 127) | 128]), varint(Math.floor(value / 128))]);
}

const bytes = (number: number, content: string | Buffer): Buffer => {
  const body = Buffer.from(content as Buffer);
  return Buffer.concat([varint(number * 8 + 2), varint(body.length), body]);
};
const int = (number: number, value: number): Buffer => Buffer.concat([varint(number * 8), varint(value)]);

function envelope(apiVersion: string, kind: string, raw: Buffer): Buffer {
  return Buffer.concat([Buffer.from('k8s\0'), bytes(1, Buffer.concat([bytes(1, apiVersion), bytes(2, kind)])), bytes(2, raw)]);
}

describe('protobuf bodies', () => {
  it('become the JSON that the client meant', () => {
    const metadata = Buffer.concat([
      bytes(1, 'settings'),
      bytes(3, ''),
      bytes(8, ''),
      bytes(11, Buffer.concat([bytes(1, 'app'), bytes(2, 'api')])),
    ]);
    const data = bytes(2, Buffer.concat([bytes(1, 'mode'), bytes(2, 'fast')]));
    const binary = bytes(3, Buffer.concat([bytes(1, 'blob'), bytes(2, Buffer.from([1, 2]))]));
    expect(decodeProtobuf(envelope('v1', 'ConfigMap', Buffer.concat([bytes(1, metadata), data, binary])))).toEqual({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'settings', labels: { app: 'api' } },
      data: { mode: 'fast' },
      binaryData: { blob: 'AQI=' },
    });
  });

  it('keep a zero that was set and drop one that was not', () => {
    const spec = Buffer.concat([int(1, 0), int(5, 0)]);
    expect(decodeProtobuf(envelope('apps/v1', 'Deployment', bytes(2, spec))).spec).toEqual({ replicas: 0 });
  });

  it('read quantities, times and numbers or names of ports', () => {
    const requests = bytes(2, Buffer.concat([bytes(1, 'cpu'), bytes(2, bytes(1, '100m'))]));
    const probe = bytes(
      1,
      bytes(2, Buffer.concat([bytes(1, '/ready'), bytes(2, Buffer.concat([int(1, 1), int(2, 0), bytes(3, 'http')]))])),
    );
    const container = Buffer.concat([bytes(1, 'c'), bytes(8, requests), bytes(11, probe)]);
    const metadata = Buffer.concat([bytes(1, 'p'), bytes(8, Buffer.concat([int(1, 1_767_225_600), int(2, 0)]))]);
    expect(decodeProtobuf(envelope('v1', 'Pod', Buffer.concat([bytes(1, metadata), bytes(2, bytes(2, container))])))).toMatchObject({
      metadata: { creationTimestamp: '2026-01-01T00:00:00Z' },
      spec: {
        containers: [
          { name: 'c', resources: { requests: { cpu: '100m' } }, readinessProbe: { httpGet: { path: '/ready', port: 'http' } } },
        ],
      },
    });
  });

  it('are refused where they are none, or of a kind that is not known', () => {
    for (const body of [Buffer.from('{"kind":"Pod"}'), envelope('v1', 'Nonsense', Buffer.alloc(0)), Buffer.from('k8s\0\x0a\x7f')]) {
      expect(() => decodeProtobuf(body)).toThrow(ApiStatusError);
    }
  });

  it('know every message that another one speaks of', () => {
    const messages = builtinMessages();
    const basic = new Set(['s', 'i', 'b', 'f', 'y', 'Q', 'O', 'T', 'M', 'D', 'R']);
    const unknown = [...messages.values()]
      .flatMap((message) => [...message.values()])
      .filter(({ type }) => !basic.has(type) && !messages.has(type));
    expect(unknown).toEqual([]);
  });
});
