import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseAllDocuments, stringify } from 'yaml';
import { keptStage, podStages, type Stage } from './stages.ts';

/**
 * Writes the stages that kwok is to play into one file.
 * @param from folder with kwok's own stages, `{node,pod}/*.yaml`
 */
export async function writeStages(from: string, file: string): Promise<string> {
  const theirs = (await readStages(from)).flatMap((stage) => keptStage(stage) ?? []);
  await writeFile(file, [...theirs, ...podStages()].map((stage) => stringify(stage, { lineWidth: 0 })).join('---\n'));
  return file;
}

async function readStages(folder: string): Promise<Stage[]> {
  const files = (await readdir(folder, { recursive: true })).filter((file) => file.endsWith('.yaml')).sort();
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')));
  return texts
    .flatMap((text) => parseAllDocuments(text).map((document) => document.toJS() as Stage | null))
    .filter((object): object is Stage => object?.kind === 'Stage');
}
