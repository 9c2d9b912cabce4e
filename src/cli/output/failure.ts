/** Failures on the screen: what happened, what was seen, likely causes, the next command. */
import { type Failure, Failure as FailureClass } from '../../core/failure.ts';
import { type Paint, printable } from '../terminal.ts';

export function failureLines(failure: Failure, paint: Paint): string[] {
  const { code, message, seen, causes, next } = failure;
  const lines = [`${paint('red', '✗')} ${paint('bold', printable(message))} ${paint('dim', `(${code})`)}`];
  if (seen) lines.push(...indented('seen', [printable(seen)]));
  if (causes.length) lines.push(...indented('likely', printable([...causes])));
  if (next.length) lines.push(...indented('next', printable([...next])));
  return lines;
}

function indented(label: string, texts: string[]): string[] {
  return texts.flatMap((text, index) =>
    text.split('\n').map((line, row) => `  ${(index === 0 && row === 0 ? `${label}:` : '').padEnd(8)}${line}`),
  );
}

/** Anything thrown as a Failure: an unknown error is printed whole, as the bug that it is. */
export function asFailure(error: unknown): Failure {
  if (error instanceof FailureClass) return error;
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return new FailureClass('Bug', 'something that should not happen happened', {
    seen: text,
    next: ['please report it, with the lines above'],
    cause: error,
  });
}

export function failureData(failure: Failure): Record<string, unknown> {
  const { code, message, seen, causes, next, permission } = failure;
  return { error: { code, message, ...(seen ? { seen } : {}), causes, next, ...(permission ? { permission } : {}) } };
}
