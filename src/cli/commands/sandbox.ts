/** `ebb sandbox`: the embedded cluster with the example on it, kept running until Ctrl-C. */
import { copyFile, rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { ExitCode } from '../../core/failure.ts';
import { REPOSITORY, startExample } from '../../example/sandbox.ts';
import { type Result, writeDocument } from '../result.ts';
import type { Session } from '../session.ts';
import { painter } from '../terminal.ts';

export interface SandboxFlags {
  kubeconfigOut?: string;
  cancelHealthCheck?: boolean;
}

export async function sandbox(session: Session, flags: SandboxFlags): Promise<Result> {
  const { io, globals } = session;
  const paint = painter(io, !globals.color);
  const running = await startExample({
    renderer: await session.renderer(),
    featureGates: { cancelHealthCheckOnNewRevision: flags.cancelHealthCheck === true },
  });
  const copy = flags.kubeconfigOut === undefined ? undefined : resolve(io.cwd, flags.kubeconfigOut);
  try {
    if (copy) await copyFile(running.kubeconfig, copy);
    const kubeconfig = copy ?? running.kubeconfig;
    const url = running.git.cloneUrl(REPOSITORY);
    if (globals.output === 'text') {
      io.stdout.write(
        `${[
          paint('bold', 'the sandbox is running; Ctrl-C ends it and leaves nothing behind'),
          `  export KUBECONFIG=${kubeconfig}`,
          `  git clone ${url}`,
          '',
          '  ebb status sample-app',
          '  kubectl get pods -n sample-saas-app -w',
          '',
          'a bad release: in the clone, set newTag to 1.1.0 (crashes), 1.2.0 (never ready) or 1.3.0 (30 % errors) in',
          '  apps/sample-saas-app/overlays/dev/kustomization.yaml, commit and push; then: ebb rollback sample-app',
        ].join('\n')}\n`,
      );
    } else {
      await writeDocument(io, globals.output, 'Sandbox', { kubeconfig, api: running.apiUrl, git: url });
    }
    await ended(io.signal);
    return { kind: 'Sandbox', lines: [], exitCode: ExitCode.Done };
  } finally {
    if (copy) await rm(copy, { force: true });
    await running.stop();
  }
}

function ended(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
