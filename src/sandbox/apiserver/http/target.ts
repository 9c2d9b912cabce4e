/** What a URL asks for. Source: k8s.io/apiserver pkg/endpoints/request/requestinfo.go. */

/** A resource, by the parts of the path; whether it exists is not looked at. */
export interface ResourceTarget {
  kind: 'resource';
  group: string;
  version: string;
  plural: string;
  namespace?: string;
  name?: string;
  subresource?: string;
  /** What follows the subresource (`proxy/…`), with its leading slash. */
  rest?: string;
  verb: string;
}

export type RequestTarget = ResourceTarget | { kind: 'path'; path: string; verb: string };

const VERB_OF_METHOD: Record<string, string> = { GET: 'get', HEAD: 'get', POST: 'create', PUT: 'update', PATCH: 'patch', DELETE: 'delete' };

export function targetOf(method: string, url: URL): RequestTarget {
  const verb = VERB_OF_METHOD[method] ?? method.toLowerCase();
  const path = { kind: 'path' as const, path: url.pathname, verb };
  const parts = url.pathname.split('/').filter((part) => part !== '');
  const [prefix] = parts;
  if (prefix === 'api' && parts.length >= 3)
    return resourceTarget({ group: '', version: parts[1] ?? '', parts: parts.slice(2), verb }, url);
  if (prefix === 'apis' && parts.length >= 4)
    return resourceTarget({ group: parts[1] ?? '', version: parts[2] ?? '', parts: parts.slice(3), verb }, url);
  return path;
}

interface Split {
  group: string;
  version: string;
  parts: string[];
  verb: string;
}

function resourceTarget({ group, version, parts, verb }: Split, url: URL): ResourceTarget {
  const decoded = parts.map(decode);
  const inNamespace = decoded[0] === 'namespaces' && decoded.length > 2 && !['status', 'finalize'].includes(decoded[2] ?? '');
  const namespace = decoded[0] === 'namespaces' && decoded.length > 1 ? decoded[1] : undefined;
  const skipped = inNamespace ? 2 : 0;
  const [plural = '', name, subresource, ...rest] = decoded.slice(skipped);
  const target: ResourceTarget = { kind: 'resource', group, version, plural, verb: collectionVerb(verb, name, url) };
  if (namespace !== undefined) target.namespace = namespace;
  const selected = name ?? selectedName(target.verb, url);
  if (selected !== undefined) target.name = selected;
  if (subresource !== undefined) target.subresource = subresource;
  if (subresource === 'proxy') target.rest = `/${rest.length > 0 ? restOfPath(url.pathname, skipped, group) : ''}`;
  return target;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function collectionVerb(verb: string, name: string | undefined, url: URL): string {
  const watching = ['true', '1'].includes(url.searchParams.get('watch') ?? '');
  if (verb === 'get' && watching) return 'watch';
  if (name !== undefined) return verb;
  if (verb === 'get') return 'list';
  return verb === 'delete' ? 'deletecollection' : verb;
}

/** A list or watch of one object counts as one of that name, so that RBAC's resourceNames can allow it. */
function selectedName(verb: string, url: URL): string | undefined {
  if (!['list', 'watch', 'deletecollection'].includes(verb)) return undefined;
  return /^metadata\.name==?([^,=!]+)$/.exec(url.searchParams.get('fieldSelector') ?? '')?.[1];
}

/** The still encoded path behind `/proxy/`. */
function restOfPath(pathname: string, skipped: number, group: string): string {
  const before = (group ? 3 : 2) + skipped + 3;
  return pathname
    .split('/')
    .slice(before + 1)
    .join('/');
}
