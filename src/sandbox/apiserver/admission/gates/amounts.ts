/** Quantities as numbers, and back. */
import { canonicalQuantity, quantityAmount } from '../../fields/quantity.ts';

/** What a quantity means; 0 where there is none. */
export function amount(quantity: unknown): number {
  return quantityAmount(String(quantity ?? 0)) ?? 0;
}

/** A sum in the notation of one of its parts: `128Mi`, `150m`. */
export function quantityLike(sum: number, example: unknown): string {
  const isBinary = /(?:Ki|Mi|Gi|Ti|Pi|Ei)$/.test(String(example));
  return canonicalQuantity(isBinary ? `${sum / 1024}Ki` : `${Math.round(sum * 1000)}m`) ?? String(sum);
}
