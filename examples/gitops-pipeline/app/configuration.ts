import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LOG_LEVELS, type LogLevel } from './log.ts';

export interface Configuration {
  /** Where to listen; by the environment alone, because it belongs to the place and not to the release. */
  host: string;
  port: number;
  greeting: string;
  /** Milliseconds that a request waits for its upstream call before it answers 504. */
  upstreamTimeoutMs: number;
  logLevel: LogLevel;
  /** The flag of the usage page; only releases that have the page look at it. */
  usagePage: boolean;
}

export type ConfigurationOutcome = { kind: 'valid'; configuration: Configuration } | { kind: 'invalid'; problems: string[] };

export type Environment = Readonly<Record<string, string | undefined>>;

const DEFAULTS = { GREETING: 'Hello', UPSTREAM_TIMEOUT_MS: '5000', LOG_LEVEL: 'info', FEATURE_USAGE: 'on' } as const;
type Setting = keyof typeof DEFAULTS;
const SETTINGS = Object.keys(DEFAULTS) as Setting[];

/**
 * Reads the settings: the environment wins over the file that `CONFIG_FILE` names, the file over the defaults.
 * Every problem is reported, not the first alone, because each restart of a pod costs a minute.
 * @param env `EBB_ROOTFS` is the folder that stands for the container's root file system where there is no container.
 */
export function readConfiguration(env: Environment): ConfigurationOutcome {
  const problems: string[] = [];
  const fromFile = env.CONFIG_FILE ? readFile(env.CONFIG_FILE, env.EBB_ROOTFS, problems) : {};
  const value = (setting: Setting): string => env[setting] ?? fromFile[setting] ?? DEFAULTS[setting];

  const configuration: Configuration = {
    host: env.HOST ?? '0.0.0.0',
    port: wholeNumber({ name: 'PORT', text: env.PORT ?? '8080', from: 0, to: 65_535 }, problems),
    greeting: value('GREETING'),
    upstreamTimeoutMs: wholeNumber({ name: 'UPSTREAM_TIMEOUT_MS', text: value('UPSTREAM_TIMEOUT_MS'), from: 1, to: 60_000 }, problems),
    logLevel: oneOf({ name: 'LOG_LEVEL', text: value('LOG_LEVEL'), choices: LOG_LEVELS }, problems),
    usagePage: oneOf({ name: 'FEATURE_USAGE', text: value('FEATURE_USAGE'), choices: ['on', 'off'] }, problems) === 'on',
  };
  if (configuration.greeting.trim() === '') problems.push('GREETING must not be empty');
  return problems.length === 0 ? { kind: 'valid', configuration } : { kind: 'invalid', problems };
}

/** Lines `NAME=value`; blank lines and lines that begin with `#` are skipped. Adds to `problems` what it cannot take. */
function readFile(path: string, root: string | undefined, problems: string[]): Partial<Record<Setting, string>> {
  const settings: Partial<Record<Setting, string>> = {};
  for (const [index, line] of linesOf(path, root, problems).entries()) {
    const text = line.trim();
    if (text === '' || text.startsWith('#')) continue;
    const equals = text.indexOf('=');
    const name = text.slice(0, Math.max(0, equals)).trim();
    if (!isSetting(name)) {
      problems.push(`${path}:${index + 1}: ${equals < 0 ? `"${text}" is not NAME=value` : `no setting is called "${name}"`}`);
      continue;
    }
    settings[name] = text.slice(equals + 1).trim();
  }
  return settings;
}

function linesOf(path: string, root: string | undefined, problems: string[]): string[] {
  try {
    return readFileSync(root ? join(root, path) : path, 'utf8').split('\n');
  } catch (error) {
    problems.push(`${path} cannot be read: ${error instanceof Error && 'code' in error ? String(error.code) : String(error)}`);
    return [];
  }
}

function isSetting(name: string): name is Setting {
  return (SETTINGS as string[]).includes(name);
}

/** Decimal digits alone, so that `5s` is not read as 5. Adds to `problems` what is not in the range, and goes on with `from`. */
function wholeNumber(wanted: { name: string; text: string; from: number; to: number }, problems: string[]): number {
  const number = /^\d{1,9}$/.test(wanted.text) ? Number(wanted.text) : Number.NaN;
  if (number >= wanted.from && number <= wanted.to) return number;
  problems.push(`${wanted.name} must be a whole number from ${wanted.from} to ${wanted.to}, not "${wanted.text}"`);
  return wanted.from;
}

/** Adds to `problems` what is none of the choices, and goes on with the first. */
function oneOf<T extends string>(wanted: { name: string; text: string; choices: readonly [T, ...T[]] }, problems: string[]): T {
  const choice = wanted.choices.find((candidate) => candidate === wanted.text);
  if (choice) return choice;
  problems.push(`${wanted.name} must be one of ${wanted.choices.join(', ')}, not "${wanted.text}"`);
  return wanted.choices[0];
}
