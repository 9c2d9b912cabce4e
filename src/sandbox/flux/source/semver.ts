/**
 * Version ranges of `spec.ref.semver`: `>=1.0.0 <2.0.0`, `~1.2`, `^1`, `1.x`, `1.0 - 2.0`, joined by commas or spaces (and)
 * and `||` (or). Source: github.com/Masterminds/semver/v3 (version.go, constraints.go), which Flux uses.
 */

export interface Version {
  /** As it was written, with its `v`. */
  original: string;
  numbers: readonly [number, number, number];
  /** Empty for releases. */
  prerelease: readonly string[];
}

type Check = (version: Version) => boolean;

const VERSION = /^v?(\d+)\.(\d+)\.(\d+)(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?$/;
const PARTIAL = String.raw`v?(\d+|[xX*])(?:\.(\d+|[xX*]))?(?:\.(\d+|[xX*]))?(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?`;
const TERM = new RegExp(String.raw`\s*(=|!=|>=|=>|<=|=<|>|<|~>|~|\^)?\s*${PARTIAL}\s*(?:,|(?=\s|$))`, 'y');
const HYPHEN = new RegExp(String.raw`\s*(${PARTIAL})\s+-\s+(${PARTIAL})\s*`);

/** A complete version; undefined where the text is not one (a tag `latest`). */
export function parseVersion(text: string): Version | undefined {
  const match = VERSION.exec(text);
  if (!match) return undefined;
  const [, major, minor, patch, prerelease] = match;
  return { original: text, numbers: [Number(major), Number(minor), Number(patch)], prerelease: prerelease?.split('.') ?? [] };
}

/** A test for a range; undefined where it is malformed. A pre-release passes only terms that name a pre-release themselves. */
export function parseRange(text: string): Check | undefined {
  const alternatives = text.split('||').map(parseAlternative);
  if (alternatives.some((checks) => checks === undefined)) return undefined;
  return (version) => alternatives.some((checks) => checks?.every((check) => check(version)));
}

/** Order of two versions, negative where the first is older. Source: https://semver.org, item 11. */
export function compareVersions(left: Version, right: Version): number {
  for (const index of [0, 1, 2] as const) {
    const difference = left.numbers[index] - right.numbers[index];
    if (difference !== 0) return difference;
  }
  if (left.prerelease.length === 0 || right.prerelease.length === 0) return right.prerelease.length - left.prerelease.length;
  for (let index = 0; index < Math.max(left.prerelease.length, right.prerelease.length); index++) {
    const difference = compareIdentifiers(left.prerelease[index], right.prerelease[index]);
    if (difference !== 0) return difference;
  }
  return 0;
}

function compareIdentifiers(left: string | undefined, right: string | undefined): number {
  if (left === undefined || right === undefined) return left === right ? 0 : left === undefined ? -1 : 1;
  const [leftNumber, rightNumber] = [/^\d+$/.test(left), /^\d+$/.test(right)];
  if (leftNumber && rightNumber) return Number(left) - Number(right);
  if (leftNumber !== rightNumber) return leftNumber ? -1 : 1;
  return left < right ? -1 : left > right ? 1 : 0;
}

function parseAlternative(text: string): Check[] | undefined {
  const expanded = text.trim().replace(HYPHEN, (_, low: string, ...rest: string[]) => `>=${low} <=${rest[4]}`);
  if (expanded === '') return undefined;
  const checks: Check[] = [];
  TERM.lastIndex = 0;
  while (TERM.lastIndex < expanded.length) {
    const match = TERM.exec(expanded);
    if (!match) return undefined;
    checks.push(termCheck(match));
  }
  return checks;
}

function termCheck(match: RegExpExecArray): Check {
  const [, operator = '', ...parts] = match;
  const given = parts.slice(0, 3).filter((part) => part !== undefined && !/^[xX*]$/.test(part)).length;
  const wild = parts.slice(0, 3).findIndex((part) => part === undefined || /^[xX*]$/.test(part));
  const known = wild < 0 ? 3 : Math.min(wild, given);
  const number = (index: number) => (index < known ? Number(parts[index]) : 0);
  const base: Version = { original: '', numbers: [number(0), number(1), number(2)], prerelease: parts[3]?.split('.') ?? [] };
  const allowed = boundsCheck(operator, base, known);
  return (version) => (version.prerelease.length === 0 || base.prerelease.length > 0) && allowed(version);
}

/** @param known how many of major, minor and patch the term names. */
function boundsCheck(operator: string, base: Version, known: number): Check {
  const atLeast: Check = (version) => compareVersions(version, base) >= 0;
  const below =
    (limit: Version): Check =>
    (version) =>
      compareVersions(version, limit) < 0;
  const within =
    (limit: Version): Check =>
    (version) =>
      atLeast(version) && below(limit)(version);
  const span = known === 0 ? () => true : within(next(base, known - 1));
  switch (operator) {
    case '>=':
    case '=>':
      return atLeast;
    case '<':
      return below(base);
    case '>':
      return known === 3
        ? (version) => compareVersions(version, base) > 0
        : (version) => compareVersions(version, next(base, known - 1)) >= 0;
    case '<=':
    case '=<':
      return known === 3 ? (version) => compareVersions(version, base) <= 0 : below(next(base, known - 1));
    case '!=':
      return (version) => !span(version) || (known === 3 && compareVersions(version, base) !== 0);
    case '~':
    case '~>':
      return known === 0 ? span : within(next(base, Math.min(known - 1, 1)));
    case '^':
      return known === 0 ? span : within(next(base, caretPosition(base, known)));
    default:
      return known === 3 ? (version) => compareVersions(version, base) === 0 : span;
  }
}

/** Position of the first number that a caret keeps: the leftmost that is not zero. */
function caretPosition(base: Version, known: number): number {
  const position = base.numbers.findIndex((value) => value > 0);
  return position < 0 || position >= known ? known - 1 : position;
}

/** The first version above all that agree with `base` up to `position`. */
function next(base: Version, position: number): Version {
  const numbers = base.numbers.map((value, index) => (index < position ? value : index === position ? value + 1 : 0));
  // The lowest pre-release of the limit stays outside as well.
  return { original: '', numbers: numbers as unknown as Version['numbers'], prerelease: ['0'] };
}
