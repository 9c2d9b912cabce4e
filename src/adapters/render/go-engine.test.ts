import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GoEngine } from './go-engine.ts';

/**
 * Speaks as the program of render/ does, and does what a file of the build says: `die`, `die once`, `hang`, `babble`,
 * or else answers with its process id as the text of a document.
 */
const PROGRAM = `
import { existsSync, writeFileSync } from 'node:fs';
let read = Buffer.alloc(0);
process.stdin.on('data', (chunk) => {
  read = Buffer.concat([read, chunk]);
  while (read.length >= 4 && read.length >= 4 + read.readUInt32BE()) {
    const size = read.readUInt32BE();
    answer(JSON.parse(read.subarray(4, 4 + size).toString()));
    read = read.subarray(4 + size);
  }
});
function answer({ id, files }) {
  const what = Buffer.from(files.what ?? '', 'base64').toString();
  const mark = process.argv[1] + '.died';
  if (what === 'die' || (what === 'die once' && !existsSync(mark))) {
    writeFileSync(mark, '');
    process.exit(3);
  }
  if (what === 'hang') return;
  if (what === 'babble') return void process.stdout.write(Buffer.from([0, 0, 0, 2, 63, 63]));
  const body = Buffer.from(JSON.stringify(what === 'refuse'
    ? { id, ok: false, message: "open /ebb-files/a.yaml: no such file, under '/ebb-files'" }
    : { id, ok: true, documents: [{ text: String(process.pid), data: { what } }] }));
  const head = Buffer.alloc(4);
  head.writeUInt32BE(body.length);
  process.stdout.write(Buffer.concat([head, body]));
}
`;

describe('the engine in a long-lived process', () => {
  let folder: string;
  let engine: GoEngine;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ebb-engine-'));
    await writeFile(join(folder, 'program.mjs'), PROGRAM);
    await writeFile(join(folder, 'program'), `#!/bin/sh\nexec ${process.execPath} ${join(folder, 'program.mjs')}\n`);
    await chmod(join(folder, 'program'), 0o755);
    engine = new GoEngine({ program: join(folder, 'program'), version: 'kustomize v0', buildWithin: 20_000 });
  });
  afterEach(async () => {
    await engine.close();
    await rm(folder, { recursive: true, force: true });
  });

  const build = (what: string, on = engine) => on.build(new Map([['what', new TextEncoder().encode(what)]]), '');

  async function processOf(what = ''): Promise<number> {
    const result = await build(what);
    if (!result.ok) throw new Error(result.message);
    return Number(result.documents[0]?.text);
  }

  it('starts with the first build and serves the next from the same process', async () => {
    expect(await processOf()).toBe(await processOf());
  });

  it('says what was refused with paths from the root', async () => {
    expect(await build('refuse')).toEqual({ ok: false, message: "open a.yaml: no such file, under '.'", fault: 'manifests' });
  });

  it('starts again when the process has died between builds', async () => {
    const first = await processOf();
    process.kill(first, 'SIGKILL');
    expect(await processOf()).not.toBe(first);
  });

  it('repeats a build during which the process died', async () => {
    expect(await build('die once')).toMatchObject({ ok: true });
  });

  it('fails a build that kills the process, and that one alone', async () => {
    const results = await Promise.all(['', 'die', 'x', 'y'].map((what) => build(what)));
    expect(results.map(({ ok }) => ok)).toEqual([true, false, true, true]);
    expect(results[1]).toEqual({ ok: false, message: 'the build program ended with exit code 3, twice in a row', fault: 'engine' });
    expect(await build('afterwards')).toMatchObject({ ok: true });
  });

  it('ends a process that does not answer', async () => {
    const hasty = new GoEngine({ program: join(folder, 'program'), version: 'kustomize v0', buildWithin: 150 });
    expect(await build('hang', hasty)).toMatchObject({
      ok: false,
      message: expect.stringContaining('did not answer within 0.15 s'),
      fault: 'engine',
    });
    await hasty.close();
  });

  it('ends a process that answers nonsense', async () => {
    expect(await build('babble')).toMatchObject({ ok: false, message: expect.stringContaining('not an answer'), fault: 'engine' });
  });

  it('fails where the program cannot be started', async () => {
    const missing = new GoEngine({ program: join(folder, 'none'), version: 'kustomize v0' });
    expect(await build('', missing)).toMatchObject({
      ok: false,
      message: expect.stringContaining('could not be started'),
      fault: 'engine',
    });
    await missing.close();
  });

  it('leaves no process behind when closed, and can be used again', async () => {
    const first = await processOf();
    await engine.close();
    expect(() => process.kill(first, 0)).toThrow('ESRCH');
    expect(await processOf()).not.toBe(first);
    await expect(readFile(join(folder, 'program.mjs.died'))).rejects.toThrow('ENOENT');
  });
});
