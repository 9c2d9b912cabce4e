/** The names nearest to a misspelt one, at most three, the nearest first; empty where none is near. */
export function didYouMean(typed: string, names: readonly string[]): string[] {
  if (typed === '') return [];
  const wanted = typed.toLowerCase();
  const limit = Math.max(1, Math.floor(typed.length / 3));
  return [...new Set(names)]
    .map((name) => ({ name, distance: nearness(wanted, name.toLowerCase()) }))
    .filter((candidate) => candidate.distance <= limit)
    .sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1))
    .slice(0, 3)
    .map((candidate) => candidate.name);
}

/** A name of which only the beginning was typed, or that was typed with something added, is as near as one slip. */
function nearness(typed: string, name: string): number {
  const begun = name !== '' && (name.startsWith(typed) || typed.startsWith(name));
  return begun && typed !== name ? 1 : distance(typed, name);
}

/** Slips between two words: letters put in, left out, replaced, or two neighbours swapped (optimal string alignment). */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped = j > 1 && i > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? (before[j - 2] as number) + 1 : replaced;
      next.push(Math.min((row[j] as number) + 1, (next[j - 1] as number) + 1, replaced, swapped));
    }
    before = row;
    row = next;
  }
  return row[b.length] as number;
}
