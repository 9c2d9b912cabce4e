/**
 * The canonical form of quantities (`0.5` → `500m`, `1024Mi` → `1Gi`), as the API server stores them.
 * Source: k8s.io/apimachinery pkg/api/resource/quantity.go.
 */

const BINARY = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
const DECIMAL = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E'];
const NANO = 1_000_000_000n;
const FORM = /^([+-]?)(\d*)(?:\.(\d*))?(Ki|Mi|Gi|Ti|Pi|Ei|n|u|m|k|M|G|T|P|E|[eE][+-]?\d+)?$/;

/** The canonical text of a quantity; undefined where `text` is none. Amounts are rounded up to the nano. */
export function canonicalQuantity(text: string): string | undefined {
  const match = FORM.exec(text.trim());
  const [, sign, whole = '', fraction = '', suffix = ''] = match ?? [];
  if (!match || whole + fraction === '') return undefined;
  const nanos = scaled(BigInt(`${whole}${fraction}`), fraction.length, suffix);
  const signed = `${sign === '-' && nanos !== 0n ? '-' : ''}`;
  if (/^[eE][+-]?\d/.test(suffix)) return signed + exponentText(nanos);
  const binary = suffix.endsWith('i') && nanos >= 1024n * NANO && nanos % NANO === 0n;
  return signed + (binary ? binaryText(nanos / NANO) : decimalText(nanos));
}

/** What a quantity means as a number; undefined where `text` is none. */
export function quantityAmount(text: string): number | undefined {
  const match = FORM.exec(text.trim());
  const [, sign, whole = '', fraction = '', suffix = ''] = match ?? [];
  if (!match || whole + fraction === '') return undefined;
  const size = Number(scaled(BigInt(`${whole}${fraction}`), fraction.length, suffix)) / Number(NANO);
  return sign === '-' ? -size : size;
}

function scaled(digits: bigint, decimals: number, suffix: string): bigint {
  const [factor, exponent] = suffix.endsWith('i') ? [1024n ** BigInt(BINARY.indexOf(suffix)), 0] : [1n, exponentOf(suffix)];
  const power = exponent - decimals + 9;
  const amount = digits * factor;
  return power >= 0 ? amount * 10n ** BigInt(power) : roundUp(amount, 10n ** BigInt(-power));
}

function exponentOf(suffix: string): number {
  if (/^[eE][+-]?\d/.test(suffix)) return Number(suffix.slice(1));
  return (DECIMAL.indexOf(suffix) - DECIMAL.indexOf('')) * 3;
}

function roundUp(amount: bigint, divisor: bigint): bigint {
  return (amount + divisor - 1n) / divisor;
}

function binaryText(amount: bigint): string {
  const [rest, steps] = reduced(amount, 1024n, BINARY.length - 1);
  return `${rest}${BINARY[steps]}`;
}

function decimalText(nanos: bigint): string {
  if (nanos === 0n) return '0';
  const [rest, steps] = reduced(nanos, 1000n, DECIMAL.length - 1);
  return `${rest}${DECIMAL[steps]}`;
}

function exponentText(nanos: bigint): string {
  if (nanos === 0n) return '0';
  const [rest, steps] = reduced(nanos, 1000n, Number.POSITIVE_INFINITY);
  return steps === 3 ? String(rest) : `${rest}e${(steps - 3) * 3}`;
}

/** Divides as often as it goes without a rest. */
function reduced(amount: bigint, base: bigint, limit: number): [bigint, number] {
  let [rest, steps] = [amount, 0];
  while (steps < limit && rest % base === 0n) {
    rest /= base;
    steps += 1;
  }
  return [rest, steps];
}
