/**
 * Addresses and node ports of Services. The range is loopback, so that a proxy of this machine can really listen on a
 * Service's address.
 */
import { randomInt } from 'node:crypto';
import type { KubeObject } from '../../../api/kube.ts';
import { type Cause, invalid as invalidValue } from '../fields/causes.ts';
import { asArray, asObject, asObjects, asString, asStrings } from '../json.ts';

const PREFIX = '127.80.';
const ADDRESSES = 254 * 254;
const FIRST_NODE_PORT = 30_000;
const LAST_NODE_PORT = 32_767;

function addressAt(index: number): string {
  return `${PREFIX}${Math.floor(index / 254)}.${(index % 254) + 1}`;
}

/** Addresses that the Services hold. */
function addressesOf(services: readonly KubeObject[]): Set<string> {
  return new Set(services.flatMap((service) => asStrings(asObject(service.spec).clusterIPs)).filter((address) => address !== 'None'));
}

function nodePortsOf(services: readonly KubeObject[]): Set<number> {
  const ports = services.flatMap((service) => asObjects(asObject(service.spec).ports));
  return new Set(ports.map((port) => port.nodePort).filter((port): port is number => typeof port === 'number'));
}

/** Gives a Service its address and node ports where it has none. Changes `service`; `others` are the Services that exist. */
export function allocate(service: KubeObject, others: readonly KubeObject[]): void {
  const spec = asObject(service.spec);
  if (spec.type === 'ExternalName') return;
  allocateAddress(spec, others);
  if (spec.type === 'NodePort' || (spec.type === 'LoadBalancer' && spec.allocateLoadBalancerNodePorts !== false))
    allocateNodePorts(spec, others);
  service.spec = spec;
}

function allocateAddress(spec: Record<string, unknown>, others: readonly KubeObject[]): void {
  const asked = asString(spec.clusterIP) || asStrings(spec.clusterIPs)[0];
  const address = asked || freeAddress(addressesOf(others));
  spec.clusterIP = address;
  spec.clusterIPs = [address];
  spec.ipFamilies ??= ['IPv4'];
  spec.ipFamilyPolicy ??= 'SingleStack';
}

/** Any free one, as the real allocator picks: two sandboxes on one machine hardly ever meet. */
function freeAddress(taken: ReadonlySet<string>): string {
  const start = randomInt(ADDRESSES);
  for (let offset = 0; offset < ADDRESSES; offset++) {
    const address = addressAt((start + offset) % ADDRESSES);
    if (!taken.has(address)) return address;
  }
  return 'None';
}

function allocateNodePorts(spec: Record<string, unknown>, others: readonly KubeObject[]): void {
  const taken = nodePortsOf(others);
  for (const port of asArray(spec.ports).map(asObject)) {
    if (typeof port.nodePort === 'number' && port.nodePort > 0) continue;
    let candidate = FIRST_NODE_PORT;
    while (taken.has(candidate) && candidate < LAST_NODE_PORT) candidate++;
    port.nodePort = candidate;
    taken.add(candidate);
  }
}

/** Causes against an address that the Service asks for itself. */
export function validateAddress(service: KubeObject, others: readonly KubeObject[]): Cause[] {
  const asked = asStrings(asObject(service.spec).clusterIPs);
  const address = asked[0];
  if (address === undefined || address === 'None') return [];
  const refuse = (why: string): Cause[] => [invalidValue('spec.clusterIPs', asked, `failed to allocate IP ${address}: ${why}`)];
  if (!address.startsWith(PREFIX)) return refuse('the provided network does not match the current range');
  return addressesOf(others).has(address) ? refuse('provided IP is already allocated') : [];
}
