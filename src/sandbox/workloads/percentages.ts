/**
 * A number or a percentage of `total`, rounded up or down; undefined counts as `fallback`.
 * Source: k8s.io/apimachinery pkg/util/intstr, GetScaledValueFromIntOrPercent.
 */
export function scaledValue(
  value: number | string | undefined,
  total: number,
  round: 'up' | 'down',
  fallback: number | string = 0,
): number {
  const given = value ?? fallback;
  if (typeof given === 'number') return given;
  const exact = (Number.parseInt(given, 10) * total) / 100;
  return round === 'up' ? Math.ceil(exact) : Math.floor(exact);
}
