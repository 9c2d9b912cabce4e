/** Which representation the client takes. Source: k8s.io/apiserver pkg/endpoints/handlers/negotiation. */
import { notAcceptable } from '../refusals.ts';

export interface Representation {
  format: 'json' | 'yaml';
  /** `Table`, `PartialObjectMetadata`, `PartialObjectMetadataList`, `APIGroupDiscoveryList`; absent: the object itself. */
  as?: string;
  group?: string;
  version?: string;
}

interface MediaRange {
  type: string;
  parameters: Record<string, string>;
  quality: number;
}

function parseAccept(header: string): MediaRange[] {
  const ranges = header.split(',').map((entry) => {
    const [type = '', ...parameters] = entry.split(';').map((part) => part.trim());
    const pairs = parameters.map((parameter) => parameter.split('=', 2) as [string, string]);
    const named = Object.fromEntries(pairs);
    return { type, parameters: named, quality: named.q === undefined ? 1 : Number(named.q) };
  });
  return ranges.sort((a, b) => b.quality - a.quality);
}

const FORMATS: Record<string, 'json' | 'yaml'> = {
  'application/json': 'json',
  'application/yaml': 'yaml',
  'application/*': 'json',
  '*/*': 'json',
};

/**
 * The first representation of the `Accept` header that the server has.
 * @param offered the values of `as=` that the endpoint can produce.
 * @throws ApiStatusError 406
 */
export function negotiate(accept: string | undefined, offered: readonly string[]): Representation {
  if (!accept) return { format: 'json' };
  for (const { type, parameters } of parseAccept(accept)) {
    const format = FORMATS[type];
    if (!format) continue;
    if (parameters.as === undefined) return { format };
    if (offered.includes(`${parameters.as}.${parameters.v}.${parameters.g}`)) {
      return { format, as: parameters.as, group: parameters.g ?? '', version: parameters.v ?? '' };
    }
  }
  throw notAcceptable();
}

/** What lists and objects can be shown as. */
export const OBJECT_VIEWS = [
  'Table.v1.meta.k8s.io',
  'Table.v1beta1.meta.k8s.io',
  'PartialObjectMetadata.v1.meta.k8s.io',
  'PartialObjectMetadataList.v1.meta.k8s.io',
];
