import { describe, expect, it } from 'vitest';
import { proxyFor } from './proxy-environment.ts';

describe('the proxy of the environment', () => {
  const via = (url: string, noProxy = '') =>
    proxyFor(new URL(url), { HTTPS_PROXY: 'proxy:3128', http_proxy: 'http://plain:80', NO_PROXY: noProxy });

  it('goes by the scheme of the server', () => {
    expect(via('https://k8s.example:6443')).toBe('http://proxy:3128');
    expect(via('http://k8s.example')).toBe('http://plain:80');
    expect(proxyFor(new URL('https://k8s.example'), {})).toBeUndefined();
  });

  it('is never used for this machine', () => {
    for (const url of ['https://127.0.0.1:6443', 'https://localhost:6443', 'https://[::1]:6443']) expect(via(url)).toBeUndefined();
  });

  it.each([
    ['k8s.example', true],
    ['example', true],
    ['.example', true],
    ['*.example', true],
    ['*', true],
    ['other.example, k8s.example:6443', true],
    ['k8s.example:443', false],
    ['8s.example', false],
    ['10.0.0.0/8', false],
  ])('is left out by NO_PROXY=%s for k8s.example:6443: %s', (rule, exempt) => {
    expect(via('https://k8s.example:6443', rule) === undefined).toBe(exempt);
  });

  it.each([
    ['10.0.0.0/8', true],
    ['10.1.2.3', true],
    ['10.2.0.0/16', false],
    ['fd00::/8', false],
  ])('is left out by NO_PROXY=%s for 10.1.2.3: %s', (rule, exempt) => {
    expect(via('https://10.1.2.3', rule) === undefined).toBe(exempt);
  });
});
