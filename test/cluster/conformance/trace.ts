/**
 * A story as clients saw it, without what is accidental: for every object the order of its distinct states, aspect by
 * aspect, and every field of it at the end of every step.
 */
import type { KubeObject } from '../../../src/api/kube.ts';
import { aspectsOf } from './aspects.ts';
import { eventKey, eventLine } from './event-lines.ts';
import { fieldsOf } from './fields.ts';
import type { Rename } from './names.ts';
import type { Snapshot } from './recorder.ts';

export interface ObjectTrace {
  /**
   * The distinct states of each aspect in their order; states that repeat one after the other are one. Of objects that
   * share a name (the pods of one ReplicaSet) all different orders, joined by arrows.
   */
  orders: Record<string, string[]>;
  /** Every field at the end of each step. */
  ends: Record<string, Record<string, string>>;
}

/** By `Kind namespace/name`. */
export type Trace = Record<string, ObjectTrace>;

/** The end of a step: what was there when all had come to rest. */
export interface StepEnd {
  step: string;
  present: readonly KubeObject[];
}

export function traceOf(snapshots: readonly Snapshot[], ends: readonly StepEnd[], rename: Rename): Trace {
  const trace: Trace = {};
  const traced = (name: string) => {
    trace[name] ??= { orders: {}, ends: {} };
    return trace[name];
  };
  for (const [name, lives] of livesOf(snapshots, rename)) traced(name).orders = mergedOrders(lives, rename);
  for (const { step, present } of ends)
    for (const object of present) if (object.kind !== 'Event') addEnd(traced(nameOf(object, rename)).ends, step, fieldsOf(object, rename));
  for (const [about, lines] of eventLines(snapshots, rename)) traced(about).orders.events = lines;
  return trace;
}

export function nameOf({ kind, metadata }: KubeObject, rename: Rename): string {
  return `${kind} ${metadata.namespace ? `${metadata.namespace}/` : ''}${rename(metadata.name)}`;
}

/** The states of each object, in order, by the name under which it is compared; each object of that name has its own list. */
function livesOf(snapshots: readonly Snapshot[], rename: Rename): Map<string, Snapshot[][]> {
  const byIdentity = new Map<string, Snapshot[]>();
  for (const snapshot of snapshots) {
    if (snapshot.object.kind === 'Event') continue;
    const { kind, metadata } = snapshot.object;
    const identity = `${kind}|${metadata.namespace}|${metadata.name}`;
    const life = byIdentity.get(identity) ?? [];
    life.push(snapshot);
    byIdentity.set(identity, life);
  }
  const byName = new Map<string, Snapshot[][]>();
  for (const life of byIdentity.values()) {
    const name = nameOf((life[0] as Snapshot).object, rename);
    byName.set(name, [...(byName.get(name) ?? []), life]);
  }
  return byName;
}

function mergedOrders(lives: readonly Snapshot[][], rename: Rename): Record<string, string[]> {
  const all = lives.map((life) => ordersOf(life, rename));
  if (all.length === 1) return all[0] as Record<string, string[]>;
  const aspects = new Set(all.flatMap((orders) => Object.keys(orders)));
  return Object.fromEntries(
    [...aspects].map((aspect) => [aspect, distinct(all.map((orders) => (orders[aspect] ?? []).join(' → '))).sort()]),
  );
}

function ordersOf(life: readonly Snapshot[], rename: Rename): Record<string, string[]> {
  const orders: Record<string, string[]> = {};
  for (const { object, gone } of life) {
    for (const [aspect, state] of Object.entries(aspectsOf(object, gone, rename))) {
      orders[aspect] ??= [];
      const order = orders[aspect];
      if (order.at(-1) !== state) order.push(state);
    }
    // An aspect that is no more is a state too: a condition that was taken away.
    const now = aspectsOf(object, gone, rename);
    if (!gone) for (const [aspect, order] of Object.entries(orders)) if (!(aspect in now) && order.at(-1) !== '-') order.push('-');
  }
  return orders;
}

function addEnd(ends: ObjectTrace['ends'], step: string, fields: Record<string, string>): void {
  const before = ends[step];
  if (!before) {
    ends[step] = fields;
    return;
  }
  for (const [path, value] of Object.entries(fields)) {
    const values = new Set((before[path] ?? '').split(' | ').filter((one) => one !== ''));
    before[path] = [...values.add(value)].sort().join(' | ');
  }
}

/** Events by the object that they are about: for Flux in the order of their first appearance, for others sorted. */
function eventLines(snapshots: readonly Snapshot[], rename: Rename): Map<string, string[]> {
  const lines = new Map<string, string[]>();
  for (const { object, gone } of snapshots) {
    if (object.kind !== 'Event' || gone) continue;
    const line = eventLine(object, rename);
    if (line === undefined) continue;
    const about = eventKey(object, rename);
    const known = lines.get(about) ?? [];
    if (!known.includes(line)) lines.set(about, [...known, line]);
  }
  for (const [about, known] of lines) if (!/^(Kustomization|GitRepository) /.test(about)) lines.set(about, [...known].sort());
  return lines;
}

function distinct(values: readonly string[]): string[] {
  return [...new Set(values)];
}
