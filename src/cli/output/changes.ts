/** Object changes on the screen: images first, from -> to. */
import { formatRef } from '../../api/kube.ts';
import type { FieldChange, ImageChange, ObjectChange } from '../../core/diff/object-diff.ts';
import { type Paint, printable } from '../terminal.ts';

const SIGN = { added: '+', removed: '-', changed: '~' } as const;
const COLOUR = { added: 'green', removed: 'red', changed: 'yellow' } as const;

export interface ChangeOptions {
  paint: Paint;
  /** At most as many fields an object. */
  fields: number;
}

export function changeLines(changes: readonly ObjectChange[], { paint, fields }: ChangeOptions): string[] {
  return changes.flatMap((change) => {
    const head = `${paint(COLOUR[change.change], SIGN[change.change])} ${printable(formatRef(change.ref))}`;
    const shown = change.fields.slice(0, fields).flatMap((field) => fieldLines(field, paint).map((line) => `    ${line}`));
    const rest = Math.max(0, change.fields.length - fields);
    return [head, ...shown, ...(rest > 0 ? [paint('dim', `    … and ${rest} more fields`)] : [])];
  });
}

/** Texts of several lines (files in a ConfigMap) show the lines that differ. */
function fieldLines(field: FieldChange, paint: Paint): string[] {
  const { from, to, path } = field;
  if (typeof from !== 'string' || typeof to !== 'string' || !(from.includes('\n') || to.includes('\n'))) return [fieldText(field, paint)];
  const [before, after] = [from.split('\n'), to.split('\n')];
  const gone = before.filter((line) => !after.includes(line)).map((line) => paint('red', `  - ${valueText(line)}`));
  const come = after.filter((line) => !before.includes(line)).map((line) => paint('green', `  + ${valueText(line)}`));
  return [`${printable(path)}:`, ...gone, ...come];
}

export function fieldText(field: FieldChange, paint: Paint): string {
  return `${printable(field.path)}: ${paint('red', valueText(field.from))} ${paint('dim', '->')} ${paint('green', valueText(field.to))}`;
}

/** One line of a value; long ones are cut. */
export function valueText(value: unknown): string {
  if (value === undefined) return '(none)';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const line = printable(text).replaceAll('\n', '⏎');
  return line.length > 100 ? `${line.slice(0, 99)}…` : line;
}

/** `ghcr.io/acme/api: 1.0.1 -> 1.1.0`, the name once where only the tag differs. */
export function imageText(image: ImageChange): string {
  const [from, to] = [split(image.from), split(image.to)];
  if (from && to && from.name === to.name) return printable(`${shortName(from.name)}: ${from.tag} -> ${to.tag}`);
  return printable(`${image.container}: ${image.from ?? '(none)'} -> ${image.to ?? '(none)'}`);
}

function split(image: string | undefined): { name: string; tag: string } | undefined {
  if (image === undefined) return undefined;
  const [, name, tag] = /^(.*?)((?::[^/:@]+)?(?:@.+)?)$/.exec(image) ?? [];
  return { name: name ?? image, tag: tag ? tag.replace(/^:/, '') : 'latest' };
}

function shortName(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1);
}
