/** `npm run cluster`: a real control plane, left running for a person until Ctrl-C. */
import { copyFile, readFile, rm } from 'node:fs/promises';
import { delimiter, resolve } from 'node:path';
import { Command, Option } from 'commander';
import { REPOSITORY } from '../../src/example/sandbox.ts';
import { type ControlPlane, startControlPlane } from './control-plane.ts';
import { startExampleOnControlPlane } from './example.ts';
import { READY_AFTER } from './nodes/behaviour.ts';

interface Flags {
  output: 'text' | 'json';
  kubeconfigOut?: string;
  cancelHealthCheck?: true;
  empty?: true;
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

const command = new Command('npm run cluster --')
  .description('start a real control plane with Flux and the example repository, and keep it running until Ctrl-C')
  .addOption(new Option('-o, --output <format>', 'what to print').choices(['text', 'json']).default('text'))
  .option('--kubeconfig-out <file>', 'write the kubeconfig there too, until the end')
  .option('--cancel-health-check', "turn on Flux's feature gate CancelHealthCheckOnNewRevision")
  .option('--empty', 'without the example: Flux alone, and no Git server')
  .action(run);

await command.parseAsync();

async function run(flags: Flags): Promise<void> {
  // A control plane that is still starting ends with this process.
  const exit = () => process.exit(130);
  for (const signal of SIGNALS) process.once(signal, exit);
  const began = Date.now();
  let trouble = (_error: Error) => {};
  const broken = new Promise<Error>((resolve) => {
    trouble = resolve;
  });
  const options = {
    featureGates: { cancelHealthCheckOnNewRevision: flags.cancelHealthCheck === true },
    onTrouble: trouble,
  };
  const running = flags.empty ? { ...(await startControlPlane(options)), git: undefined } : await startExampleOnControlPlane(options);
  const ending = endAsked();
  for (const signal of SIGNALS) process.off(signal, exit);
  const copy = flags.kubeconfigOut === undefined ? undefined : resolve(flags.kubeconfigOut);
  try {
    if (copy) await copyFile(running.kubeconfig, copy);
    const access: Access = {
      kubeconfig: copy ?? running.kubeconfig,
      api: running.apiUrl,
      ...(running.git ? { git: running.git.cloneUrl(REPOSITORY) } : {}),
      programs: running.programs,
      logs: `${running.folder}/log`,
    };
    const seconds = (Date.now() - began) / 1_000;
    process.stdout.write(flags.output === 'json' ? `${JSON.stringify(access)}\n` : await told(running, access, seconds));
    const end = await Promise.race([ending, broken]);
    if (end instanceof Error) {
      process.stderr.write(`${end.message}\n`);
      process.exitCode = 1;
    }
  } finally {
    if (copy) await rm(copy, { force: true });
    await running.stop();
  }
}

interface Access {
  kubeconfig: string;
  api: string;
  git?: string;
  programs: string;
  logs: string;
}

async function told(plane: ControlPlane, access: Access, seconds: number): Promise<string> {
  const memory = await memoryOf(plane.processes);
  return `${[
    `the control plane is running (started in ${seconds.toFixed(1)} s${memory}); Ctrl-C ends it and leaves nothing behind`,
    `  export KUBECONFIG=${access.kubeconfig}`,
    `  export PATH=${access.programs}${delimiter}$PATH   # kubectl and flux`,
    ...(access.git ? [`  git clone ${access.git}`, '', '  ebb status sample-app'] : ['']),
    '  flux get all -A',
    '  kubectl get pods -A -w',
    '',
    "pods run no program here: the example's image 1.1.0 crashes, 1.2.0 is never ready, a tag that no release has is not pulled,",
    `everything else is ready at once, or so long after its start as the pod's annotation ${READY_AFTER} says`,
    `logs of the programs: ${access.logs}`,
  ].join('\n')}\n`;
}

/** `, 1.0 GB of memory`; nothing where the system does not tell. */
async function memoryOf(processes: ControlPlane['processes']): Promise<string> {
  const sizes = await Promise.all(
    processes.map(async ({ pid }) => {
      const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
      return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0);
    }),
  );
  const kib = sizes.reduce((sum, size) => sum + size, 0);
  return kib === 0 ? '' : `, ${(kib / 1024 / 1024).toFixed(1)} GiB of memory`;
}

function endAsked(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of SIGNALS) process.on(signal, () => resolve());
  });
}
