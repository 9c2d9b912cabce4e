import { sameData } from '../diff/field-diff.ts';
import { parsePath } from '../diff/field-path.ts';
import { hideSecretValue } from '../diff/secret-mask.ts';
import { applyEdits } from './apply-edits.ts';
import { renderDocument } from './render-node.ts';
import type { Donor } from './source-entry.ts';
import { spliceEdits } from './splice.ts';
import { applySplices, type Splice, Unspliceable } from './text-splice.ts';
import { type Edit, mergeData, type ValueConflict } from './three-way.ts';
import { readYaml, type YamlDocument, type YamlFile } from './yaml-document.ts';

/** A field that the reverted commit and a later one both changed; undefined: absent. Values of Secrets are markers. */
export interface FieldConflict {
  /** The file, where more than one was merged. */
  file?: string;
  /** `Deployment/shop/api`; undefined where the document is no named object. */
  object?: string;
  /** `spec.template.spec.containers[app].image`; `''` is the whole document or file. */
  path: string;
  /** As the reverted commit left it. */
  base: unknown;
  /** As it is now. */
  ours: unknown;
  /** As it was before the reverted commit. */
  theirs: unknown;
  /** In words, where the values do not say it. */
  words?: string;
}

export type YamlMerge =
  | { kind: 'merged'; text: string }
  | { kind: 'conflict'; conflicts: FieldConflict[] }
  | { kind: 'unmergeable'; why: string };

/** Three states of one file's text. */
export interface YamlSides {
  /** As the reverted commit left it. */
  base: string;
  /** As it is now. */
  ours: string;
  /** As it was before the reverted commit. */
  theirs: string;
}

/**
 * Does to `ours` what led from `base` to `theirs`, field by field; everything else in `ours` stays as it is written:
 * comments, order, style, CRLF, a missing line break at the end. A field whose value in `ours` is neither that of `base`
 * nor that of `theirs` is a conflict. Never throws.
 */
export function mergeYaml(sides: YamlSides): YamlMerge {
  if (sides.base === sides.theirs || sides.ours === sides.theirs) return { kind: 'merged', text: sides.ours };
  if (sides.ours === sides.base) return { kind: 'merged', text: sides.theirs };
  const crlf = isMostlyCrlf(sides.ours);
  const open = !sides.ours.endsWith('\n');
  const merge = mergeNormal({ base: normal(sides.base), ours: normal(sides.ours), theirs: normal(sides.theirs) });
  if (merge.kind !== 'merged') return merge;
  if (merge.text === normal(sides.ours)) return { kind: 'merged', text: sides.ours };
  const text = open ? merge.text.replace(/\n$/, '') : merge.text;
  return { kind: 'merged', text: crlf ? text.replaceAll('\n', '\r\n') : text };
}

function isMostlyCrlf(text: string): boolean {
  const breaks = text.split('\n').length - 1;
  return breaks > 0 && (text.split('\r\n').length - 1) * 2 > breaks;
}

/** With `\n` alone, and one at the end. */
function normal(text: string): string {
  const lines = text.replaceAll('\r\n', '\n');
  return lines.endsWith('\n') || lines === '' ? lines : `${lines}\n`;
}

interface FileSides {
  base: YamlFile;
  ours: YamlFile;
  theirs: YamlFile;
}

function mergeNormal(texts: YamlSides): YamlMerge {
  const files: Partial<FileSides> = {};
  for (const [side, words] of [
    ['ours', 'the file as it is now'],
    ['base', 'the file as the reverted commit left it'],
    ['theirs', 'the file as it was before the reverted commit'],
  ] as const) {
    const file = readYaml(texts[side]);
    if ('why' in file) return { kind: 'unmergeable', why: `${words}: ${file.why}` };
    files[side] = file;
  }
  return mergeMatched(files as FileSides);
}

interface Match {
  base: YamlDocument | undefined;
  ours: YamlDocument | undefined;
  theirs: YamlDocument | undefined;
}

function mergeMatched(files: FileSides): YamlMerge {
  const matches = matchDocuments(files);
  if (typeof matches === 'string') return { kind: 'unmergeable', why: matches };
  const conflicts: FieldConflict[] = [];
  const plans = matches.map((match): DocumentPlan => {
    const plan = planDocument(match);
    conflicts.push(...plan.conflicts.map((conflict) => described(match, conflict)));
    return plan;
  });
  if (conflicts.length > 0) return { kind: 'conflict', conflicts };
  return write(files, plans);
}

/** Documents that are one object on all sides; a file of a single document on each side is one, whatever it is called. */
function matchDocuments({ base, ours, theirs }: FileSides): Match[] | string {
  const sides = [base.documents, ours.documents, theirs.documents];
  if (sides.every((documents) => documents.length === 1)) {
    return [{ base: base.documents[0], ours: ours.documents[0], theirs: theirs.documents[0] }];
  }
  const maps: Map<string, YamlDocument>[] = [];
  for (const documents of sides) {
    if (documents.some((document) => document.key === undefined)) return 'several documents, and not each has a kind and a name';
    const map = new Map(documents.map((document) => [document.key as string, document]));
    if (map.size < documents.length) return 'two documents are the same object';
    maps.push(map);
  }
  const [old, mine, other] = maps as [Map<string, YamlDocument>, Map<string, YamlDocument>, Map<string, YamlDocument>];
  const keys = new Set([...mine.keys(), ...old.keys(), ...other.keys()]);
  return [...keys].map((key) => ({ base: old.get(key), ours: mine.get(key), theirs: other.get(key) }));
}

interface DocumentPlan extends Match {
  action: 'keep' | 'edit' | 'remove' | 'add';
  edits: Edit[];
  conflicts: ValueConflict[];
}

function planDocument(match: Match): DocumentPlan {
  const { base, ours, theirs } = match;
  const plan: DocumentPlan = { ...match, action: 'keep', edits: [], conflicts: [] };
  const values = { base: base?.data, ours: ours?.data, theirs: theirs?.data };
  if (sameData(values.base, values.theirs) || sameData(values.ours, values.theirs)) return plan;
  if (base && ours && theirs) {
    const { edits, conflicts } = mergeData(values);
    return { ...plan, action: edits.length > 0 ? 'edit' : 'keep', edits, conflicts };
  }
  if (!base && !ours) return { ...plan, action: 'add' };
  if (ours && sameData(values.ours, values.base)) return { ...plan, action: 'remove' };
  return { ...plan, conflicts: [{ path: '', ...values }] };
}

function described(match: Match, conflict: ValueConflict): FieldConflict {
  const document = match.ours ?? match.base ?? match.theirs;
  const object = document?.label === undefined ? {} : { object: document.label };
  if (!Object.values(match).some((side) => side?.secret || hasGenerators(side))) return { ...object, ...conflict };
  const steps = parsePath(conflict.path);
  const hide = (value: unknown): unknown => hideSecretValue(steps, value);
  return { ...object, path: conflict.path, base: hide(conflict.base), ours: hide(conflict.ours), theirs: hide(conflict.theirs) };
}

/** A kustomization.yaml may hold the values of Secrets that it generates. */
function hasGenerators(document: YamlDocument | undefined): boolean {
  return typeof document?.data === 'object' && document.data !== null && 'secretGenerator' in document.data;
}

function write(files: FileSides, plans: readonly DocumentPlan[]): YamlMerge {
  const wanted = plans.flatMap((plan) => {
    if (plan.action === 'remove' || (plan.action === 'keep' && !plan.ours)) return [];
    if (plan.action === 'add') return [plan.theirs?.data];
    return [applyEdits(plan.ours?.data, plan.edits, plan.theirs?.data)];
  });
  for (const edit of [spliced, rewritten]) {
    const text = attempt(() =>
      applySplices(
        files.ours.text,
        plans.flatMap((plan) => edit(files, plan)),
      ),
    );
    if (text !== undefined && readsAs(text, wanted)) return { kind: 'merged', text };
  }
  return { kind: 'unmergeable', why: 'the change cannot be written into the file as it is now (anchors and aliases?)' };
}

/** undefined where the text cannot be made: by `splice.ts`, or by `yaml` for an alias whose anchor would be gone. */
function attempt(make: () => string): string | undefined {
  try {
    return make();
  } catch (problem) {
    if (problem instanceof Unspliceable || problem instanceof ReferenceError) return undefined;
    if (problem instanceof Error && /alias|anchor/i.test(problem.message)) return undefined;
    throw problem;
  }
}

function readsAs(text: string, wanted: readonly unknown[]): boolean {
  const file = readYaml(text);
  if ('why' in file) return false;
  const left = [...wanted];
  for (const document of file.documents) {
    const index = left.findIndex((data) => sameData(data, document.data));
    if (index < 0) return false;
    left.splice(index, 1);
  }
  return left.length === 0;
}

function donorOf(files: FileSides, document: YamlDocument): Donor {
  return { text: files.theirs.text, root: document.contents, data: document.data };
}

function spliced(files: FileSides, plan: DocumentPlan): Splice[] {
  if (plan.action !== 'edit' || !plan.ours || !plan.theirs || !plan.base) return wholeDocument(files, plan);
  const ours = { text: files.ours.text, root: plan.ours.contents };
  const base = { text: files.base.text, root: plan.base.contents };
  return spliceEdits({ ours, base, theirs: donorOf(files, plan.theirs) }, plan.edits);
}

/** The document written anew by `yaml`: comments and styles stay, indentation may not. */
function rewritten(files: FileSides, plan: DocumentPlan): Splice[] {
  if (plan.action !== 'edit' || !plan.ours || !plan.theirs) return wholeDocument(files, plan);
  const ours = { text: files.ours.text, root: plan.ours.contents };
  const [start, end] = plan.ours.contents.range as [number, number, number];
  const text = renderDocument(ours, plan.edits, donorOf(files, plan.theirs));
  return [{ start, end, text: files.ours.text[end - 1] === '\n' ? text : text.replace(/\n$/, '') }];
}

function wholeDocument(files: FileSides, plan: DocumentPlan): Splice[] {
  if (plan.action === 'remove' && plan.ours) return [{ start: plan.ours.start, end: plan.ours.end, text: '' }];
  if (plan.action !== 'add' || !plan.theirs) return [];
  const text = files.theirs.text.slice(plan.theirs.start, plan.theirs.end);
  const marked = text.startsWith('---') ? text : `---\n${text}`;
  const at = documentPlace(files, plan.theirs);
  const first = files.ours.documents.find((document) => document.start >= at);
  const needsMark = first !== undefined && !files.ours.text.startsWith('---', first.start);
  return [{ start: at, end: at, text: `${marked}${marked.endsWith('\n') ? '' : '\n'}${needsMark ? '---\n' : ''}` }];
}

/** Behind the nearest document before it that `ours` has too, else at the end. */
function documentPlace(files: FileSides, added: YamlDocument): number {
  const order = files.theirs.documents;
  const mine = new Map(files.ours.documents.map((document) => [document.key, document]));
  const before = order.slice(0, order.indexOf(added)).findLast((document) => mine.has(document.key));
  if (before) return mine.get(before.key)?.end ?? files.ours.text.length;
  const next = order.slice(order.indexOf(added) + 1).find((document) => mine.has(document.key));
  return (next && mine.get(next.key)?.start) ?? files.ours.text.length;
}
