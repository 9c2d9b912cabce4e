import type { Clock } from '../../ports.ts';
import type { Authentication } from './authentication.ts';
import { diskFull, lastWords, type RemoteContext, remoteFailure, type Trouble, troubleIn } from './diagnosis.ts';
import type { GitConfig } from './environment.ts';
import { type GitResult, runGit } from './git-process.ts';
import type { RemoteUrl } from './remote-url.ts';
import { withSecretFiles } from './secret-files.ts';

/**
 * The remote's name in every command. A name of our own: `remote.origin.*` of a seeded mirror or of the user's configuration would
 * add URLs to it, and git pushes to each.
 */
export const REMOTE = 'ebb-remote';

export interface RemoteOptions {
  url: RemoteUrl;
  branch: string;
  authentication: Authentication;
  clock: Clock;
  log: (line: string) => void;
  /** Where the credentials were taken from, for whoever has to mend them. */
  credentialsFrom?: string;
  /** Ends a command of which nothing has been heard for so long. */
  quietLimitMs: number;
  signal?: AbortSignal;
}

export interface RemoteCall {
  gitDir: string;
  args: string[];
  env?: Record<string, string>;
  onLine?: (line: string) => void;
  /** For errors: the branch meant, when it is not the repository's own. */
  branch?: string;
  /** How many times longer than others this command may say nothing. */
  patience?: number;
  /** Troubles that the caller takes as an answer instead of a failure. */
  accept?: Trouble[];
}

export interface RemoteAnswer extends GitResult {
  trouble: Trouble | undefined;
}

const RETRY_DELAYS_MS = [300, 1_000, 3_000];
/** Tells a damaged mirror from a remote that has no repository: both say "not a git repository" in some way. */
const LOCAL_DAMAGE =
  /fatal: not a git repository|bad object|missing (?:blob|tree|commit)|is corrupt|packfile .*\.pack|index file|bad signature|bad config|un(?:terminated|expected) line in|did not send all necessary|invalid sha1 pointer|unable to read/;

/** Thrown when a command fails because of the mirror, not of the remote. */
export class DamagedMirror extends Error {
  override readonly name = 'DamagedMirror';
}

/** Commands that talk to the remote: authenticated, watched, tried again on network errors, their errors explained. */
export class Remote {
  readonly url: RemoteUrl;
  readonly #options: RemoteOptions;

  constructor(options: RemoteOptions) {
    this.url = options.url;
    this.#options = options;
  }

  /**
   * Runs a command, again after 0.3, 1 and 3 seconds when the network fails. In its arguments `REMOTE` is the remote.
   * @throws Failure GitUnreachable, GitAuthFailed, GitNotARepository, NoSuchCommit, DiskFull, GitFailed; DamagedMirror.
   */
  async run(call: RemoteCall): Promise<RemoteAnswer> {
    for (let attempt = 1; ; attempt += 1) {
      const answer = await this.#explained(call, await this.once(call));
      if (answer.trouble === undefined || call.accept?.includes(answer.trouble)) return answer;
      const delay = RETRY_DELAYS_MS[attempt - 1];
      if (answer.trouble !== 'network' || delay === undefined) throw this.failure(answer, call, attempt);
      this.#options.log(
        `${this.url.host ?? this.url.label} could not be reached (${lastLine(answer.stderr)}); trying again in ${delay / 1000} s`,
      );
      await this.#options.clock.sleep(delay, this.#options.signal);
    }
  }

  /** One attempt, whatever comes of it. */
  async once(call: RemoteCall): Promise<RemoteAnswer> {
    const { authentication, signal } = this.#options;
    const quietLimitMs = this.#options.quietLimitMs * (call.patience ?? 1);
    const result = await withSecretFiles(authentication.files, (directory) => {
      const { config, env } = authentication.settings(directory);
      return runGit({
        args: call.args,
        gitDir: call.gitDir,
        config: [...(config as GitConfig), [`remote.${REMOTE}.url`, this.url.address]],
        env: { ...env, ...call.env },
        quietLimitMs,
        ...(call.onLine ? { onLine: (line: string) => call.onLine?.(this.#hide(line)) } : {}),
        ...(signal ? { signal } : {}),
      });
    });
    const stderr = this.#hide(result.stderr) + (result.timedOut ? `nothing was heard for ${quietLimitMs / 1000} s: timed out\n` : '');
    const trouble = result.code === 0 ? undefined : result.timedOut ? 'network' : troubleIn(stderr);
    return { ...result, stderr, trouble };
  }

  /**
   * A web page without line breaks looks to git like a repository without branches, served as plain files. Only a Git server answers in
   * packets.
   */
  async #explained(call: RemoteCall, answer: RemoteAnswer): Promise<RemoteAnswer> {
    if (answer.trouble !== 'missing-ref' || this.url.transport !== 'http') return answer;
    const probe = await this.once({ gitDir: call.gitDir, args: ['ls-remote', '--', REMOTE, 'HEAD'], env: { GIT_TRACE_PACKET: '1' } });
    return probe.trouble === undefined && !probe.stderr.includes('packet:') ? { ...answer, trouble: 'not-a-repository' } : answer;
  }

  /** The failure that an answer amounts to: of the mirror, of the disk, or of the remote. */
  failure(answer: RemoteAnswer, call: RemoteCall, attempts = 1): Error {
    if (LOCAL_DAMAGE.test(answer.stderr) && !/remote: fatal|remote: error/.test(answer.stderr))
      return new DamagedMirror(lastWords(answer.stderr));
    const trouble = answer.trouble ?? 'unknown';
    if (trouble === 'disk-full' && !/^remote:/m.test(answer.stderr)) return diskFull(call.gitDir, lastWords(answer.stderr));
    const { branch, credentialsFrom } = this.#options;
    const context: RemoteContext = {
      url: this.url.label,
      host: this.url.host,
      branch: call.branch ?? branch,
      attempts,
      ...(credentialsFrom ? { credentialsFrom } : {}),
    };
    return remoteFailure(trouble, answer.stderr, context);
  }

  #hide(text: string): string {
    return this.#options.authentication.secrets.reduce((shown, secret) => shown.replaceAll(secret, '***'), text);
  }
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
