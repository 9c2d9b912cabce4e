/**
 * Which proxy the environment asks for, as Go's clients (kubectl, flux) take it.
 * Source: golang.org/x/net/http/httpproxy (FromEnvironment, useProxy).
 */
import { BlockList, isIP } from 'node:net';

/** The URL of the proxy for a server; undefined where none is to be used: never for loopback addresses. */
export function proxyFor(server: URL, env: NodeJS.ProcessEnv): string | undefined {
  const lookUp = (name: string) => env[name.toUpperCase()] || env[name] || undefined;
  const proxy = server.protocol === 'https:' ? lookUp('https_proxy') : lookUp('http_proxy');
  if (!proxy) return undefined;
  const host = server.hostname.replace(/^\[|\]$/g, '').toLowerCase();
  const port = server.port || (server.protocol === 'https:' ? '443' : '80');
  if (isLoopback(host) || isExempt(lookUp('no_proxy') ?? '', host, port)) return undefined;
  return proxy.includes('://') ? proxy : `http://${proxy}`;
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

function isExempt(noProxy: string, host: string, port: string): boolean {
  return noProxy
    .split(',')
    .map((rule) => rule.trim().toLowerCase())
    .some((rule) => rule !== '' && (rule === '*' || matches(rule, host, port)));
}

function matches(rule: string, host: string, port: string): boolean {
  const [network, bits] = rule.split('/');
  if (bits !== undefined) return inNetwork(network ?? '', Number(bits), host);
  const withPort = /^(.*[^:]):(\d+)$/.exec(rule);
  if (withPort && isIP(rule) === 0 && withPort[2] !== port) return false;
  const name = (withPort && isIP(rule) === 0 ? (withPort[1] as string) : rule).replace(/^\*/, '');
  if (isIP(host)) return name.replace(/^\[|\]$/g, '') === host;
  return name.startsWith('.') ? host.endsWith(name) : host === name || host.endsWith(`.${name}`);
}

function inNetwork(network: string, bits: number, host: string): boolean {
  const family = isIP(network);
  if (family === 0 || isIP(host) !== family || !Number.isInteger(bits)) return false;
  const type = family === 4 ? 'ipv4' : 'ipv6';
  const list = new BlockList();
  list.addSubnet(network, bits, type);
  return list.check(host, type);
}
