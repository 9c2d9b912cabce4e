/** `ebb demo`: the main job, on this machine, without a question asked. */
import { ExitCode } from '../../core/failure.ts';
import { DEMO_TIMEOUT, type DemoResult, runDemo } from '../../demo/demo.ts';
import type { Result } from '../result.ts';
import { runCaptured } from '../run-captured.ts';
import type { Session } from '../session.ts';
import { type Paint, painter, table } from '../terminal.ts';

export async function demo(session: Session): Promise<Result> {
  const { io, globals } = session;
  const text = globals.output === 'text';
  const result = await runDemo({
    ebb: (argv, options) => runCaptured(session.main, argv, options),
    renderer: await session.renderer(),
    env: io.env,
    signal: io.signal,
    show: (piece) => void (text ? io.stdout : io.stderr).write(piece),
  });
  return {
    kind: 'Demo',
    data: { ...result },
    lines: summary(result, painter(io, !globals.color)),
    exitCode: result.verified ? ExitCode.Done : ExitCode.Failed,
  };
}

function summary(result: DemoResult, paint: Paint): string[] {
  const rows = result.strategies.map((one) => [
    one.verified ? paint('green', '✓') : paint('red', '✗'),
    one.strategy,
    one.bad,
    one.found.join(', '),
    `${one.requests.bad.failed}/${one.requests.bad.sent} -> ${one.requests.after.failed}/${one.requests.after.sent}`,
    `${one.seconds.named}s`,
    `${one.seconds.rollback}s`,
  ]);
  const steps = result.strategies.flatMap((one) => [
    paint('bold', one.strategy),
    ...one.done.map((step) => `  ${`${step.seconds}s`.padStart(6)}  ${step.step}`),
  ]);
  return [
    '',
    paint('bold', `Summary, ${result.seconds} s in all`),
    ...table(['', 'STRATEGY', 'WHAT WAS BAD', 'FOUND', 'REQUESTS FAILED', 'NAMED AFTER', 'ROLLED BACK IN'], rows, paint),
    '',
    ...steps,
    '',
    `The first of these releases, taken back by git revert and flux reconcile: ${paint('bold', `${result.byHand.seconds}s`)}; by ebb rollback: ${paint('bold', `${result.strategies[0]?.seconds.rollback ?? '?'}s`)}.`,
    paint('dim', `Flux waits out the health check of a bad release: here ${DEMO_TIMEOUT}, the shortest that it takes; ebb ends that wait.`),
  ];
}
