/** Compares two traces of the same story. */
import type { Trace } from './trace.ts';

export interface Difference {
  story: string;
  object: string;
  /** An aspect (`condition Ready`), or a field at the end of a step (`at the end of "good release": spec.replicas`). */
  what: string;
  /** Where it is a field: its path, whatever the step. */
  field: string;
  sandbox: readonly string[];
  real: readonly string[];
}

const ABSENT: readonly string[] = [];

/** Every difference; nothing where clients saw the same. */
export function differencesOf(story: string, sandbox: Trace, real: Trace): Difference[] {
  const objects = [...new Set([...Object.keys(real), ...Object.keys(sandbox)])].sort();
  return objects.flatMap((object) => {
    const [here, there] = [sandbox[object], real[object]];
    if (!here || !there) {
      const say = (trace: unknown) => (trace ? ['known'] : ABSENT);
      return [{ story, object, what: 'the object', field: 'the object', sandbox: say(here), real: say(there) }];
    }
    return [
      ...keys(here.orders, there.orders)
        .map((what) => ({ story, object, what, field: what, sandbox: here.orders[what] ?? ABSENT, real: there.orders[what] ?? ABSENT }))
        .filter(differs),
      ...keys(here.ends, there.ends).flatMap((step) => endDifferences({ story, object, step }, here.ends[step], there.ends[step])),
    ];
  });
}

function endDifferences(
  { story, object, step }: { story: string; object: string; step: string },
  sandbox: Record<string, string> | undefined,
  real: Record<string, string> | undefined,
): Difference[] {
  const what = (field: string) => `at the end of "${step}": ${field}`;
  if (!sandbox || !real) {
    const say = (fields: unknown) => (fields ? ['there'] : ABSENT);
    return [{ story, object, what: what('the object'), field: 'the object', sandbox: say(sandbox), real: say(real) }];
  }
  const value = (fields: Record<string, string>, field: string) => (field in fields ? [fields[field] as string] : ABSENT);
  return keys(sandbox, real)
    .map((field) => ({ story, object, what: what(field), field, sandbox: value(sandbox, field), real: value(real, field) }))
    .filter(differs);
}

function keys(one: object, other: object): string[] {
  return [...new Set([...Object.keys(other), ...Object.keys(one)])];
}

function differs({ sandbox, real }: Difference): boolean {
  return sandbox.length !== real.length || sandbox.some((state, index) => state !== real[index]);
}
