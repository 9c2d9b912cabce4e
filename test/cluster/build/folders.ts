/** Whole folders: linked, or copied so that they can be written to. */
import { chmodSync, copyFileSync, linkSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** The files of a folder again in another, sharing their content where the file system can; folders are merged. */
export function linkTree(from: string, to: string): void {
  eachFile(from, to, (source, target) => {
    try {
      linkSync(source, target);
    } catch {
      copyFileSync(source, target);
    }
  });
}

/** A copy whose files and folders can be changed and removed; those of Go's module cache cannot. */
export function copyWritable(from: string, to: string): void {
  eachFile(from, to, (source, target) => {
    copyFileSync(source, target);
    chmodSync(target, 0o644);
  });
}

function eachFile(from: string, to: string, each: (source: string, target: string) => void): void {
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) eachFile(source, target, each);
    else each(source, target);
  }
}
