/** Names, labels and annotations. Source: k8s.io/apimachinery pkg/util/validation/validation.go and what each kind asks for. */
import { type Cause, invalid, required, tooLong } from './causes.ts';
import { definedKeys, field, isObject, type JsonObject } from './json.ts';

const LABEL_1123 = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const SUBDOMAIN_1123 = `${LABEL_1123}(\\.${LABEL_1123})*`;
const QUALIFIED = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
const LABEL_VALUE = `(${QUALIFIED})?`;
const QUALIFIED_FORM = new RegExp(`^${QUALIFIED}$`);
const LABEL_VALUE_FORM = new RegExp(`^${LABEL_VALUE}$`);

const ALPHANUMERIC = "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
const EXAMPLES = "(e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is";

interface NameForm {
  pattern: RegExp;
  limit: number;
  detail: string;
}

const LABEL: NameForm = {
  pattern: new RegExp(`^${LABEL_1123}$`),
  limit: 63,
  detail: `a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '${LABEL_1123}')`,
};

const SUBDOMAIN: NameForm = {
  pattern: new RegExp(`^${SUBDOMAIN_1123}$`),
  limit: 253,
  detail: `a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '${SUBDOMAIN_1123}')`,
};

/** How an object of a kind may be called: most are subdomains, roles take nearly anything. */
export type NameRule = 'subdomain' | 'label' | 'path-segment';

/** Why `name` is no name of this form; empty where it is. */
export function nameCauses(name: unknown, path: string, rule: NameRule): Cause[] {
  if (typeof name !== 'string' || name === '') return [required(path)];
  if (rule === 'path-segment')
    return /^\.{1,2}$|[/%]/.test(name) ? [invalid(path, name, "may not be '.' or '..' and may not contain '/' or '%'")] : [];
  const form = rule === 'label' ? LABEL : SUBDOMAIN;
  if (name.length > form.limit) return [invalid(path, name, `must be no more than ${form.limit} bytes`)];
  return form.pattern.test(name) ? [] : [invalid(path, name, form.detail)];
}

/** Why the name of an object is not valid; one that is still to be generated is. */
export function objectNameCauses({ name, generateName }: JsonObject, rule: NameRule): Cause[] {
  return name === undefined && generateName !== undefined ? [] : nameCauses(name, 'metadata.name', rule);
}

/** Why the labels and annotations of a metadata are not valid; empty where they are. */
export function metadataCauses(metadata: unknown, path: string): Cause[] {
  if (!isObject(metadata)) return [];
  const { labels, annotations } = metadata;
  return [
    ...keyCauses(labels, `${path}.labels`),
    ...valueCauses(labels, `${path}.labels`),
    ...keyCauses(lowercased(annotations), `${path}.annotations`),
  ];
}

function lowercased(map: unknown): unknown {
  return isObject(map) ? Object.fromEntries(definedKeys(map).map((key) => [key.toLowerCase(), null])) : map;
}

function keyCauses(map: unknown, path: string): Cause[] {
  return isObject(map) ? definedKeys(map).flatMap((key) => qualifiedNameProblems(key).map((detail) => invalid(path, key, detail))) : [];
}

function valueCauses(map: unknown, path: string): Cause[] {
  if (!isObject(map)) return [];
  return definedKeys(map).flatMap((key) => {
    const value = field(map, key);
    if (typeof value !== 'string') return [];
    if (value.length > 63) return [tooLong(path, 63)];
    if (LABEL_VALUE_FORM.test(value)) return [];
    const examples = "(e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is";
    return [
      invalid(path, value, `a valid label must be an empty string or ${ALPHANUMERIC.slice('must '.length)} ${examples} '${LABEL_VALUE}')`),
    ];
  });
}

function qualifiedNameProblems(key: string): string[] {
  const parts = key.split('/');
  const name = parts.at(-1) as string;
  if (parts.length > 2) {
    const optional = "with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')";
    return [`a valid label key ${ALPHANUMERIC} ${EXAMPLES} '${QUALIFIED}') ${optional}`];
  }
  const prefix = parts.length === 2 ? prefixProblems(parts[0] as string) : [];
  if (name === '') return [...prefix, 'name part must be non-empty'];
  if (name.length > 63) return [...prefix, 'name part must be no more than 63 bytes'];
  return QUALIFIED_FORM.test(name) ? prefix : [...prefix, `name part ${ALPHANUMERIC} ${EXAMPLES} '${QUALIFIED}')`];
}

function prefixProblems(prefix: string): string[] {
  if (prefix === '') return ['prefix part must be non-empty'];
  return SUBDOMAIN.pattern.test(prefix) ? [] : [`prefix part ${SUBDOMAIN.detail}`];
}
