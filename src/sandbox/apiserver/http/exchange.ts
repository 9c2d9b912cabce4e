/** One HTTP request and its answer. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { parse, stringify } from 'yaml';
import type { User } from '../access/user.ts';
import { decodeProtobuf, PROTOBUF } from '../protobuf/decode.ts';
import { badRequest, tooLarge, unsupportedMediaType } from '../refusals.ts';
import type { Representation } from './negotiation.ts';

const BODY_LIMIT = 3 * 1024 * 1024;
const HUMAN_CLIENT = /^(curl|Wget|Mozilla)\//;

export interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
  url: URL;
  user: User;
}

export interface Answer {
  status: number;
  body: unknown;
  warnings?: readonly string[];
  representation?: Representation;
  contentType?: string;
}

/** Sends a JSON or YAML body. */
export function answer({ request, response, url }: Exchange, { status, body, warnings = [], representation, contentType }: Answer): void {
  const yaml = representation?.format === 'yaml';
  const pretty = url.searchParams.has('pretty') || HUMAN_CLIENT.test(request.headers['user-agent'] ?? '');
  const text = yaml ? stringify(body) : `${JSON.stringify(body, null, pretty ? 2 : undefined)}\n`;
  response.statusCode = status;
  response.setHeader('Content-Type', contentType ?? (yaml ? 'application/yaml' : 'application/json'));
  response.setHeader('Cache-Control', 'no-cache, private');
  if (warnings.length > 0) response.setHeader('Warning', warnings.map(warningHeader));
  response.end(request.method === 'HEAD' ? '' : text);
}

/** RFC 7234 quoting, as client-go parses it. */
function warningHeader(text: string): string {
  return `299 - "${text
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')
    .replace(/[^\x20-\x7e]/g, '?')}"`;
}

/** The whole body as text. @throws ApiStatusError 413 */
export async function readBody(request: IncomingMessage): Promise<string> {
  return (await readBytes(request)).toString('utf8');
}

async function readBytes(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += (chunk as Buffer).length;
    if (size > BODY_LIMIT) throw tooLarge();
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}

/** `application/json` of `application/json; charset=utf-8`. */
export function mediaType(request: IncomingMessage): string {
  return (request.headers['content-type'] ?? 'application/json').split(';')[0]?.trim().toLowerCase() ?? '';
}

const DOCUMENT_TYPES = ['application/json', 'application/yaml', PROTOBUF];

/** The body of a create, update, delete or review; undefined where there is none. @throws ApiStatusError 400, 413, 415 */
export async function readDocument(request: IncomingMessage): Promise<unknown> {
  const type = mediaType(request);
  if (!DOCUMENT_TYPES.includes(type)) throw unsupportedMediaType(DOCUMENT_TYPES);
  const bytes = await readBytes(request);
  if (type === PROTOBUF) return bytes.length === 0 ? undefined : decodeProtobuf(bytes);
  const text = bytes.toString('utf8');
  return text.trim() === '' ? undefined : parseDocument(text, type);
}

/** @throws ApiStatusError 400 where it does not parse */
export function parseDocument(text: string, type: string): unknown {
  try {
    return type.endsWith('yaml') ? parse(text) : JSON.parse(text);
  } catch (error) {
    throw badRequest(`couldn't get version/kind; json parse error: ${error instanceof Error ? error.message : String(error)}`);
  }
}
