/** Query parameters of the verbs. Source: k8s.io/apimachinery pkg/apis/meta/v1/validation and …/internalversion/validation. */
import type { DeleteOptions } from '../../cluster.ts';
import { type Cause, forbidden as forbiddenField, notSupported } from '../fields/causes.ts';
import { asNumber, asObject, asString, isObject, type Json } from '../json.ts';
import { badRequest, invalid } from '../refusals.ts';
import type { FieldValidation, WriteRequest } from '../writes/request.ts';
import type { Exchange } from './exchange.ts';

type OptionsKind = 'CreateOptions' | 'UpdateOptions' | 'PatchOptions' | 'DeleteOptions' | 'ListOptions';

function refuse(kind: OptionsKind, causes: readonly Cause[]): void {
  if (causes.length > 0) throw invalid({ group: 'meta.k8s.io', resource: kind }, '', causes);
}

function dryRunCauses(values: readonly string[]): Cause[] {
  if (values.every((value) => value === 'All')) return [];
  const message = `Unsupported value: ${JSON.stringify(values)}: supported values: "All"`;
  return [{ reason: 'FieldValueNotSupported', message, field: 'dryRun' }];
}

/** Options of a create, update or patch. @throws ApiStatusError 422 */
export function writeOptions({ request, url }: Exchange, kind: OptionsKind): WriteRequest {
  const dryRun = url.searchParams.getAll('dryRun').filter((value) => value !== '');
  const validation = url.searchParams.get('fieldValidation') ?? '';
  const causes = dryRunCauses(dryRun);
  if (!['', 'Ignore', 'Strict', 'Warn'].includes(validation))
    causes.push(notSupported('fieldValidation', validation, ['', 'Ignore', 'Strict', 'Warn']));
  refuse(kind, causes);
  const agent = (request.headers['user-agent'] ?? 'unknown').split('/')[0] || 'unknown';
  return {
    manager: url.searchParams.get('fieldManager') || agent,
    dryRun: dryRun.length > 0,
    fieldValidation: (validation || 'Warn') as FieldValidation,
    requireVersion: kind === 'UpdateOptions',
  };
}

/** Options of a server-side apply. @throws ApiStatusError 422 */
export function applyOptions(exchange: Exchange): WriteRequest & { force: boolean } {
  const { searchParams } = exchange.url;
  if (!searchParams.get('fieldManager')) {
    refuse('PatchOptions', [
      { reason: 'FieldValueRequired', message: 'Required value: is required for apply patch', field: 'fieldManager' },
    ]);
  }
  return { ...writeOptions(exchange, 'PatchOptions'), force: searchParams.get('force') === 'true' };
}

/** Refuses `force` for every other patch. @throws ApiStatusError 422 */
export function patchOptions(exchange: Exchange): WriteRequest {
  const options = writeOptions(exchange, 'PatchOptions');
  if (exchange.url.searchParams.has('force')) refuse('PatchOptions', [forbiddenField('force', 'may not be specified for non-apply patch')]);
  return options;
}

const POLICIES = ['Foreground', 'Background', 'Orphan'];

/** Options of a delete: its body, else its query. @throws ApiStatusError 400, 422 */
export function deleteOptions({ url }: Exchange, body: unknown): { options: DeleteOptions; dryRun: boolean } {
  const given: Json = isObject(body) ? body : queryAsBody(url);
  const dryRun = [given.dryRun ?? []].flat().map(String);
  const policy = asString(given.propagationPolicy);
  const causes = dryRunCauses(dryRun);
  if (policy && !POLICIES.includes(policy)) causes.push(notSupported('propagationPolicy', policy, [...POLICIES, 'nil']));
  refuse('DeleteOptions', causes);
  const { uid, resourceVersion } = asObject(given.preconditions);
  const options: DeleteOptions = {};
  if (policy) options.propagationPolicy = policy as DeleteOptions['propagationPolicy'];
  if (typeof given.gracePeriodSeconds === 'number') options.gracePeriodSeconds = asNumber(given.gracePeriodSeconds);
  if (uid || resourceVersion)
    options.preconditions = {
      ...(uid ? { uid: asString(uid) } : {}),
      ...(resourceVersion ? { resourceVersion: asString(resourceVersion) } : {}),
    };
  return { options, dryRun: dryRun.length > 0 };
}

function queryAsBody({ searchParams }: URL): Json {
  const grace = searchParams.get('gracePeriodSeconds');
  if (grace && !/^-?\d+$/.test(grace)) throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(grace)}: invalid syntax`);
  return {
    propagationPolicy: searchParams.get('propagationPolicy') ?? '',
    dryRun: searchParams.getAll('dryRun'),
    ...(grace ? { gracePeriodSeconds: Number(grace) } : {}),
  };
}

export interface ListQuery {
  labelSelector: string;
  fieldSelector: string;
  limit: number;
  continue: string;
  /** Undefined where the parameter is absent. */
  resourceVersion: number | undefined;
  match: 'Exact' | 'NotOlderThan' | '';
  allowBookmarks: boolean;
  sendInitialEvents: boolean;
  timeoutSeconds: number | undefined;
}

/** Options of a list or watch. @throws ApiStatusError 400, 422 */
export function listQuery({ searchParams }: URL, watching: boolean): ListQuery {
  const version = searchParams.get('resourceVersion') ?? '';
  const match = searchParams.get('resourceVersionMatch') ?? '';
  const initial = searchParams.get('sendInitialEvents') === 'true';
  refuse('ListOptions', listCauses({ version, match, initial, watching }));
  if (!/^\d*$/.test(version)) throw invalidVersion(version);
  const timeout = Number(searchParams.get('timeoutSeconds'));
  return {
    labelSelector: searchParams.get('labelSelector') ?? '',
    fieldSelector: searchParams.get('fieldSelector') ?? '',
    limit: Number(searchParams.get('limit')) || 0,
    continue: searchParams.get('continue') ?? '',
    resourceVersion: version === '' ? undefined : Number(version),
    match: match as ListQuery['match'],
    allowBookmarks: searchParams.get('allowWatchBookmarks') === 'true' || searchParams.get('allowWatchBookmarks') === '1',
    sendInitialEvents: initial,
    timeoutSeconds: timeout > 0 ? timeout : undefined,
  };
}

function invalidVersion(version: string): Error {
  const quoted = JSON.stringify(version);
  return badRequest(
    `invalid resource version: resourceVersion: Invalid value: ${quoted}: strconv.ParseUint: parsing ${quoted}: invalid syntax`,
  );
}

function listCauses({
  version,
  match,
  initial,
  watching,
}: {
  version: string;
  match: string;
  initial: boolean;
  watching: boolean;
}): Cause[] {
  if (initial && !watching) return [forbiddenField('sendInitialEvents', 'sendInitialEvents is forbidden for list')];
  if (initial && match !== 'NotOlderThan') {
    return [forbiddenField('resourceVersionMatch', 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan')];
  }
  if (match && !['Exact', 'NotOlderThan'].includes(match))
    return [notSupported('resourceVersionMatch', match, ['Exact', 'NotOlderThan', ''])];
  if (match && watching && !initial)
    return [forbiddenField('resourceVersionMatch', 'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided')];
  if (match && version === '' && !initial)
    return [forbiddenField('resourceVersionMatch', 'resourceVersionMatch is forbidden unless resourceVersion is provided')];
  if (match === 'Exact' && version === '0')
    return [forbiddenField('resourceVersionMatch', 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"')];
  return [];
}
