/** The commands that the comments in deploy/ name, as they are typed here. */
import type { Captured } from '../../src/cli/run-captured.ts';
import type { Stage } from '../scenarios/stage.ts';
import { EVERYTHING, PARKED, PINNED, SHOP, WEB, type World } from './world.ts';

export interface Setting {
  stage: Stage;
  world: World;
}

const CHECK = ['--http-check', 'sample-saas-app/sample-saas-app:http/'];
/** Nothing that is tried here needs longer; where something is missing nobody waits for it in vain. */
const SOON = ['--timeout', '5s'];

type Line = (world: World, looks: boolean) => string[];

const release = (world: World, looks: boolean, ...more: string[]) =>
  looks
    ? [EVERYTHING, '--to', world.before, ...more, '--dry-run']
    : [WEB, '--to', world.before, ...more, '--yes', '--steady', '1ms', ...SOON];

const LINES: Record<string, Line> = {
  status: () => ['status'],
  'status TARGET': () => ['status', EVERYTHING],
  'status helmrelease/NAME': () => ['status', `helmrelease/${SHOP}`],
  history: () => ['history', EVERYTHING],
  'history outside of a clone': () => ['history', EVERYTHING],
  diff: (world) => ['diff', EVERYTHING, '--to', world.before],
  verify: () => ['verify', EVERYTHING, '--timeout', '1ms'],
  'verify --http-check': () => ['verify', PINNED, '--steady', '1ms', '--timeout', '1s', ...CHECK],
  rollback: (world, looks) => ['rollback', ...release(world, looks)],
  'rollback --http-check': (world) => ['rollback', ...release(world, false, ...CHECK)],
  'rollback outside of a clone': (world) => ['rollback', ...release(world, true)],
  pin: (world, looks) => ['pin', ...release(world, looks)],
  'pin --scope source': (world) => ['pin', ...release(world, false), '--scope', 'source', '--accept', 'SharedSource'],
  unpin: () => ['unpin', PINNED, '--yes', ...SOON],
  suspend: () => ['suspend', WEB, '--reason', 'trying', '--yes'],
  'suspend helmrelease/NAME': () => ['suspend', `helmrelease/${SHOP}`, '--reason', 'trying', '--yes'],
  resume: () => ['resume', PARKED, '--yes', ...SOON],
  'resume helmrelease/NAME': () => ['resume', `helmrelease/${SHOP}`, '--yes'],
  suspended: () => ['suspended'],
  'suspended --enforce': () => ['suspended', '--enforce'],
};

export const COMMANDS = Object.keys(LINES);

/**
 * Runs a command as the ServiceAccount.
 * @param looks of commands that act: only see what they would do.
 */
export function runNamed(name: string, looks: boolean, { stage, world }: Setting): Promise<Captured> {
  const line = LINES[name];
  if (!line) throw new Error(`no command here is called "${name}": known are ${COMMANDS.join('; ')}`);
  const cwd = name.endsWith('outside of a clone') ? { cwd: stage.home } : {};
  return stage.ebbWith(cwd, ...line(world, looks), '-o', 'json');
}
