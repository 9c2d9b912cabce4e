import { type Alias, type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseAllDocuments } from 'yaml';
import { formatRef, type GroupVersionKind, objectKey } from '../../api/kube.ts';
import { isSecret } from '../diff/secret-mask.ts';

/** One document of a YAML file. Offsets count UTF-16 units of the file's text. */
export interface YamlDocument {
  /** Group, kind, namespace and name; undefined where the document is no named object. */
  key: string | undefined;
  /** `Deployment/shop/api`, for people; undefined likewise. */
  label: string | undefined;
  /** A core Secret: its values are never shown. */
  secret: boolean;
  data: unknown;
  contents: Node;
  /** Where the document starts (at its `---` where it has one) and where the next one does. */
  start: number;
  end: number;
}

export interface YamlFile {
  text: string;
  /** Without the empty ones. */
  documents: YamlDocument[];
}

/** Why a text is not YAML that can be merged; names lines, never what stands there. */
export interface Unreadable {
  why: string;
}

/** More nodes than any manifest has: aliases of aliases would otherwise grow without end. */
const MOST_NODES = 200_000;
const MOST_LEVELS = 200;

/** Reads every document of a file: YAML 1.2, without explicit tags, each key once. */
export function readYaml(text: string): YamlFile | Unreadable {
  const lines = new LineCounter();
  const parsed = parseAllDocuments(text, { keepSourceTokens: true, prettyErrors: false, lineCounter: lines, logLevel: 'silent' });
  if (!Array.isArray(parsed)) return { text, documents: [] };
  const documents: YamlDocument[] = [];
  for (const [index, document] of parsed.entries()) {
    const [error] = document.errors;
    if (error)
      return { why: `line ${lines.linePos(error.pos[0]).line}: ${error.code.toLowerCase().replaceAll('_', ' ')}${templated(text)}` };
    if (!document.contents || isEmpty(document.contents)) continue;
    try {
      documents.push(readDocument(document, parsed[index + 1]?.range[0] ?? text.length));
    } catch (problem) {
      if (!(problem instanceof Unmergeable)) throw problem;
      return { why: `line ${lines.linePos(problem.offset).line}: ${problem.message}` };
    }
  }
  return { text, documents };
}

function templated(text: string): string {
  return text.includes('{{') ? ' (a template is not YAML)' : '';
}

function isEmpty(node: Node): boolean {
  return isScalar(node) && node.value === null && node.range?.[0] === node.range?.[1];
}

class Unmergeable extends Error {
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

function readDocument(document: Document.Parsed, end: number): YamlDocument {
  const reader: Reader = { document, left: MOST_NODES, targets: new Map() };
  const data = dataOf(document.contents, reader, 0);
  return { ...identityOf(data), data, contents: document.contents as Node, start: document.range[0], end };
}

function identityOf(data: unknown): Pick<YamlDocument, 'key' | 'label' | 'secret'> {
  const { apiVersion, kind, metadata } = (data ?? {}) as Partial<GroupVersionKind> & { metadata?: { name?: unknown; namespace?: unknown } };
  if (typeof apiVersion !== 'string' || typeof kind !== 'string') return { key: undefined, label: undefined, secret: false };
  const secret = isSecret({ apiVersion, kind });
  if (typeof metadata?.name !== 'string') return { key: undefined, label: undefined, secret };
  const named = typeof metadata.namespace === 'string' ? { namespace: metadata.namespace } : {};
  const ref = { apiVersion, kind, ...named, name: metadata.name };
  return { key: objectKey(ref), label: formatRef(ref), secret };
}

interface Reader {
  document: Document;
  left: number;
  /** `yaml` looks through the whole document for the anchor of each alias. */
  targets: Map<Alias, Node | undefined>;
}

function targetOf(alias: Alias, { document, targets }: Reader): Node | undefined {
  if (!targets.has(alias)) targets.set(alias, alias.resolve(document));
  return targets.get(alias);
}

/**
 * A node as JSON data. A number written in a way of its own (`1.10`, `0777`) is its text: as an image tag it is one, and
 * `1.10` is not `1.1`.
 */
function dataOf(node: unknown, reader: Reader, level: number): unknown {
  const offset = (node as Node | null)?.range?.[0] ?? 0;
  if (reader.left-- < 0 || level > MOST_LEVELS) throw new Unmergeable('too many values or levels', offset);
  if (isAlias(node)) return dataOf(targetOf(node, reader), reader, level + 1);
  if ((node as Node | null)?.tag !== undefined) throw new Unmergeable('a value with a tag of its own', offset);
  if (isScalar(node)) return scalarData(node.value, node.source);
  if (isSeq(node)) return node.items.map((item) => dataOf(item, reader, level + 1));
  if (!isMap(node)) return null;
  const entries = node.items.map((pair): [string, unknown] => {
    if (!isScalar(pair.key) || pair.key.tag !== undefined) throw new Unmergeable('a key that is not a plain value', offset);
    return [String(scalarData(pair.key.value, pair.key.source)), dataOf(pair.value, reader, level + 1)];
  });
  return Object.fromEntries(entries);
}

function scalarData(value: unknown, source: string | undefined): unknown {
  if (typeof value === 'bigint') return source ?? String(value);
  if (typeof value === 'number') return source === undefined || source === String(value) ? value : source;
  return value;
}

/** The text of a mapping's key as `data` has it. */
export function keyText(key: unknown): string {
  return isScalar(key) ? String(scalarData(key.value, key.source)) : '';
}
