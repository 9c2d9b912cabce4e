/** Probes one container run, again and again. Source: pkg/kubelet/prober/worker.go. */
import type { Probe } from '../../../api/workloads.ts';
import type { SandboxClock, Timer } from '../../clock.ts';
import type { CheckResult } from './probe-check.ts';

type ProbeVerdict = 'success' | 'failure';

export interface ProbeWorker {
  stop(): void;
}

interface ProbeRequest {
  clock: SandboxClock;
  probe: Probe;
  check(): Promise<CheckResult>;
  /** Called for every check that failed, whatever the threshold. */
  checkFailed(output: string): void;
  /** Called when a threshold is met for another verdict than the last one. */
  decided(verdict: ProbeVerdict): void;
}

/** The kubelet notices a start by listing its containers once a second, and probes then. */
const NOTICE_MS = 1_000;
const DEFAULT_PERIOD_S = 10;
const DEFAULT_FAILURES = 3;

/** The API's default; checks take it in real time. */
export function timeoutOf(probe: Probe): number {
  return probe.timeoutSeconds ?? 1;
}

/** The first check comes after the initial delay, every further one a period after the one before began. */
export function startProbe({ clock, probe, check, checkFailed, decided }: ProbeRequest): ProbeWorker {
  const periodMs = (probe.periodSeconds || DEFAULT_PERIOD_S) * 1_000;
  const thresholds = { success: probe.successThreshold || 1, failure: probe.failureThreshold || DEFAULT_FAILURES };
  let stopped = false;
  let timer: Timer | undefined;
  let row = { verdict: 'success' as ProbeVerdict, count: 0 };
  let last: ProbeVerdict | undefined;

  const take = (result: CheckResult) => {
    const verdict = result.ok ? 'success' : 'failure';
    if (!result.ok) checkFailed(result.output);
    row = row.verdict === verdict ? { verdict, count: row.count + 1 } : { verdict, count: 1 };
    if (row.count < thresholds[verdict] || verdict === last) return;
    last = verdict;
    decided(verdict);
  };

  const tick = async () => {
    const began = clock.now().getTime();
    const result = await check();
    if (stopped) return;
    take(result);
    if (stopped) return;
    timer = clock.after(Math.max(0, began + periodMs - clock.now().getTime()), () => void tick());
  };

  timer = clock.after(Math.max(NOTICE_MS, (probe.initialDelaySeconds ?? 0) * 1_000), () => void tick());
  return {
    stop: () => {
      stopped = true;
      timer?.cancel();
    },
  };
}
