/**
 * Paths to a field of an object, for people and for machines alike: `spec.template.spec.containers[app].image`,
 * `metadata.labels["app.kubernetes.io/name"]`, `spec.ports[port=53,protocol=UDP].targetPort`, `args[0]`.
 */

/** The fields that tell one item of a list from the others, with their values. */
export type ItemKey = Record<string, string | number | boolean>;

/** One step down: into a map, into a list by index, or into a list of maps by key. */
export type Step = { field: string } | { index: number } | { item: ItemKey };

const PLAIN_FIELD = /^[A-Za-z_$][\w$/-]*$/;
const PLAIN_VALUE = /^[A-Za-z_/.][\w./:-]*$/;

/** Writes a path; the empty path is `''`. */
export function formatPath(steps: readonly Step[]): string {
  let text = '';
  for (const step of steps) {
    if ('index' in step) text += `[${step.index}]`;
    else if ('item' in step) text += `[${formatItem(step.item)}]`;
    else if (!PLAIN_FIELD.test(step.field)) text += `[${JSON.stringify(step.field)}]`;
    else text += text === '' ? step.field : `.${step.field}`;
  }
  return text;
}

/** `app` for an item that is known by its name alone, else `port=53,protocol=UDP`. */
export function formatItem(item: ItemKey): string {
  const fields = Object.entries(item);
  const [first] = fields;
  if (fields.length === 1 && first?.[0] === 'name' && typeof first[1] === 'string' && PLAIN_VALUE.test(first[1])) return first[1];
  return fields.map(([field, value]) => `${field}=${formatValue(value)}`).join(',');
}

function formatValue(value: string | number | boolean): string {
  if (typeof value !== 'string') return String(value);
  return PLAIN_VALUE.test(value) && value !== 'true' && value !== 'false' ? value : JSON.stringify(value);
}

/**
 * Reads what `formatPath` wrote.
 * @throws SyntaxError where the text is not a path.
 */
export function parsePath(text: string): Step[] {
  const steps: Step[] = [];
  let rest = text;
  while (rest !== '') {
    const [step, length] = readStep(rest);
    steps.push(step);
    rest = rest.slice(length);
  }
  return steps;
}

const QUOTED = /^"(?:[^"\\]|\\.)*"/;
const FIELD = /^\.?([A-Za-z_$][\w$/-]*)/;

function readStep(text: string): [Step, number] {
  if (!text.startsWith('[')) {
    const match = FIELD.exec(text);
    if (!match) throw new SyntaxError(`not a field path at: ${text}`);
    return [{ field: match[1] as string }, match[0].length];
  }
  const inside = text.slice(1);
  const index = /^(\d+)\]/.exec(inside);
  if (index) return [{ index: Number(index[1]) }, 1 + index[0].length];
  const quoted = QUOTED.exec(inside);
  if (quoted && inside[quoted[0].length] === ']') return [{ field: JSON.parse(quoted[0]) as string }, quoted[0].length + 2];
  const name = /^([\w./:-]+)\]/.exec(inside);
  if (name) return [{ item: { name: name[1] as string } }, 1 + name[0].length];
  return readItem(inside);
}

function readItem(inside: string): [Step, number] {
  const item: ItemKey = {};
  let at = 0;
  do {
    if (at > 0) at++;
    const field = /^([\w-]+)=/.exec(inside.slice(at));
    if (!field) throw new SyntaxError(`not a list item: [${inside}`);
    at += field[0].length;
    const value = QUOTED.exec(inside.slice(at)) ?? /^[^,\]]*/.exec(inside.slice(at));
    const source = value?.[0] ?? '';
    item[field[1] as string] = readValue(source);
    at += source.length;
  } while (inside[at] === ',');
  if (inside[at] !== ']') throw new SyntaxError(`not a list item: [${inside}`);
  return [{ item }, at + 2];
}

function readValue(source: string): string | number | boolean {
  if (source.startsWith('"')) return JSON.parse(source) as string;
  if (source === 'true' || source === 'false') return source === 'true';
  return PLAIN_VALUE.test(source) || source === '' ? source : Number(source);
}
