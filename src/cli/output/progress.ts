/** Live progress: one line a step; on a terminal the line that waits is rewritten in place. Goes to stderr, so stdout stays clean. */
import { formatDuration } from '../../api/duration.ts';
import type { EngineEvent } from '../../engine/engine.ts';
import { type Io, type Paint, printableLine } from '../terminal.ts';

export interface Progress {
  listen(event: EngineEvent): void;
  /** Leaves no half line behind. */
  end(): void;
}

/** Nothing is shown: `-o json`. */
export const silent: Progress = { listen: () => undefined, end: () => undefined };

export function liveProgress(io: Io, paint: Paint): Progress {
  const live = io.stderr.isTTY === true && io.env.TERM !== 'dumb';
  let open = false;
  let last = '';
  let subject = '';
  const clear = () => {
    if (open) io.stderr.write('\r\u001b[2K');
    open = false;
  };
  const permanent = (line: string) => {
    clear();
    io.stderr.write(`${line}\n`);
  };
  const transient = (line: string) => {
    if (line === last) return;
    last = line;
    if (!live) {
      // A log need not see every second of a wait: a line where what is waited for changes.
      const now = line.replace(/ for [\d.]+m?s.*$/, '');
      if (now !== subject) permanent(line);
      subject = now;
      return;
    }
    clear();
    io.stderr.write(cut(line, io.stderr.columns ?? 80));
    open = true;
  };
  const title = (index: number, total: number, text: string) => `[${index + 1}/${total}] ${printableLine(text)}`;
  let total = 0;
  let text = '';
  /** What the step says that runs beside the others. */
  let beside = '';
  /** Does a step run that others wait for? Its line has that of the one beside it at its end. */
  let busy = false;
  return {
    listen: (event) => {
      if ('beside' in event) {
        total = 'total' in event ? event.total : total;
        beside = event.event === 'step-progress' ? event.message : event.text;
        if (!busy) transient(`${paint('cyan', '…')} ${title(event.index, total, beside)}`);
        return;
      }
      if (event.event === 'replanned') return permanent(`${paint('yellow', '↻')} ${printableLine(event.why)}: planned again`);
      if (event.event === 'note') return permanent(`  ${paint('dim', 'note')}  ${printableLine(event.message)}`);
      if (event.event === 'step-started') {
        total = event.total;
        text = event.text;
        busy = true;
        return transient(`${paint('cyan', '…')} ${title(event.index, total, text)}`);
      }
      if (event.event === 'step-progress') {
        // A log gets it once the others are all that is waited for.
        const also = live && beside ? `  ${paint('dim', printableLine(beside))}` : '';
        return transient(`${paint('cyan', '…')} ${title(event.index, total, event.message)}${also}`);
      }
      busy = false;
      const { outcome } = event;
      const sign = outcome.kind === 'done' ? paint('green', '✓') : outcome.kind === 'moved' ? paint('yellow', '↻') : paint('red', '✗');
      const message = outcome.kind === 'moved' ? 'the branch moved' : firstLine(outcome.message);
      return permanent(`${sign} ${title(event.index, total, message)}  ${paint('dim', formatDuration(event.tookMs))}`);
    },
    end: clear,
  };
}

/** A step takes one line; the report has the rest. */
function firstLine(text: string): string {
  const end = text.indexOf('\n');
  return end < 0 ? text : `${text.slice(0, end)} …`;
}

function cut(line: string, columns: number): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colour codes begin with ESC
  const bare = line.replace(/\u001b\[\d+m/g, '');
  return bare.length < columns ? line : `${bare.slice(0, Math.max(1, columns - 2))}…`;
}
