/** Rules of Services. Source: pkg/apis/core/validation/validation.go ValidateService of kubernetes. */
import type { KubeObject } from '../../../api/kube.ts';
import { type Cause, forbidden, invalid, required } from '../fields/causes.ts';
import { metadataCauses } from '../fields/names.ts';
import { asNumber, asObject, asObjects, asString, type Json } from '../json.ts';
import { portNameProblems, portNumberProblems } from './ports.ts';

export function serviceRules({ spec: declared }: KubeObject): Cause[] {
  const spec = asObject(declared);
  const ports = asObjects(spec.ports);
  return [
    ...(spec.type === 'ExternalName' && !spec.externalName ? [required('spec.externalName')] : []),
    ...ports.flatMap((port, index) => portRules(port, asString(spec.type), `spec.ports[${index}]`)),
    ...repeatedPorts(ports),
    ...selectorRules(spec.selector),
  ];
}

function portRules({ port, targetPort, nodePort }: Json, type: string, path: string): Cause[] {
  const target = typeof targetPort === 'string' ? portNameProblems(targetPort) : portNumberProblems(asNumber(targetPort ?? port));
  const causes = [
    ...portNumberProblems(asNumber(port)).map((problem) => invalid(`${path}.port`, port, problem)),
    ...target.map((problem) => invalid(`${path}.targetPort`, targetPort ?? port, problem)),
  ];
  if (nodePort && (type === 'ClusterIP' || type === 'ExternalName')) {
    causes.push(forbidden(`${path}.nodePort`, `may not be used when \`type\` is '${type}'`));
  }
  return causes;
}

/** Two ports of the same number and protocol would be one. */
function repeatedPorts(ports: readonly Json[]): Cause[] {
  const keyOf = ({ port, protocol }: Json): string => `${String(port)}/${asString(protocol)}`;
  return ports.flatMap((port, index) => {
    if (ports.findIndex((other) => keyOf(other) === keyOf(port)) === index) return [];
    const shown = { Name: '', Protocol: port.protocol, AppProtocol: null, Port: port.port, TargetPort: 0, NodePort: 0 };
    return [{ reason: 'FieldValueDuplicate', message: `Duplicate value: ${JSON.stringify(shown)}`, field: `spec.ports[${index}]` }];
  });
}

function selectorRules(selector: unknown): Cause[] {
  return metadataCauses({ labels: selector }, 'spec').map((cause) => ({ ...cause, field: 'spec.selector' }));
}
