import type { KubeObject } from '../../../api/kube.ts';
import { asObjects, asString, type Json } from '../json.ts';
import { since } from './age.ts';

export interface Column {
  name: string;
  type: string;
  format: string;
  description: string;
  /** 0: always shown; 1: with `-o wide` alone. */
  priority: number;
}

/** How a kind looks in a table: its columns and, in the same order, an object's cells. */
export interface KindTable {
  columns: readonly Column[];
  cells: (object: KubeObject, now: Date) => unknown[];
}

export function column(name: string, description: string, type = 'string'): Column {
  return { name, type, format: '', description, priority: 0 };
}

/** A column that only `-o wide` shows. */
export function wide(name: string, description: string, type = 'string'): Column {
  return { ...column(name, description, type), priority: 1 };
}

export const NAME: Column = { ...column('Name', 'Name must be unique within a namespace.'), format: 'name' };
export const AGE = column('Age', 'Time since the object was created.');

export function ageOf({ metadata }: KubeObject, now: Date): string {
  return since(metadata.creationTimestamp, now);
}

/** Names and images of containers, comma-separated. */
export function containerCells(podSpec: Json): [string, string] {
  const containers = asObjects(podSpec.containers);
  return [containers.map(({ name }) => asString(name)).join(','), containers.map(({ image }) => asString(image)).join(',')];
}

/** `app=api,tier=web`; `<none>` for no labels. */
export function labelsText(labels: unknown): string {
  const pairs = Object.entries((labels ?? {}) as Record<string, unknown>).map(([key, value]) => `${key}=${String(value)}`);
  return pairs.sort().join(',') || '<none>';
}

/** Up to three entries, then how many more there are. */
export function shortened(entries: readonly string[], none: string): string {
  if (entries.length === 0) return none;
  const shown = entries.slice(0, 3).join(',');
  return entries.length > 3 ? `${shown} + ${entries.length - 3} more...` : shown;
}
