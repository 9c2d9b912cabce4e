/**
 * YAML as the Kubernetes libraries read it (sigs.k8s.io/yaml over go-yaml v2): YAML 1.1's booleans, Go's notations of
 * numbers, timestamps as strings, merge keys, repeated keys allowed (the last one counts), and only the first document.
 * Source of the rules: go.yaml.in/yaml/v2 resolve.go, sigs.k8s.io/yaml yaml.go.
 */
import { type Document, LineCounter, parseAllDocuments, type ScalarTag, type Tags, type YAMLError } from 'yaml';

/** The message tells the line and the kind of fault, never the content: it may be a secret's. */
export class YamlError extends Error {
  override readonly name = 'YamlError';

  constructor(problem: string, line?: number) {
    super(line === undefined ? `yaml: ${problem}` : `yaml: line ${line}: ${problem}`);
  }
}

/**
 * @returns plain data of the first document, whatever follows it; null for an empty text
 * @throws YamlError
 */
export function parseYaml(text: string): unknown {
  const [first] = readDocuments(text);
  return first ? first() : null;
}

/** @returns plain data of every document, empty ones included as null. @throws YamlError */
export function parseYamlDocuments(text: string): unknown[] {
  return readDocuments(text).map((read) => read());
}

function readDocuments(text: string): (() => unknown)[] {
  const lines = new LineCounter();
  const parsed = parseAllDocuments(text, {
    version: '1.1',
    schema: 'failsafe',
    customTags: withScalars,
    merge: true,
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'silent',
    lineCounter: lines,
  });
  // An empty stream is an array with a mark of its own, without documents.
  return [...parsed].map((document) => () => {
    const [fault] = document.errors;
    if (fault) throw new YamlError(wordsOf(fault), lines.linePos(fault.pos[0]).line);
    return dataOf(document);
  });
}

function dataOf(document: Document.Parsed): unknown {
  try {
    return document.toJS({ maxAliasCount: 10_000 });
  } catch {
    throw new YamlError('unknown anchor or excessive aliasing');
  }
}

/** go-yaml's words where it has them; the parser's own messages quote the text. */
function wordsOf(fault: YAMLError): string {
  return WORDS[fault.code] ?? 'did not find expected node content';
}

const WORDS: Partial<Record<YAMLError['code'], string>> = {
  BAD_INDENT: 'did not find expected key',
  MISSING_CHAR: "could not find expected ':'",
  MULTILINE_IMPLICIT_KEY: "could not find expected ':'",
  BLOCK_AS_IMPLICIT_KEY: 'mapping values are not allowed in this context',
  UNEXPECTED_TOKEN: 'did not find expected key',
  TAB_AS_INDENT: 'found character that cannot start any token',
  BAD_SCALAR_START: 'found character that cannot start any token',
  BAD_DQ_ESCAPE: 'found unknown escape character',
  BAD_ALIAS: 'did not find expected alphabetic or numeric character',
};

function withScalars(tags: Tags): Tags {
  return [...tags, NULL, BOOLEAN, number('tag:yaml.org,2002:int'), number('tag:yaml.org,2002:float')];
}

const NULL: ScalarTag = {
  tag: 'tag:yaml.org,2002:null',
  default: true,
  test: /^(?:~|null|Null|NULL)?$/,
  resolve: () => null,
};

const BOOLEAN: ScalarTag = {
  tag: 'tag:yaml.org,2002:bool',
  default: true,
  test: /^(?:[yYnN]|yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$/,
  resolve: (text) => /^(?:[yY]|[yY]es|YES|[tT]rue|TRUE|[oO]n|ON)$/.test(text),
};

function number(tag: string): ScalarTag {
  return { tag, default: true, test: /^[-+.0-9]/, resolve: readNumber };
}

const FLOAT = /^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/;
const INTEGER = /^([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|([1-9][0-9]*|0))$/;

/** A number where Go's strconv would see one, else the text itself. */
function readNumber(text: string): number | string {
  // JSON has no such numbers, and so neither has a manifest.
  if (/^[-+]?\.(?:inf|Inf|INF)$|^\.(?:nan|NaN|NAN)$/.test(text)) throw new YamlError('json: unsupported value');
  // Underscores separate digits anywhere, but not in a number that begins with its point.
  const plain = text.startsWith('.') ? text : text.replaceAll('_', '');
  const integer = readInteger(plain);
  if (integer !== undefined) return integer;
  return FLOAT.test(plain) && Number.isFinite(Number(plain)) ? Number(plain) : text;
}

function readInteger(text: string): number | undefined {
  const match = INTEGER.exec(text);
  if (!match) return undefined;
  const [, sign, hexadecimal, binary, octal, decimal] = match;
  const value =
    hexadecimal !== undefined
      ? Number(`0x${hexadecimal}`)
      : binary !== undefined
        ? Number(`0b${binary}`)
        : octal !== undefined
          ? Number(`0o${octal}`)
          : Number(decimal);
  // There is no negative zero among integers.
  return sign === '-' && value !== 0 ? -value : value;
}
